// Which keys of the configuration may `tune` search, beside the parameters of a strategy?
//
// The numbers of [ai], [risk] and [trading] that a backtest follows and that do not change what it is fed. The
// table of keys names them, with their bounds.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/config/keys.h"
#include "ml/search_space.h"

namespace aitrade::cli {

/// Whether an axis names a key ("risk.trailing_step_atr") and not a parameter ("ema_fast").
inline bool is_rule_key(std::string_view name) { return name.find('.') != std::string_view::npos; }

class RuleKeys {
 public:
  RuleKeys();

  /// Returns the keys that may be searched with their bounds and configured values.
  [[nodiscard]] std::vector<ml::ParameterBounds> bounds(const Config& config) const;

  /// Returns the configuration with the keys among `axes` at the values of `point`; other axes are passed over.
  /// Errors: invalid, where a key or the rules between keys refuse it. Thread: several may call
  [[nodiscard]] Result<Config> apply(const Config& config, const std::vector<ml::Axis>& axes,
                                     const ml::Point& point) const;

 private:
  KeyTable table_;
};

}  // namespace aitrade::cli
