#include "core/config/config.h"

#include "core/config/keys.h"

#include <openssl/evp.h>

#include <array>
#include <map>

namespace aitrade {

namespace {

std::string sha256_hex(const std::string& text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  AITRADE_CHECK(EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) ==
                1);
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (unsigned int i = 0; i < size; ++i) {
    out += digits[digest[i] >> 4U];
    out += digits[digest[i] & 0xFU];
  }
  return out;
}

}  // namespace

std::string config_hash(const Config& config) {
  Config copy = config;  // rows hand out mutable places
  std::map<std::string, std::string> values;
  const KeyTable table({});
  for (const Key& key : table.all()) {
    if (key.decides && !key.name.starts_with("strategies."))
      values[key.name] = render(key.in(copy));
  }
  for (const auto& [name, strategy] : config.strategies) {
    const std::string prefix = "strategies." + name + ".";
    values[prefix + "enabled"] = strategy.enabled ? "true" : "false";
    values[prefix + "weight"] = shortest(strategy.weight);
    for (const auto& [parameter, value] : strategy.parameters) {
      values[prefix + parameter] = shortest(value);
    }
  }
  std::string text = "aitrade configuration 1\n";
  for (const auto& [name, value] : values)
    text += name + " = " + value + "\n";
  return sha256_hex(text);
}

}  // namespace aitrade
