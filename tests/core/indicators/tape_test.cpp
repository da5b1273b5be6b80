// Tapes: a set that plays a history says at every bar what a set that computes says.

#include <catch2/catch.hpp>

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "core/base/random.h"
#include "core/indicators/indicator_set.h"
#include "core/indicators/request.h"

using namespace aitrade;

namespace {

/// Keeps everything.
class Shelf final : public TapeSource {
 public:
  std::shared_ptr<Tape> find(const TapeKey& key) override {
    const auto known = tapes.find(key);
    return known == tapes.end() ? nullptr : known->second;
  }

  std::shared_ptr<Tape> blank(std::size_t size) override {
    auto tape = std::make_shared<Tape>();
    tape->cells = std::make_unique<double[]>(size);
    std::fill_n(tape->cells.get(), size, 12345.0);   // whatever was there
    tape->size = size;
    ++blanks;
    return tape;
  }

  void publish(const TapeKey& key, const std::shared_ptr<Tape>& tape) override { tapes.try_emplace(key, tape); }

  std::map<TapeKey, std::shared_ptr<Tape>> tapes;
  int blanks{0};
};

struct Market {
  std::vector<Bar> bars;
  std::vector<std::size_t> starts{0, 1, 400, 401, 1500};

  explicit Market(std::size_t count) {
    Random random(3);
    double price = 100;
    for (std::size_t i = 0; i < count; ++i) {
      Bar bar;
      bar.open = price;
      price *= 1 + 0.01 * random.normal();
      bar.close = price;
      bar.high = std::max(bar.open, bar.close) * (1 + 0.003 * random.uniform());
      bar.low = std::min(bar.open, bar.close) * (1 - 0.003 * random.uniform());
      bar.volume = 10 + 5 * random.uniform();
      if (i == 700) bar.close = nan_value;
      bars.push_back(bar);
    }
  }

  [[nodiscard]] BarTape tape() const { return {bars, starts}; }
};

/// Every indicator there is, with its defaults.
std::vector<Line> ask_all(IndicatorSet& set) {
  std::vector<Line> lines;
  for (const IndicatorKind& kind : indicator_kinds()) {
    auto columns = request(set, kind.name);
    REQUIRE(columns);
    for (const RequestedColumn& column : *columns) lines.push_back(column.line);
  }
  return lines;
}

bool same(double a, double b) {
  return a == b || (std::isnan(a) && std::isnan(b));
}

std::size_t differences(const std::vector<Line>& a, const std::vector<Line>& b) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t k = 0; k < 12; ++k) count += same(a[i][k], b[i][k]) ? 0U : 1U;   // 8 are kept, then NaN
  }
  return count;
}

/// Walks both sets over the market and counts where they differ.
std::size_t walk(const Market& market, IndicatorSet& computing, const std::vector<Line>& truth, IndicatorSet& playing,
                 const std::vector<Line>& played) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < market.bars.size(); ++i) {
    if (i > 0 && market.tape().begins_series(i)) {
      computing.reset();
      playing.reset();
    }
    computing.update(market.bars[i]);
    playing.update(market.bars[i]);
    count += differences(truth, played);
    REQUIRE(computing.bars() == playing.bars());
  }
  return count;
}

}  // namespace

TEST_CASE("tape: every indicator plays what it computes, over breaks and bad values", "[indicators]") {
  const Market market(2500);
  Shelf shelf;
  for (const bool is_first : {true, false}) {
    IndicatorSet computing(minutes{5});
    IndicatorSet playing(minutes{5});
    const std::vector<Line> truth = ask_all(computing);
    const std::vector<Line> played = ask_all(playing);
    const int warm_up = playing.warm_up();
    playing.play(market.tape(), shelf);
    CHECK(playing.warm_up() == warm_up);
    CHECK(playing.bars() == 0);
    CHECK(shelf.blanks == static_cast<int>(shelf.tapes.size()));   // the second set computes nothing
    CAPTURE(is_first);
    CHECK(walk(market, computing, truth, playing, played) == 0);
  }
}

TEST_CASE("tape: a set that is sent to a bar stands as if it had walked there", "[indicators]") {
  const Market market(2500);
  Shelf shelf;
  IndicatorSet playing(minutes{5});
  const std::vector<Line> played = ask_all(playing);
  playing.play(market.tape(), shelf);
  for (const std::size_t bar : {0UL, 1UL, 399UL, 400UL, 401UL, 900UL, 1499UL, 1500UL, 2499UL, 30UL}) {
    IndicatorSet computing(minutes{5});
    const std::vector<Line> truth = ask_all(computing);
    for (std::size_t i = market.starts[market.tape().series_of(bar)]; i <= bar; ++i) computing.update(market.bars[i]);
    playing.seek(market.tape(), bar);
    CAPTURE(bar);
    CHECK(differences(truth, played) == 0);
    CHECK(playing.bars() == computing.bars());
  }
}

TEST_CASE("tape: what is built on a known column may be new, and a longer look back is another tape",
          "[indicators]") {
  const Market market(2500);
  Shelf shelf;
  IndicatorSet first(minutes{5});
  first.ema(20);
  first.play(market.tape(), shelf);
  CHECK(shelf.blanks == 1);

  IndicatorSet computing(minutes{5});
  IndicatorSet playing(minutes{5});
  const std::vector<Line> truth{computing.keltner(20, 14, 1.5).lower};
  const std::vector<Line> played{playing.keltner(20, 14, 1.5).lower};
  playing.play(market.tape(), shelf);
  CHECK(shelf.blanks == 3);   // the average was known
  CHECK(walk(market, computing, truth, playing, played) == 0);

  IndicatorSet longer(minutes{5});
  longer.ema(20, 40);
  longer.play(market.tape(), shelf);
  CHECK(shelf.blanks == 4);
}
