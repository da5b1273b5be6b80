// Events and actions as packed bytes: what a recording stores and what replay compares.
//
// Actions are packed one by one and depend on nothing else, so equal actions are equal bytes.
// Events are packed against the event before (times) and the last candle and book of their
// instrument (prices), so an encoder is reset at each block and a block is read without the one
// before. `recording_version` changes when either form does; the numbers of kinds are the variant's
// indices and are append-only.
#pragma once

#include "core/base/result.h"
#include "core/domain/action.h"
#include "core/domain/event.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace aitrade {

constexpr std::uint32_t recording_version = 5;

/// Returns the packed form of an action.
std::string encode_action(const Action& action);

/// Reads an action back; errors: corrupt.
Result<Action> decode_action(std::string_view bytes);

/// What packing an event may refer to.
struct EventContext {
  std::uint64_t seq{0};
  std::int64_t at{0};
  std::int64_t when{0};
  std::map<InstrumentId, Candle> candles;
  std::map<InstrumentId, BookTop> books;
  std::map<InstrumentId, BookAnalysis> analyses;
};

/// Appends the packed event to `out` and moves the context on.
void encode_event(const Event& event, EventContext& context, std::string& out);

class PackReader;

/// Reads the next event and moves the context on; errors: corrupt.
Result<Event> decode_event(PackReader& in, EventContext& context);

}  // namespace aitrade
