// How commands print: tables, CSV, JSON, progress, questions.

#include "cmd/output.h"

#include <catch2/catch.hpp>

#include <limits>
#include <sstream>

using namespace aitrade;
using namespace aitrade::cli;

namespace {

struct Screen {
  std::ostringstream out;
  std::ostringstream err;
  Context context{.out = out, .err = err};
};

Table two_rows() {
  Table table({{.name = "pair"},
               {.name = "bars", .align_right = true},
               {.name = "price", .align_right = true}});
  table.add({Cell::of("BTC/USD"), Cell::of(12), Cell::of("43000.10")});
  table.add({Cell::of("ETH/USD, spot"), Cell::of(7), Cell::none()});
  return table;
}

}  // namespace

TEST_CASE("output: a table is aligned, numbers to the right", "[cmd][output]") {
  Screen screen;

  two_rows().print(screen.context, Format::table, "pairs");

  CHECK(screen.out.str() ==
        "pair           bars     price\n"
        "BTC/USD          12  43000.10\n"
        "ETH/USD, spot     7\n");
}

TEST_CASE("output: CSV quotes what needs it and leaves undefined values empty", "[cmd][output]") {
  Screen screen;

  two_rows().print(screen.context, Format::csv, "pairs");

  CHECK(screen.out.str() == "pair,bars,price\nBTC/USD,12,43000.10\n\"ETH/USD, spot\",7,\n");
  CHECK(csv_field("say \"hi\"\n") == "\"say \"\"hi\"\"\n\"");
}

TEST_CASE("output: JSON keeps money as text and undefined values as null", "[cmd][output]") {
  Screen screen;

  two_rows().print(screen.context, Format::json, "pairs");
  two_rows().print(screen.context, Format::ndjson, "pair");

  CHECK(screen.out.str() ==
        "{\"schema\":\"aitrade.pairs/1\",\"rows\":["
        "{\"pair\":\"BTC/USD\",\"bars\":12,\"price\":\"43000.10\"},"
        "{\"pair\":\"ETH/USD, spot\",\"bars\":7,\"price\":null}]}\n"
        "{\"t\":\"pair\",\"pair\":\"BTC/USD\",\"bars\":12,\"price\":\"43000.10\"}\n"
        "{\"t\":\"pair\",\"pair\":\"ETH/USD, spot\",\"bars\":7,\"price\":null}\n");
}

TEST_CASE("output: doubles are shortest round-trip, and null when undefined", "[cmd][output]") {
  JsonWriter json;

  json.begin_array()
      .number(0.1)
      .number(1e21)
      .number(std::numeric_limits<double>::quiet_NaN())
      .end_array();

  CHECK(json.take() == "[0.1,1e+21,null]");
  CHECK(shortest(1.0 / 3) == "0.3333333333333333");
  CHECK(shortest(std::numeric_limits<double>::infinity()) == "");
}

TEST_CASE("output: progress is silent for two seconds, then a line per 10 %", "[cmd][output]") {
  Screen screen;
  std::chrono::steady_clock::time_point now{};
  Progress progress(screen.context, "importing", 100, [&] { return now; });

  for (std::uint64_t done = 1; done <= 100; ++done) {
    now += std::chrono::milliseconds(100);  // 20 rows pass in the first two seconds
    progress.update(done);
  }

  CHECK(screen.err.str() ==
        "importing 20 %, 0:00:08 left\nimporting 30 %, 0:00:07 left\nimporting 40 %, 0:00:06 left\n"
        "importing 50 %, 0:00:05 left\nimporting 60 %, 0:00:04 left\nimporting 70 %, 0:00:03 left\n"
        "importing 80 %, 0:00:02 left\nimporting 90 %, 0:00:01 left\nimporting 100 %\n");
}

TEST_CASE("output: progress on a terminal redraws at most ten times a second", "[cmd][output]") {
  Screen screen;
  screen.context.err_is_terminal = true;
  std::chrono::steady_clock::time_point now{std::chrono::seconds(10)};
  Progress progress(screen.context, "importing", 100, [&] { return now; });
  now += std::chrono::seconds(3);

  for (int i = 0; i < 100; ++i) {
    now += std::chrono::milliseconds(10);  // one second in all
    progress.update(50);
  }

  const std::string shown = screen.err.str();
  CHECK(std::count(shown.begin(), shown.end(), '\r') <= 10);
  CHECK(shown.find('\n') == std::string::npos);
}

TEST_CASE("output: progress says nothing with -q", "[cmd][output]") {
  Screen screen;
  screen.context.global.verbosity = -1;
  std::chrono::steady_clock::time_point now{};
  Progress progress(screen.context, "importing", 100, [&] { return now; });
  now += std::chrono::seconds(60);

  progress.update(50);

  CHECK(screen.err.str() == "");
}

TEST_CASE("output: a question without a terminal is refused and names --yes", "[cmd][output]") {
  Screen screen;

  const Result<bool> answer = confirm(screen.context, "removing 3 files");

  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == ErrorCode::invalid);
  CHECK(answer.error().what.find("--yes") != std::string::npos);
  CHECK(screen.err.str() == "");
}

TEST_CASE("output: --yes answers a question without asking", "[cmd][output]") {
  Screen screen;
  screen.context.global.yes = true;

  const Result<bool> answer = confirm(screen.context, "removing 3 files", "main");

  REQUIRE(answer);
  CHECK(*answer);
  CHECK(screen.err.str() == "");
}
