#include "exchanges/loopback/fees.h"

#include <algorithm>
#include <array>

namespace aitrade::loopback {
namespace {

struct Row {
  std::int64_t volume;
  int taker, maker;  // hundredths of a per cent
};

constexpr std::array<Row, 9> published{{{0, 26, 16},
                                        {50'000, 24, 14},
                                        {100'000, 22, 12},
                                        {250'000, 20, 10},
                                        {500'000, 18, 8},
                                        {1'000'000, 16, 6},
                                        {2'500'000, 14, 4},
                                        {5'000'000, 12, 2},
                                        {10'000'000, 10, 0}}};

}  // namespace

FeeLadder::FeeLadder() {
  for (const Row& row : published) {
    steps_.push_back({Money::from_raw(row.volume * Money::scale),
                      Rate::from_raw(row.taker * (Rate::scale / 10'000)),
                      Rate::from_raw(row.maker * (Rate::scale / 10'000))});
  }
}

const FeeLadder::Step& FeeLadder::at(Money volume) const {
  const Step* found = &steps_.front();
  for (const Step& step : steps_) {
    if (step.volume <= volume) found = &step;
  }
  return *found;
}

const FeeLadder::Step* FeeLadder::after(Money volume) const {
  const auto found = std::find_if(steps_.begin(), steps_.end(),
                                  [&](const Step& step) { return step.volume > volume; });
  return found == steps_.end() ? nullptr : &*found;
}

std::string percent_text(Rate rate, int places) {
  const std::int64_t hundredfold = rate.raw() * 100;
  int needed = Rate::decimals;
  for (std::int64_t rest = hundredfold; needed > 0 && rest % 10 == 0; rest /= 10)
    --needed;
  return fixed_detail::print_places(hundredfold, Rate::decimals, std::max(places, needed));
}

std::string FeeLadder::json() const {
  const auto rows = [&](auto rate_of) {
    std::string out = "[";
    for (const Step& step : steps_) {
      if (out.size() > 1) out += ',';
      out += "[" + to_string(step.volume) + "," + percent_text(rate_of(step), 0) + "]";
    }
    return out + "]";
  };
  return "\"fees\":" + rows([](const Step& s) { return s.taker; }) +
         ",\"fees_maker\":" + rows([](const Step& s) { return s.maker; });
}

}  // namespace aitrade::loopback
