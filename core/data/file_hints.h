// What does a common file name say about its content?
//
// "XBTUSD_60.csv" (Kraken's archive), "bitfinex_BTCUSD_1m_2018.csv.gz", "BTC_USDT-5m.csv". A hint is used
// only where nothing better is known, and never when the name allows two readings.
#pragma once

#include <optional>
#include <string_view>

#include "core/base/time.h"
#include "core/domain/instrument.h"

namespace aitrade {

struct FileHints {
  std::optional<Symbol> symbol;
  std::optional<Duration> interval;
};

/// Reads hints from a path; what is not plain or names two things is left out. Pairs are in capitals.
FileHints hints_from_path(std::string_view path);

}  // namespace aitrade
