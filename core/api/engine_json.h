// One engine among several as JSON: what heartbeat and list of engines tell alike; internal to core/api.
#pragma once

#include "core/api/route.h"

namespace aitrade {

class Json;

/// Whether an engine follows the market: running, or paused with its exits working.
inline bool is_moving(const EngineView& view) { return view.state == "running" || view.state == "paused"; }

/// Seconds from `then` to `now` with milliseconds; 0 when there was no then, or it is ahead.
inline double age_s(Time now, Time then) {
  return then.ns == 0 || now < then ? 0.0 : static_cast<double>((now - then).count() / 1'000'000) / 1e3;
}

/// Writes the fields of an engine into an object that is open: whose it is, its state, its feed.
void write_engine(Json& json, const Call& call, std::size_t seat);

}  // namespace aitrade
