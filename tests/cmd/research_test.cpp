// Research that admits luck, through the binary: walk-forward tests, the sealed holdout, earlier searches that count,
// and promotion with its way back.

#include <catch2/catch.hpp>
#include <rapidjson/document.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/support/home.h"
#include "tests/support/made_market.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

constexpr std::size_t two_years = 2 * 365 * 24;

struct Lab : Home {
  explicit Lab(double drift, std::uint64_t seed = 4)
      : file(folder.write("btc.csv", to_csv(made_market(seed, drift, planted_persistence, two_years)))),
        rules(folder.write("rules.toml", made_market_rules)) {}

  [[nodiscard]] Finished with_rules(std::vector<std::string> words) const {
    words.insert(words.end(), {"--config", rules});
    return run(std::move(words));
  }

  /// A search of eighteen sets of parameters; `more` follow.
  [[nodiscard]] Finished search(const std::string& command, std::vector<std::string> more) const {
    std::vector<std::string> words{command,   "trend",    "--data", file,       "--pair",   "BTC/USD",
                                   "--allow-shorts", "--method", "grid", "--params",
                                   "ema_fast=10:20:5,ema_slow=40:80:20,adx_threshold=10:16:6", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return with_rules(std::move(words));
  }

  [[nodiscard]] std::filesystem::path overlay() const {
    return std::filesystem::path(path) / "config" / "config.local.toml";
  }

  std::string file, rules;
};

rapidjson::Document parsed(const Finished& finished) {
  INFO(finished.out << finished.err);
  REQUIRE((finished.exit_code == 0 || finished.exit_code == 3));
  rapidjson::Document json;
  json.Parse(finished.out.c_str());
  REQUIRE_FALSE(json.HasParseError());
  return json;
}

}  // namespace

TEST_CASE("walkforward: an edge that lasts is one, and noise is none", "[cmd][research]") {
  const Lab planted(planted_drift);
  const Finished good = planted.search("walkforward", {"--folds", "4"});
  const auto edge = parsed(good);
  INFO(good.out);
  CHECK(good.exit_code == 0);
  CHECK(std::string(edge["verdict"]["kind"].GetString()) == "edge");
  REQUIRE(edge["folds"].Size() == 4);
  CHECK(edge["out_of_sample"]["efficiency"].GetDouble() > 0.5);
  CHECK(edge["out_of_sample"]["trades"].GetInt() >= 30);
  CHECK(edge["out_of_sample"]["days"].GetInt() >= 360);
  const auto& outside = edge["out_of_sample"];
  CHECK(outside["total_return_costs_x1_5"].GetDouble() < outside["total_return"].GetDouble());

  // No test window was seen before its parameters were chosen, and they follow each other.
  for (rapidjson::SizeType i = 0; i < 4; ++i) {
    const auto& fold = edge["folds"][i];
    CHECK(std::string(fold["train_first"].GetString()) < fold["cut"].GetString());
    if (i > 0) CHECK(std::string(edge["folds"][i - 1]["test_last"].GetString()) == fold["cut"].GetString());
    std::ifstream ledger(fold["ledger"].GetString());
    std::string header;
    std::getline(ledger, header);
    CHECK(holds(header, "\"last\":\"" + std::string(fold["cut"].GetString()) + "\""));
  }

  const Lab luck(0, 1);
  const Finished bad = luck.search("walkforward", {"--folds", "4"});
  INFO(bad.out);
  CHECK(bad.exit_code == 3);
  CHECK(holds(parsed(bad)["verdict"]["text"].GetString(), "No edge"));
}

TEST_CASE("walkforward: of markets without an edge few are called one, of those with one most are", "[cmd][research]") {
  // The long form (AITRADE_LUCK_MARKETS=100) is what the README tells of.
  const char* asked = std::getenv("AITRADE_LUCK_MARKETS");   // tidy: a longer run by hand
  const int count = asked != nullptr ? std::atoi(asked) : 10;
  const auto edges = [&](double drift, std::vector<std::string> more) {
    int found = 0;
    for (int market = 0; market < count; ++market) {
      const Lab lab(drift, 21 + static_cast<std::uint64_t>(market));
      std::vector<std::string> words{"--folds", "4"};
      words.insert(words.end(), more.begin(), more.end());
      found += lab.search("walkforward", words).exit_code == 0 ? 1 : 0;
    }
    return found;
  };
  const int planted = edges(planted_drift, {}), noise = edges(0, {});
  if (asked != nullptr) {
    WARN(count << " markets: an edge found in " << planted << ", in noise " << noise << "; without random entries "
               << edges(planted_drift, {"--random-entry", "0"}) << " and " << edges(0, {"--random-entry", "0"}));
  }
  CHECK(planted * 10 >= count * 7);
  CHECK(noise * 10 <= count);
}

TEST_CASE("walkforward: what comes after a fold changes nothing of it; the same again runs no trial twice",
          "[cmd][research]") {
  const Lab lab(planted_drift, 2);
  const auto whole = parsed(lab.search("walkforward", {"--train", "180d", "--test", "60d"}));
  const Finished again = lab.search("walkforward", {"--train", "180d", "--test", "60d"});
  CHECK(holds(again.err, "trials are in"));
  CHECK(parsed(again)["earlier_tests"].GetInt() == 0);   // the same test is one test
  const std::string cut = whole["folds"][2]["cut"].GetString();
  const auto part = parsed(lab.search("walkforward", {"--train", "180d", "--test", "60d", "--to", cut}));
  REQUIRE(part["folds"].Size() == 2);
  CHECK(part["earlier_tests"].GetInt() == 1);            // another period is another
  for (rapidjson::SizeType i = 0; i < 2; ++i) {
    for (const char* key : {"in_sample", "out_of_sample"}) {
      CHECK(part["folds"][i][key].GetDouble() == Approx(whole["folds"][i][key].GetDouble()));
    }
    CHECK((part["folds"][i]["parameters"] == whole["folds"][i]["parameters"]));
  }
  const auto anchored = parsed(lab.search("walkforward", {"--train", "180d", "--test", "180d", "--anchored"}));
  CHECK((anchored["folds"][1]["train_first"] == anchored["folds"][0]["train_first"]));
  CHECK(lab.search("walkforward", {"--train", "700d", "--test", "60d"}).exit_code == 2);
  CHECK(lab.with_rules({"walkforward", "trend"}).exit_code == 2);
}

TEST_CASE("walkforward: its trades at random moments of the test windows are the measure of chance", "[cmd][research]") {
  const Lab planted(planted_drift);
  const std::string page = planted.folder / "walk.html";
  const Finished first = planted.search("walkforward", {"--folds", "4", "--seed", "3", "--html", page});
  const auto json = parsed(first);
  const auto& random = json["out_of_sample"]["random_entry"];
  REQUIRE(random.IsObject());
  CHECK(random["runs"].GetInt() == 1000);
  CHECK(random["seed"].GetInt() == 3);
  CHECK((random["trades"] == json["out_of_sample"]["trades"]));
  CHECK(random["p_value"].GetDouble() <= 0.05);
  CHECK(random["p95"].GetDouble() < random["run_return"].GetDouble());
  CHECK(random["p5"].GetDouble() < random["p50"].GetDouble());

  const std::string html = read_file(page);
  for (const char* part : {"Walk-forward report", "at random moments", "An edge out of sample", "Window by window",
                           "prefers-color-scheme"}) {
    INFO(part);
    CHECK(holds(html, part));
  }
  CHECK_FALSE(holds(html, "http"));   // nothing is fetched
  CHECK(html.size() < 200'000);

  // The same seed draws the same moments, another one others; nothing else changes.
  const auto again = parsed(planted.search("walkforward", {"--folds", "4", "--seed", "3"}));
  CHECK((again["out_of_sample"] == json["out_of_sample"]));
  const auto other = parsed(planted.search("walkforward", {"--folds", "4", "--seed", "4"}));
  CHECK((other["out_of_sample"]["random_entry"]["p50"] != random["p50"]));
  CHECK((other["out_of_sample"]["sharpe"] == json["out_of_sample"]["sharpe"]));
  const auto without = parsed(planted.search("walkforward", {"--folds", "4", "--random-entry", "0"}));
  CHECK(without["out_of_sample"]["random_entry"].IsNull());

  const Lab luck(0, 1);
  const auto bad = parsed(luck.search("walkforward", {"--folds", "4"}));
  CHECK(bad["out_of_sample"]["random_entry"]["p_value"].GetDouble() > 0.05);
}

TEST_CASE("tune: earlier searches over the same candles count, the same search does not", "[cmd][research]") {
  const Lab lab(planted_drift);
  const auto first = parsed(lab.search("tune", {}));
  CHECK(first["verdict"]["earlier_trials"].GetInt() == 0);
  const auto same = parsed(lab.search("tune", {}));
  CHECK(same["verdict"]["earlier_trials"].GetInt() == 0);
  const auto other = parsed(lab.search("tune", {"--from", "20200301"}));
  CHECK(other["verdict"]["earlier_searches"].GetInt() == 1);
  CHECK(other["verdict"]["earlier_trials"].GetInt() == 18);
  CHECK(other["verdict"]["effective_trials"].GetInt() > first["verdict"]["effective_trials"].GetInt());
  const auto later = parsed(lab.search("tune", {}));   // now it is no longer alone
  CHECK(later["verdict"]["earlier_trials"].GetInt() == 18);
  CHECK(later["verdict"]["deflated_sharpe"].GetDouble() <= first["verdict"]["deflated_sharpe"].GetDouble());
  CHECK(holds(later["verdict"]["text"].GetString(), "18 earlier ones"));
}

TEST_CASE("tune: a holdout is opened once, logged before it is, and by nobody again", "[cmd][research]") {
  const Lab lab(planted_drift);
  const auto sealed = parsed(lab.search("tune", {"--holdout", "0.3"}));
  CHECK_FALSE(sealed["holdout"]["opened"].GetBool());
  CHECK((sealed["last"] == sealed["holdout"]["first"]));   // the search ended where it begins
  CHECK_FALSE(std::filesystem::exists(lab.data("tune/openings.log")));

  const Finished opened = lab.search("tune", {"--holdout", "0.3", "--open-holdout"});
  INFO(opened.out);
  CHECK(opened.exit_code == 0);
  const auto json = parsed(opened);
  CHECK(json["holdout"]["opened"].GetBool());
  CHECK(json["holdout"]["result"]["confirmed"].GetBool());
  CHECK(json["holdout"]["result"]["days"].GetInt() > 200);
  CHECK(std::string(json["verdict"]["kind"].GetString()) == "confirmed_edge");
  CHECK(std::filesystem::exists(lab.data("tune/openings.log")));

  for (const std::vector<std::string>& more :
       {std::vector<std::string>{"--holdout", "0.3", "--open-holdout"}, {"--holdout", "0.1", "--open-holdout"}}) {
    const Finished again = lab.search("tune", more);
    CHECK(again.exit_code == 3);
    CHECK(again.out.empty());
    CHECK(holds(again.err, "no longer sealed"));
  }
  CHECK(lab.search("tune", {"--open-holdout"}).exit_code == 2);

  const Lab luck(0, 1);   // nothing to confirm: it stays sealed
  const Finished none = luck.search("tune", {"--holdout", "0.3", "--open-holdout"});
  CHECK(none.exit_code == 3);
  CHECK(holds(none.err, "stays sealed"));
  CHECK_FALSE(std::filesystem::exists(luck.data("tune/openings.log")));

  const Lab lucky(0, 3);   // noise that looks like an edge in sample: the holdout knows better
  CHECK((parsed(lucky.search("tune", {"--holdout", "0.3"}))["verdict"]["kind"] == "in_sample_edge"));
  const Finished refuted = lucky.search("tune", {"--holdout", "0.3", "--open-holdout"});
  CHECK(refuted.exit_code == 3);
  CHECK(parsed(refuted)["holdout"]["opened"].GetBool());
  CHECK(holds(parsed(refuted)["verdict"]["text"].GetString(), "No edge: in the holdout"));
}

TEST_CASE("tune promote: an edge goes to the overlay with its provenance, and back", "[cmd][research]") {
  const Lab lab(planted_drift);
  const auto found = parsed(lab.search("tune", {}));
  REQUIRE(std::string(found["verdict"]["kind"].GetString()) == "in_sample_edge");
  const std::string ledger = found["ledger"].GetString();
  std::filesystem::create_directories(lab.overlay().parent_path());
  const std::string before = "# mine\nai.min_risk_reward_ratio = 1.5\n";
  std::ofstream(lab.overlay()) << before;

  // The overlay changed what is in force since the search.
  const Finished other = lab.with_rules({"tune", "promote", ledger});
  CHECK(other.exit_code == 3);
  CHECK(holds(other.err, "another configuration"));
  CHECK(read_file(lab.overlay()) == before);
  const std::string plain = "# mine\n";
  std::ofstream(lab.overlay(), std::ios::trunc) << plain;

  const Finished dry = lab.with_rules({"tune", "promote", ledger, "--dry-run", "--json"});
  CHECK(dry.exit_code == 0);
  CHECK(read_file(lab.overlay()) == plain);
  const Finished done = lab.with_rules({"tune", "promote", ledger, "--json"});
  INFO(done.out << done.err);
  CHECK(done.exit_code == 0);
  CHECK(parsed(done)["changes"].Size() > 0);
  CHECK((parsed(done)["changes"] == parsed(dry)["changes"]));
  CHECK(holds(read_file(lab.overlay()), "strategies.trend.ema_fast"));
  CHECK(holds(read_file(lab.overlay()), plain));
  const std::string log = read_file(lab.data("tune/promotions.log"));
  for (const char* part : {"\"data_fingerprint\"", "\"verdict\"", "\"trial\"", "# mine"}) CHECK(holds(log, part));
  const Finished shown = lab.with_rules({"config", "show", "--origin"});
  CHECK(holds(shown.out, "config.local.toml"));

  std::ofstream(lab.overlay(), std::ios::app) << "# changed since\n";
  CHECK(lab.with_rules({"tune", "promote", "--rollback"}).exit_code == 3);
  CHECK(lab.with_rules({"tune", "promote", "--rollback", "--anyway"}).exit_code == 0);
  CHECK(read_file(lab.overlay()) == plain);
  CHECK(lab.with_rules({"tune", "promote", "--rollback"}).exit_code == 4);
}

TEST_CASE("tune promote: what is no edge leaves the configuration alone unless it is forced", "[cmd][research]") {
  const Lab lab(0, 1);
  const Finished searched = lab.search("tune", {});
  REQUIRE(searched.exit_code == 3);
  const std::string ledger = parsed(searched)["ledger"].GetString();
  CHECK_FALSE(std::filesystem::exists(lab.overlay()));
  const Finished refused = lab.with_rules({"tune", "promote", ledger});
  CHECK(refused.exit_code == 3);
  CHECK(refused.out.empty());
  CHECK_FALSE(std::filesystem::exists(lab.overlay()));
  CHECK_FALSE(std::filesystem::exists(lab.data("tune/promotions.log")));
  CHECK(lab.with_rules({"tune", "promote", ledger, "--anyway"}).exit_code == 0);
  CHECK(std::filesystem::exists(lab.overlay()));
  CHECK(lab.with_rules({"tune", "promote", "--rollback"}).exit_code == 0);
  CHECK_FALSE(std::filesystem::exists(lab.overlay()));
  CHECK(lab.with_rules({"tune", "promote", "nowhere.ndjson"}).exit_code == 4);
}
