#include "core/api/signature.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "core/auth/api_key.h"

namespace aitrade {
namespace {

constexpr std::size_t header_max = 1024, macs_max = 8, digits_max = 12;
constexpr int failures_max = 10;
constexpr Duration failures_span{minutes{1}}, silence{minutes{10}};
constexpr std::size_t clients_max = 4096;

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

bool is_time(std::string_view text) {
  return !text.empty() && text.size() <= digits_max && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::optional<Digest> mac_of(std::string_view hex) {
  Digest mac{};
  const std::string bytes = from_hex(hex);
  if (hex.size() != 2 * mac.size() || bytes.size() != mac.size()) return std::nullopt;
  std::copy(bytes.begin(), bytes.end(), mac.begin());
  return mac;
}

}  // namespace

std::optional<SignedStamp> parse_stamp(std::string_view header) {
  if (header.empty() || header.size() > header_max) return std::nullopt;
  SignedStamp stamp;
  while (!header.empty()) {
    const auto end = std::min(header.find(','), header.size());
    const std::string_view item = trimmed(header.substr(0, end));
    header.remove_prefix(std::min(end + 1, header.size()));
    const auto equals = item.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string_view name = trimmed(item.substr(0, equals)), value = trimmed(item.substr(equals + 1));
    if (name == "t") {
      if (!stamp.time.empty() || !is_time(value)) return std::nullopt;
      stamp.time = value;
    } else if (name == "v1") {
      const auto mac = mac_of(value);
      if (!mac || stamp.macs.size() == macs_max) return std::nullopt;
      stamp.macs.push_back(*mac);
    }
  }
  if (stamp.time.empty() || stamp.macs.empty()) return std::nullopt;
  return stamp;
}

std::optional<SignedStamp> stamp_of(std::string_view time, std::string_view hex) {
  const auto mac = mac_of(hex);
  if (!is_time(time) || !mac) return std::nullopt;
  return SignedStamp{std::string(time), {*mac}};
}

SignatureVerdict judge_signature(const SignedStamp& stamp, std::string_view body, std::span<const Secret> secrets,
                                 Time now, Duration tolerance) {
  std::string text = stamp.time + ".";
  text += body;
  bool is_ours = false;
  for (const Secret& secret : secrets) {
    const Digest expected = hmac_sha256(secret.reveal(), text);
    for (const Digest& mac : stamp.macs) is_ours = (equal_digests(mac, expected) && !secret.empty()) || is_ours;
  }
  if (!is_ours) return SignatureVerdict::wrong;
  std::int64_t second = 0;
  std::from_chars(stamp.time.data(), stamp.time.data() + stamp.time.size(), second);
  const std::int64_t apart = second > now.seconds_floor() ? second - now.seconds_floor() : now.seconds_floor() - second;
  return apart * 1'000 <= std::chrono::duration_cast<milliseconds>(tolerance).count() ? SignatureVerdict::right
                                                                                     : SignatureVerdict::stale;
}

Duration SignatureGuard::wait(const std::string& client, Time now) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(client);
  if (found == entries_.end() || found->second.until <= now) return Duration{0};
  return found->second.until - now;
}

void SignatureGuard::failed(const std::string& client, Time now) {
  const std::lock_guard lock(mutex_);
  if (!entries_.contains(client) && entries_.size() >= clients_max) {
    const auto oldest = std::min_element(entries_.begin(), entries_.end(), [](const auto& a, const auto& b) {
      return a.second.since < b.second.since;
    });
    entries_.erase(oldest);
  }
  Entry& entry = entries_[client];
  if (entry.count == 0 || now - entry.since > failures_span) entry = {now, entry.until, 0};
  if (++entry.count < failures_max) return;
  entry = {now, now + silence, 0};
}

}  // namespace aitrade
