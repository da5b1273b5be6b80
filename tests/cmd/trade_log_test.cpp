// What the terminal tells of positions and trades.

#include "cmd/trade_log.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace aitrade;
using namespace aitrade::cli;

namespace {

/// A log whose lines are kept, without their times, and the view that is shown to it.
struct Bench {
  Bench() {
    LogOptions options;
    options.console_to = [this](std::string_view line) { lines.emplace_back(line.substr(line.find("info"))); };
    log.set_up(options);
    view.run = "r";
  }

  void open(const char* pair, std::int64_t at) {
    PositionView position;
    position.symbol = pair;
    position.direction = Direction::long_;
    position.quantity = Quantity::parse_or_die("2");
    position.entry = Price::parse_or_die("100");
    position.stop = Price::parse_or_die("99");
    position.target = Price::parse_or_die("102");
    position.opened_at = Time::from_seconds(at);
    position.lead = "trend";
    view.positions.push_back(position);
  }

  void close(const char* pair, const char* pnl) {
    TradeView row;
    row.symbol = pair;
    row.trade.direction = Direction::long_;
    row.trade.pnl = Money::parse_or_die(pnl);
    row.trade.reason = ExitReason::stop;
    row.lead = "trend";
    view.recent_trades.insert(view.recent_trades.begin(), row);
    ++view.trades;
  }

  [[nodiscard]] std::ptrdiff_t count(const std::string& part) const {
    return std::count_if(lines.begin(), lines.end(),
                         [&part](const std::string& line) { return line.find(part) != std::string::npos; });
  }

  std::vector<std::string> lines;
  Log log;
  TradeLog trades{log};
  EngineView view;
};

}  // namespace

TEST_CASE("trade log: a position that opens and a trade that closes are a line each, once", "[cmd][trade_log]") {
  Bench bench;
  bench.trades.look(bench.view);

  bench.open("BTC/USD", 60);
  bench.trades.look(bench.view);
  bench.trades.look(bench.view);
  REQUIRE(bench.lines.size() == 1);
  CHECK(bench.lines[0].find("position.opened pair=BTC/USD direction=long quantity=2 entry=100 stop=99 target=102 "
                            "strategy=trend") != std::string::npos);

  bench.view.positions.clear();
  bench.close("BTC/USD", "-1.5");
  bench.trades.look(bench.view);
  bench.trades.look(bench.view);
  REQUIRE(bench.lines.size() == 2);
  CHECK(bench.lines[1].find("trade.closed pair=BTC/USD") != std::string::npos);
  CHECK(bench.lines[1].find("pnl=-1.5 reason=stop") != std::string::npos);
}

TEST_CASE("trade log: what a start recovers is not news", "[cmd][trade_log]") {
  Bench bench;
  bench.open("BTC/USD", 60);
  bench.close("ETH/USD", "3");

  bench.trades.look(bench.view);

  CHECK(bench.lines.empty());
}

TEST_CASE("trade log: of many trades in one look the newest are shown, oldest first, and all are counted",
          "[cmd][trade_log]") {
  Bench bench;
  bench.trades.look(bench.view);
  for (int i = 1; i <= 8; ++i) bench.close("BTC/USD", std::to_string(i).c_str());

  bench.trades.look(bench.view);

  CHECK(bench.count("trades.closed count=8") == 1);
  CHECK(bench.count("trade.closed") == 5);
  CHECK(bench.lines[1].find("pnl=4") != std::string::npos);
  CHECK(bench.lines.back().find("pnl=8") != std::string::npos);
}
