#include "core/auth/client_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace aitrade {
namespace {

constexpr std::size_t forwarded_most = 16;

struct Address {
  std::array<unsigned char, 16> bytes{};
  std::size_t size{0};   // 4 or 16
};

std::optional<Address> parse(std::string_view text) {
  if (text.size() > INET6_ADDRSTRLEN) return std::nullopt;
  const std::string copy(text);
  Address address;
  address.size = 4;
  if (::inet_pton(AF_INET, copy.c_str(), address.bytes.data()) == 1) return address;
  address.size = 16;
  if (::inet_pton(AF_INET6, copy.c_str(), address.bytes.data()) == 1) return address;
  return std::nullopt;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::string address_class(std::string_view address) {
  auto parsed = parse(address);
  if (!parsed || parsed->size == 4) return std::string(address);
  std::fill(parsed->bytes.begin() + 8, parsed->bytes.end(), static_cast<unsigned char>(0));
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(AF_INET6, parsed->bytes.data(), text.data(), text.size());
  return std::string(text.data()) + "/64";
}

bool is_in_network(std::string_view address, std::string_view network) {
  const auto slash = network.find('/');
  const auto one = parse(address);
  const auto other = parse(network.substr(0, slash));
  if (!one || !other || one->size != other->size) return false;
  std::size_t bits = one->size * 8;
  if (slash != std::string_view::npos) {
    const std::string_view text = network.substr(slash + 1);
    std::size_t given = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), given);
    if (ec != std::errc{} || end != text.data() + text.size() || given > bits) return false;
    bits = given;
  }
  for (std::size_t i = 0; i < bits; ++i) {
    const auto mask = static_cast<unsigned char>(0x80U >> (i % 8));
    if (((one->bytes[i / 8] ^ other->bytes[i / 8]) & mask) != 0) return false;
  }
  return true;
}

std::string client_address(std::string_view peer, std::string_view forwarded_for,
                           const std::vector<std::string>& trusted) {
  const auto is_trusted = [&trusted](std::string_view address) {
    return std::any_of(trusted.begin(), trusted.end(),
                       [address](const std::string& network) { return is_in_network(address, network); });
  };
  if (forwarded_for.empty() || !is_trusted(peer)) return std::string(peer);
  if (static_cast<std::size_t>(std::count(forwarded_for.begin(), forwarded_for.end(), ',')) >= forwarded_most) {
    return std::string(peer);
  }
  std::string_view rest = forwarded_for;
  while (true) {
    const auto comma = rest.rfind(',');
    const std::string_view last = trimmed(comma == std::string_view::npos ? rest : rest.substr(comma + 1));
    if (!parse(last)) return std::string(peer);
    if (!is_trusted(last)) return std::string(last);
    if (comma == std::string_view::npos) return std::string(peer);
    rest = rest.substr(0, comma);
  }
}

}  // namespace aitrade
