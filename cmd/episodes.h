// What a recording tells of one thing: the decision that began it, and everything that followed.
//
// An episode of a pair begins with a decision to enter and ends with the trade it became, or with the next entry. It
// is put together from recorded events and actions alone; nothing is decided again.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/domain/book.h"
#include "core/domain/candle.h"
#include "core/domain/signal.h"
#include "core/store/recording.h"

namespace aitrade::cli {

/// What to look for. One of `trade_event`, `order` or `moment` is set.
struct EpisodeWish {
  std::string pair;                            // "BTC/USD"; empty: every pair
  std::optional<EventSeq> trade_event;         // of the event that closed the trade, in the run that `run` names
  std::string run;                             // id, for trade_event
  std::string order;                           // "EPOCH-SEQUENCE-role-attempt" or the venue's name of it
  std::optional<Time> moment;                  // the newest decision of each pair up to it
};

/// One thing that happened, in words.
struct EpisodeLine {
  Time when;
  std::string what;   // "order", "fill", "stop", "venue", "trade", ...
  std::string words;
};

struct Episode {
  std::string run;
  std::string pair;
  std::optional<Decision> decision;   // none when it was made before the recordings there are
  std::optional<Candle> candle;       // the newest of the pair when it was made
  std::optional<BookTop> book;        // likewise
  std::vector<std::string> strategies;   // names by id
  std::vector<EpisodeLine> lines;
};

/// Finds what is asked for in the recordings of these folders, oldest first; one episode for a trade or an order, one
/// with a decision alone for each pair at a moment. Empty when no recording tells of it.
///
/// Errors: corrupt, io
Result<std::vector<Episode>> find_episodes(const std::vector<std::filesystem::path>& runs, const EpisodeWish& wish);

}  // namespace aitrade::cli
