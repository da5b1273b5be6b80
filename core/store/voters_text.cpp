#include "core/store/voters_text.h"

#include "core/store/json_text.h"

#include <charconv>

namespace aitrade {

std::string to_text(const Voters& voters, const StoreNames& names) {
  std::string out;
  for (std::size_t i = 0; i < voters.count; ++i) {
    if (i > 0) out += ',';
    out += names.strategy(voters.shares[i].strategy) + ':';
    append_json_number(out, voters.shares[i].share);
  }
  return out;
}

Voters parse_voters(std::string_view text, const StoreNames& names) {
  Voters out;
  while (!text.empty() && out.count < Voters::most) {
    const std::string_view item = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), item.size() + 1));
    const std::size_t colon = item.find(':');
    if (colon == std::string_view::npos) return Voters{};
    double share = 0;
    const auto parsed = std::from_chars(item.data() + colon + 1, item.data() + item.size(), share);
    if (parsed.ec != std::errc{} || !(share > 0 && share <= 1)) return Voters{};
    for (const auto& [known, name] : names.strategies) {
      if (name == item.substr(0, colon)) out.shares[out.count++] = {known, share};
    }
  }
  return out;
}

}  // namespace aitrade
