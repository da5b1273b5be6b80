// Training beside a daemon: from its recordings, when it is due, killed at any moment, promoted only through the test.

#include <catch2/catch.hpp>

#include <csignal>
#include <filesystem>
#include <string>

#include "core/base/random.h"
#include "tests/cmd/train_lab.h"
#include "tests/support/child.h"

using namespace aitrade;
using namespace aitrade::test;

namespace fs = std::filesystem;

TEST_CASE("[TR1] train: killed at any moment, the model that gates stays whole and gates", "[cmd][train]") {
  const Lab lab(tidal_candles(12'000));
  const std::string id = parsed(lab.train())["model"].GetString();
  REQUIRE(lab.run({"train", "--activate", id, "--anyway"}).exit_code == 0);
  const std::string bytes = read_file(lab.models() / "active");
  Random random(1);
  for (int i = 0; i < 10; ++i) {
    std::vector<std::string> words{"train", lab.file, "--pair", "BTC/USD", "--json", "--home", lab.path,
                                   "--seed", std::to_string(i + 2), "--margin", "0.0" + std::to_string(i)};
    words.insert(words.end(), eager.begin(), eager.end());
    Child trainer(words, lab.folder / "train.log");
    pass_time(static_cast<int>(random.below(2'000)));   // the moment is the subject of the test
    trainer.signal(SIGKILL);
    trainer.wait(10'000);
    REQUIRE(read_file(lab.models() / "active") == bytes);
    const auto list = parsed(lab.run({"train", "--list", "--json"}));
    for (const auto& row : list["rows"].GetArray()) CHECK(row["fault"].IsNull());
  }
  CHECK(holds(lab.backtest().err, "model " + id + " gates entries"));
}

TEST_CASE("[X26] train: what does not help changes nothing of what gates, to the bit", "[cmd][train]") {
  const Lab lab(spring_tide(40'000));
  const Finished good = lab.train({"--promote"});
  REQUIRE(good.exit_code == 0);
  CHECK(parsed(good)["activated"].GetBool());
  const auto gated = parsed(lab.backtest());
  const std::string noise = lab.folder.write("noise.csv", to_csv(made_candles(3, 12'000, 40'000)));
  const Finished bad = lab.with_eager({"train", noise, "--pair", "BTC/USD", "--promote", "--json"});
  CHECK(bad.exit_code == 3);
  CHECK_FALSE(parsed(bad)["activated"].GetBool());
  CHECK((parsed(bad)["incumbent"] == parsed(good)["model"]));
  CHECK((parsed(lab.backtest())["result_hash"] == gated["result_hash"]));
}

TEST_CASE("train: trains when it is due and says so when it is not", "[cmd][train]") {
  const Lab lab(made_candles(3, 12'000, 40'000));
  const Finished first = lab.train({"--if-due"});
  CHECK(first.exit_code == 3);
  CHECK(holds(first.err, "nothing was trained yet"));
  const Finished second = lab.train({"--if-due"});
  CHECK(second.exit_code == 0);
  CHECK_FALSE(parsed(second)["due"].GetBool());
  CHECK(parsed(second)["new_candidates"].GetInt() == 0);
  CHECK(parsed(lab.run({"train", "--list", "--json"}))["rows"].Size() == 1);
  pass_time(1'100);   // its age is the subject of the test
  const Finished old = lab.train({"--if-due", "--every", "1s", "--new-candidates", "0"});
  CHECK(old.exit_code == 3);
  CHECK(holds(old.err, "old enough"));
}

TEST_CASE("train: beyond its memory it fails, and leaves everything as it was", "[cmd][train]") {
  const Lab lab(made_candles(3, 12'000, 40'000));
  const Finished small = lab.train({"--memory-limit", "16", "--threads", "1"});
  CHECK(small.exit_code != 0);
  CHECK(parsed(lab.run({"train", "--list", "--json"}))["rows"].Size() == 0);
}

TEST_CASE("[X09] train: a recorded run holds what a model is trained on", "[cmd][train]") {
  const auto candles = tidal_candles(12'000);
  const Lab lab(candles);
  CHECK(lab.with_eager({"train", "--runs", "--json"}).exit_code == 4);
  const Finished taped = lab.with_eager({"run", "--tape", "BTC/USD=" + lab.file, "--speed", "0", "--json", "-q", "--set",
                                         "dashboard.enabled=false"});
  INFO(taped.err);
  REQUIRE(taped.exit_code == 0);
  fs::create_directories(lab.data("runs"));
  fs::rename(lab.data("demo/runs") / parsed(taped)["run"].GetString(), lab.data("runs/taped"));   // as if it were no demo

  const Finished from_run = lab.with_eager({"train", "--runs", "--json"});
  INFO(from_run.out << from_run.err);
  REQUIRE((from_run.exit_code == 0 || from_run.exit_code == 3));
  const auto recorded = parsed(from_run), tested = parsed(lab.train());
  CHECK(recorded["bars"].GetInt() + 1000 > static_cast<int>(candles.size()));   // but for the warm-up
  CHECK(recorded["candidates"]["labelled"].GetInt() > 300);
  CHECK(recorded["candidates"]["labelled"].GetInt() <= tested["candidates"]["labelled"].GetInt());
  CHECK(recorded["candidates"]["labelled"].GetInt() > tested["candidates"]["labelled"].GetInt() * 8 / 10);
  CHECK(lab.with_eager({"train", lab.file, "--runs"}).exit_code == 2);
}
