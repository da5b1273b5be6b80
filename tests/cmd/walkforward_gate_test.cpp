// The gate of a walk-forward test, through the binary: a model gates only what it has not seen, and only where it passed
// its own test before.

#include <catch2/catch.hpp>
#include <rapidjson/document.h>

#include <string>
#include <vector>

#include "tests/cmd/train_lab.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

constexpr int day = 24 * 60;   // candles

struct WalkLab : Lab {
  using Lab::Lab;

  /// All strategies, one set of rules, train windows of twenty days and test windows of four; `more` follow.
  [[nodiscard]] Finished walk(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words{"walkforward", "all",  "--data",       file,  "--pair",      "BTC/USD",
                                   "--train",     "20d",  "--test",       "4d",  "--method",    "grid",
                                   "--params",    "ai.min_confidence=0.5:0.5:0.01", "--min-trades", "1",
                                   "--objective", "net",  "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return with_eager(std::move(words));
  }
};

/// What is printed but for the clock, the command line and where ledgers are.
std::string essence(const Finished& finished, const std::string& home) {
  std::string text = finished.out;
  text = text.substr(text.find("\"strategy\""));
  text = text.substr(0, text.find("\"timing\""));
  for (std::size_t at = text.find(home); at != std::string::npos; at = text.find(home)) text.erase(at, home.size());
  return text;
}

}  // namespace

TEST_CASE("walkforward: a model of each train window gates where it helps, and earns more out of sample", "[cmd][gate]") {
  const WalkLab lab(tidal_candles(32 * day, 0.0005));
  const std::string page = lab.folder / "walk.html";
  const Finished gated = lab.walk({"--gate", "--html", page});
  INFO(gated.out << gated.err);
  const auto json = parsed(gated);
  const auto plain = parsed(lab.walk());
  REQUIRE(json["gate"].IsObject());
  CHECK(json["gate"]["of"].GetInt() == 3);
  CHECK(std::string(json["gate"]["trained"].GetString()) == "for each window");
  CHECK((json["gate"]["rules_alone"]["total_return"] == plain["out_of_sample"]["total_return"]));
  CHECK((json["gate"]["rules_alone"]["trades"] == plain["out_of_sample"]["trades"]));
  CHECK((json["gate"]["rules_alone"]["sharpe"] == plain["out_of_sample"]["sharpe"]));
  CHECK(json["out_of_sample"]["total_return"].GetDouble() > plain["out_of_sample"]["total_return"].GetDouble() + 0.001);
  CHECK(json["out_of_sample"]["random_entry"]["p_value"].GetDouble() < 0.05);
  int gating = 0;
  for (const auto& fold : json["folds"].GetArray()) {
    const auto& gate = fold["gate"];
    const bool is_gated = gate["gates"].GetBool();
    gating += is_gated ? 1 : 0;
    CHECK(gate["candidates"].GetInt() > 300);
    CHECK_FALSE(gate["switched_off"].GetBool());
    CHECK((gate["passed"].GetInt() > 0) == is_gated);
    CHECK((gate["rejected"].GetInt() > 0) == is_gated);
    CHECK(holds(gate["why"].GetString(), is_gated ? "the model helps" : "no edge"));
    CHECK(std::string(gate["model"].GetString()).size() == 12);
  }
  CHECK(gating >= 2);
  CHECK(json["gate"]["windows"].GetInt() == gating);
  const std::string said = "gated in " + std::to_string(gating) + " of 3 test windows";
  CHECK((json["folds"][0]["gate"]["model"] != json["folds"][1]["gate"]["model"]));
  CHECK(holds(read_file(page), said));

  // Another gate is another test of the same candles, so each makes the other count.
  CHECK(plain["gate"].IsNull());
  CHECK(plain["folds"][0]["gate"].IsNull());
  CHECK(plain["earlier_tests"].GetInt() == 1);
  CHECK(holds(lab.walk({"--gate", "--format", "table"}).out, said));
}

TEST_CASE("walkforward: where there is nothing to learn the rules decide alone, and it says so", "[cmd][gate]") {
  const WalkLab lab(tidal_candles(32 * day, 0));
  const auto json = parsed(lab.walk({"--gate"})), plain = parsed(lab.walk());
  CHECK(json["gate"]["windows"].GetInt() == 0);
  CHECK((json["out_of_sample"]["total_return"] == plain["out_of_sample"]["total_return"]));
  CHECK((json["out_of_sample"]["random_entry"] == plain["out_of_sample"]["random_entry"]));
  for (const auto& fold : json["folds"].GetArray()) {
    CHECK_FALSE(fold["gate"]["gates"].GetBool());
    CHECK(holds(fold["gate"]["why"].GetString(), "no edge"));
    CHECK(fold["gate"]["passed"].GetInt() == 0);
  }
  CHECK(holds(lab.walk({"--gate", "--format", "table"}).out, "gated in 0 of 3 test windows"));

  // A given model that did not pass its test gates nowhere either.
  const std::string useless = parsed(lab.train({"--to", "20220120"}))["model"].GetString();
  const auto given = parsed(lab.walk({"--model", useless}));
  CHECK(given["gate"]["windows"].GetInt() == 0);
  CHECK(holds(given["folds"][0]["gate"]["why"].GetString(), "no edge"));
  CHECK((given["out_of_sample"]["total_return"] == plain["out_of_sample"]["total_return"]));
}

TEST_CASE("walkforward: the gate is the same with the same seed, any number of threads, and another future",
          "[cmd][gate]") {
  const auto candles = spring_tide(32 * day);
  const WalkLab one(candles), two(candles);
  const Finished a = one.walk({"--gate", "--seed", "5", "--threads", "1"});
  CHECK(essence(a, one.path) == essence(two.walk({"--gate", "--seed", "5", "--threads", "2"}), two.path));

  // From the middle of the second test window on the market is another one: neither the first window nor the second
  // model can know.
  auto others = candles;
  for (std::size_t i = 26 * day; i < others.size(); ++i) {
    for (Price* price : {&others[i].open, &others[i].high, &others[i].low, &others[i].close}) *price = *price * 2;
  }
  const WalkLab three(others);
  const auto known = parsed(a), other = parsed(three.walk({"--gate", "--seed", "5"}));
  CHECK((known["folds"][0]["gate"] == other["folds"][0]["gate"]));
  CHECK((known["folds"][0]["total_return"] == other["folds"][0]["total_return"]));
  CHECK((known["folds"][1]["gate"]["model"] == other["folds"][1]["gate"]["model"]));
  CHECK((known["folds"][2]["gate"]["model"] != other["folds"][2]["gate"]["model"]));
}

TEST_CASE("walkforward: a model that has seen a test window is refused, one from before it gates", "[cmd][gate]") {
  const auto candles = spring_tide(32 * day);
  const WalkLab lab(candles);
  const std::string early = parsed(lab.train({"--to", "20220120"}))["model"].GetString();
  const std::string late = parsed(lab.train({"--to", "20220122"}))["model"].GetString();

  const Finished leak = lab.walk({"--model", late});
  CHECK(leak.exit_code == 2);
  CHECK(leak.out.empty());
  CHECK(holds(leak.err, "model " + late + " was made from candles up to 2022-01-2"));
  CHECK(holds(leak.err, "the first test window begins at 2022-01-21T00:00:00.000Z"));
  CHECK(lab.walk({"--model", (lab.models() / (late + ".model")).string()}).exit_code == 2);   // by its file too
  CHECK_FALSE(std::filesystem::exists(lab.data("tune")));   // refused before anything is searched

  const auto json = parsed(lab.walk({"--model", early}));
  CHECK(std::string(json["gate"]["trained"].GetString()) == "before");
  CHECK(json["gate"]["windows"].GetInt() == 3);
  CHECK(std::string(json["folds"][2]["gate"]["model"].GetString()) == early);
  CHECK(json["out_of_sample"]["total_return"].GetDouble() > json["gate"]["rules_alone"]["total_return"].GetDouble());

  CHECK(lab.walk({"--model", "0123456789ab"}).exit_code == 4);
  CHECK(lab.walk({"--model", early, "--gate"}).exit_code == 2);

  // Whatever is active, without being asked nobody gates.
  REQUIRE(lab.run({"train", "--activate", early}).exit_code == 0);
  const Finished alone = lab.walk();
  CHECK(holds(alone.err, "does not gate here"));
  CHECK((parsed(alone)["out_of_sample"]["total_return"] == json["gate"]["rules_alone"]["total_return"]));
}

TEST_CASE("tune: measures the rules alone, and refuses a model with the reason", "[cmd][gate]") {
  const WalkLab lab(spring_tide(15 * day));
  const auto tune = [&](std::vector<std::string> more) {
    std::vector<std::string> words{"tune", "all", "--data", lab.file, "--pair", "BTC/USD", "--method", "grid", "--params",
                                   "ai.min_confidence=0.5:0.6:0.1", "--min-trades", "1", "--objective", "net", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return lab.with_eager(std::move(words));
  };
  for (const std::vector<std::string>& more : {std::vector<std::string>{"--gate"}, {"--model", "0123456789ab"}}) {
    const Finished refused = tune(more);
    CHECK(refused.exit_code == 2);
    CHECK(holds(refused.err, "tune measures the rules alone"));
    CHECK(holds(refused.err, "walkforward --gate"));
  }
  CHECK_FALSE(std::filesystem::exists(lab.data("tune")));
  const auto before = parsed(tune({}));
  const std::string id = parsed(lab.train())["model"].GetString();
  REQUIRE(lab.run({"train", "--activate", id, "--anyway"}).exit_code == 0);
  std::filesystem::remove_all(lab.data("tune"));
  const Finished after = tune({});
  CHECK(holds(after.err, "does not gate here"));
  CHECK((parsed(after)["top"] == before["top"]));
}
