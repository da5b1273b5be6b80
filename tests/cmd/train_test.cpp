// `aitrade train` through the binary: noise is no edge, a planted edge is found, and the model that gates is the one
// that was activated.

#include <catch2/catch.hpp>
#include <rapidjson/document.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/cmd/train_lab.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

/// What is printed without what may differ between two runs.
std::string essence(const Finished& finished) {
  const std::string& text = finished.out;
  const std::size_t from = text.find("\"pairs\"");
  return text.substr(from, text.find("\"timing\"") - from);
}

}  // namespace

TEST_CASE("train: a random walk has no edge, and nothing changes by itself", "[cmd][train]") {
  const Lab lab(made_candles(3, 20'000, 40'000));
  const Finished first = lab.train();
  CHECK(first.exit_code == 3);
  const auto json = parsed(first);
  CHECK(std::string(json["schema"].GetString()) == "aitrade.train/1");
  CHECK_FALSE(json["verdict"]["helps"].GetBool());
  CHECK(holds(json["verdict"]["text"].GetString(), "no edge"));
  CHECK(json["candidates"]["count"].GetInt() > 900);
  CHECK(json["test"]["openings_before"].GetInt() == 0);
  CHECK(json["test"]["importance"].Size() == 27);
  const std::string id = json["model"].GetString();

  CHECK(parsed(lab.train())["test"]["openings_before"].GetInt() == 1);

  const auto list = parsed(lab.run({"train", "--list", "--json"}));
  REQUIRE(list["rows"].Size() == 1);   // the same model again is the same file
  CHECK(std::string(list["rows"][0]["id"].GetString()) == id);
  CHECK_FALSE(list["rows"][0]["active"].GetBool());
  CHECK_FALSE(list["rows"][0]["helps"].GetBool());

  CHECK(lab.run({"train", "--activate", id}).exit_code == 3);
  CHECK_FALSE(std::filesystem::exists(std::filesystem::symlink_status(lab.models() / "active")));
  CHECK(lab.run({"train", "--rollback"}).exit_code == 4);
  CHECK(lab.run({"train", "--activate", "0123456789ab"}).exit_code == 4);
  CHECK(lab.run({"train", "--activate", id, "--anyway"}).exit_code == 0);
  CHECK(std::filesystem::exists(lab.models() / "active"));
}

TEST_CASE("train: one thread and two give the same bytes", "[cmd][train]") {
  const auto candles = tidal_candles(12'000);
  const Lab one(candles), two(candles);
  const Finished a = one.train({"--threads", "1"}), b = two.train({"--threads", "2"});
  CHECK(essence(a) == essence(b));
  CHECK(holds(essence(a), "\"model\""));
}

TEST_CASE("train: a planted edge is found, and the model that is activated gates", "[cmd][train]") {
  const Lab lab(spring_tide(40'000));
  const Finished before = lab.backtest();
  const std::string page = lab.folder / "report.html";
  const Finished trained = lab.train({"--html", page});
  INFO(trained.out);
  REQUIRE(trained.exit_code == 0);
  const std::string html = read_file(page);
  for (const char* part : {"The model helps out of sample", "Reliability", "Expected R by bucket", "Against the base rate",
                           "What a shuffled feature costs", "hour_sin", "prefers-color-scheme"}) {
    INFO(part);
    CHECK(holds(html, part));
  }
  CHECK_FALSE(holds(html, "http"));   // nothing is fetched
  CHECK(html.size() < 200'000);
  const auto json = parsed(trained);
  CHECK(json["verdict"]["helps"].GetBool());
  CHECK(json["test"]["auc"].GetDouble() > 0.6);
  CHECK(json["test"]["accepted_r"].GetDouble() > json["test"]["all_r"].GetDouble());
  const std::string first = json["test"]["importance"][0]["feature"].GetString();
  CHECK((first == "hour_sin" || first == "hour_cos"));
  const std::string id = json["model"].GetString();
  CHECK(lab.backtest().out.substr(0, 200) == before.out.substr(0, 200));   // trained is not activated

  REQUIRE(lab.run({"train", "--activate", id}).exit_code == 0);
  const Finished gated = lab.backtest();
  CHECK(holds(gated.err, "model " + id + " gates entries"));
  CHECK(holds(gated.err, "is in-sample"));   // the run covers what it was trained on
  const auto plain_json = parsed(before), gated_json = parsed(gated);
  CHECK((plain_json["result_hash"] != gated_json["result_hash"]));
  CHECK(gated_json["metrics"]["expectancy_r"].GetDouble() > plain_json["metrics"]["expectancy_r"].GetDouble());
  CHECK(gated_json["metrics"]["net_profit"] != plain_json["metrics"]["net_profit"]);

  const Finished off = lab.backtest({"--set", "ai.gate=off"});
  CHECK((parsed(off)["metrics"] == plain_json["metrics"]));
  const Finished shadow = lab.backtest({"--set", "ai.gate=shadow"});
  CHECK(holds(shadow.err, "decides nothing"));
  CHECK((parsed(shadow)["metrics"] == plain_json["metrics"]));
}

TEST_CASE("[P1] train: a model that is damaged or gone leaves the rules alone", "[cmd][train]") {
  const Lab lab(tidal_candles(12'000));
  const auto plain = parsed(lab.backtest());
  const auto json = parsed(lab.train());
  const std::string id = json["model"].GetString();
  REQUIRE(lab.run({"train", "--activate", id, "--anyway"}).exit_code == 0);
  std::ofstream(lab.models() / (id + ".model"), std::ios::app) << "x";
  const Finished damaged = lab.backtest();
  CHECK(damaged.exit_code == 0);
  CHECK(holds(damaged.err, "the active model is not used"));
  CHECK((parsed(damaged)["metrics"] == plain["metrics"]));
  std::filesystem::remove(lab.models() / (id + ".model"));
  const Finished gone = lab.backtest();
  CHECK(gone.exit_code == 0);
  CHECK(holds(gone.err, "the active model is not used"));
  CHECK(lab.run({"train", "--deactivate"}).exit_code == 0);
  CHECK_FALSE(holds(lab.backtest().err, "model"));
}

TEST_CASE("train: a run with a model is recorded with it, and a replay decides the same", "[cmd][train]") {
  const Lab lab(tidal_candles(12'000));
  const auto json = parsed(lab.train());
  const std::string id = json["model"].GetString();
  REQUIRE(lab.run({"train", "--activate", id, "--anyway"}).exit_code == 0);
  const Finished taped = lab.with_eager({"run", "--tape", "BTC/USD=" + lab.file, "--speed", "0", "--json", "-q", "--set",
                                         "dashboard.enabled=false"});
  INFO(taped.err);
  REQUIRE(taped.exit_code == 0);
  const std::string run_id = parsed(taped)["run"].GetString();
  CHECK(lab.run({"replay", run_id}).exit_code == 0);
  const auto why = parsed(lab.run({"why", "1", "--demo", "--run", run_id, "--json"}));
  REQUIRE(why["episodes"].Size() > 0);
  const auto& model = why["episodes"][0]["decision"]["model"];
  CHECK_FALSE(std::string(model["status"].GetString()) == "absent");
  REQUIRE(lab.run({"train", "--deactivate"}).exit_code == 0);   // a replay asks for the model of the run
  CHECK(lab.run({"replay", run_id}).exit_code == 0);
  std::filesystem::remove(lab.models() / (id + ".model"));
  const Finished without = lab.run({"replay", run_id});
  CHECK(without.exit_code == 4);
  CHECK(holds(without.err, "the model that gated this run"));
}

TEST_CASE("train: a dry run leaves the test part closed and writes nothing", "[cmd][train]") {
  const Lab lab(made_candles(3, 12'000, 40'000));
  const Finished dry = lab.train({"--dry-run"});
  CHECK(dry.exit_code == 0);
  const auto json = parsed(dry);
  CHECK(json["test"].IsNull());
  CHECK(json["verdict"].IsNull());
  CHECK_FALSE(std::filesystem::exists(lab.models() / "openings"));
  CHECK(lab.run({"train"}).exit_code == 2);
  const Lab little(made_candles(3, 300, 40'000));
  const Finished few = little.train();
  CHECK(few.exit_code == 3);
  CHECK(holds(few.err, "too few"));
}
