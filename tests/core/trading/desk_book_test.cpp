// Who sees the analysed book, and for how long.
#include <catch2/catch.hpp>

#include "tests/support/engine_rig.h"

namespace aitrade {
namespace {

using namespace test;

/// Goes with the book's score, when there is an analysis.
class BookFollower final : public Strategy {
 public:
  explicit BookFollower(const Parameters& p) : parameters_(p) {}

  [[nodiscard]] int warm_up() const override { return 1; }

  [[nodiscard]] Signal judge(const MarketView& market) const override {
    const BookAnalysis* book = market.analysis();
    return signal_of(book != nullptr && book->score > 0.3 ? 1 : 0, market.bar().close, parameters_);
  }

 private:
  Parameters parameters_;
};

/// Says no unless the view has an analysis.
class BookGate final : public EntryGate {
 public:
  [[nodiscard]] GateOpinion assess(const Opinion& opinion, const MarketView& market) const override {
    GateOpinion out = OpenGate().assess(opinion, market);
    out.allowed = market.analysis() != nullptr;
    return out;
  }
};

TradingRules follower_rules() {
  static const StrategyInfo info = info_of<BookFollower>("book_follower", Family::microstructure);
  TradingRules rules = script_rules();
  rules.strategies = {choose(info)};
  return rules;
}

BookSummary summary(double score) {
  BookSummary out{InstrumentId{0}, BookTop{px("99.99"), px("100.01"), qty("1"), qty("1"), 0}};
  out.analysis.emplace();
  out.analysis->score = score;
  return out;
}

/// Shows the book `age` before the next candle closes and returns how many orders that candle makes.
std::size_t orders_after(EngineRig& rig, const BookSummary& book, Duration age) {
  rig.step(book, minute(rig.next + 1) - age);
  return all<SubmitOrder>(rig.tick()).size();
}

}  // namespace

TEST_CASE("desk: a strategy sees the analysed book while it is fresh", "[trading][book]") {
  CHECK(orders_after(EngineRig(follower_rules()).warm(), summary(0.5), seconds{0}) == 1);
  CHECK(orders_after(EngineRig(follower_rules()).warm(), summary(0.5), seconds{3}) == 1);
  CHECK(orders_after(EngineRig(follower_rules()).warm(), summary(0.5), milliseconds{3001}) == 0);
  CHECK(orders_after(EngineRig(follower_rules()).warm(), summary(0.2), seconds{1}) == 0);
  // It may come after the close and before the candle that tells of it.
  CHECK(orders_after(EngineRig(follower_rules()).warm(), summary(0.5), -seconds{1}) == 1);
}

TEST_CASE("desk: a summary without analysis, a lost book and a lost feed take it away", "[trading][book]") {
  EngineRig rig(follower_rules());
  rig.warm();
  const Time now = minute(rig.next + 1);
  const auto seen = [&] { return rig.engine->desk().analysis(InstrumentId{0}, now) != nullptr; };
  CHECK_FALSE(seen());
  rig.step(summary(0.5), now);
  CHECK(seen());
  BookSummary settling = summary(0.5);
  settling.analysis.reset();
  rig.step(settling, now);
  CHECK_FALSE(seen());
  rig.step(summary(0.5), now);
  rig.step(BookSummary{InstrumentId{0}, BookTop{}}, now);
  CHECK_FALSE(seen());
  rig.step(summary(0.5), now);
  rig.step(FeedDown{}, now);
  CHECK_FALSE(seen());
  CHECK(all<SubmitOrder>(rig.tick()).empty());
}

TEST_CASE("desk: the entry gate sees the same analysis", "[trading][book]") {
  const auto entries = [](Duration age) {
    BookGate gate;
    EngineSetup setup;
    setup.rules = script_rules();
    setup.instruments = {spot()};
    setup.gate = &gate;
    Engine engine(std::move(setup));
    ActionList actions;
    const auto step = [&](EventBody body, Time when) {
      Event event;
      event.at = event.when = when;
      event.body = std::move(body);
      actions.clear();
      engine.step(event, actions);
    };
    AccountRestored account;
    account.cash = account.day_start_equity = account.peak_equity = usd("10000");
    account.day_start = midnight;
    step(account, midnight);
    step(FeedUp{}, midnight);
    for (std::int64_t i = 0; i < warm_bars; ++i) step(CandleClosed{InstrumentId{0}, flat(i), false}, minute(i + 1));
    step(summary(0), minute(warm_bars + 1) - age);
    step(CandleClosed{InstrumentId{0}, flat(warm_bars, "100", go_long), false}, minute(warm_bars + 1));
    return all<SubmitOrder>({actions.begin(), actions.end()}).size();
  };
  CHECK(entries(seconds{1}) == 1);
  CHECK(entries(seconds{4}) == 0);
}

}  // namespace aitrade
