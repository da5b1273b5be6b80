// Threads that serve people yield to the ones that trade.
#pragma once

namespace aitrade {

/// Niceness of the threads of API and live stream: of a crowded processor the engine gets ten times their share.
constexpr int serving_nice = 10;

/// Lowers the priority of the calling thread by 1 to 19, as `nice` counts. Where that is refused nothing changes.
void yield_to_others(int nice);

/// Asks that the calling thread, which works little and often, runs at once when it has something to do: its turns are
/// at most a tenth of a millisecond long, which the scheduler pays back by beginning them first (Linux 6.12 and later;
/// elsewhere nothing changes). It gets no larger share of the processor.
void wake_promptly();

}  // namespace aitrade
