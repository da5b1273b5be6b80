// Threads that serve people yield to the one that trades.
#pragma once

namespace aitrade {

/// Niceness of the threads of API and live stream: of a crowded processor the engine gets ten times their share.
constexpr int serving_nice = 10;

/// Lowers the priority of the calling thread by 1 to 19, as `nice` counts. Where that is refused nothing changes.
void yield_to_others(int nice);

}  // namespace aitrade
