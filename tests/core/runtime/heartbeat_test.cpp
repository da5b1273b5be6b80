#include <catch2/catch.hpp>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "core/runtime/heartbeat.h"

using namespace aitrade;

namespace {

struct TemporaryFile {
  std::filesystem::path path = std::filesystem::temp_directory_path() /
                               ("aitrade-heartbeat-" + std::to_string(::getpid()));

  ~TemporaryFile() { std::filesystem::remove(path); }
};

}  // namespace

TEST_CASE("heartbeat: what is written is what is read", "[runtime][heartbeat]") {
  const TemporaryFile file;
  HeartbeatWriter writer(file.path);
  const Time start = Time::from_seconds(1'643'112'000);

  REQUIRE(writer.beat(7, "warming", start));
  REQUIRE(writer.beat(9, "running", start + seconds{10}));

  const auto beat = read_heartbeat(file.path);
  REQUIRE(beat);
  CHECK(beat->pid == ::getpid());
  CHECK(beat->seq == 2);
  CHECK(beat->progress == 9);
  CHECK(beat->state == "running");
  CHECK(beat->now == start + seconds{10});
  CHECK(beat->stalled() == Duration{0});
}

TEST_CASE("heartbeat: a young file of a hanging engine shows for how long it hangs",
          "[runtime][heartbeat]") {
  const TemporaryFile file;
  HeartbeatWriter writer(file.path);
  const Time start = Time::from_seconds(1'643'112'000);

  for (int i = 0; i <= 9; ++i) REQUIRE(writer.beat(7, "running", start + seconds{10 * i}));

  CHECK(read_heartbeat(file.path)->stalled() == seconds{90});
}

TEST_CASE("heartbeat: a missing file is not found, and a broken one is corrupt", "[runtime][heartbeat]") {
  const TemporaryFile file;
  CHECK(read_heartbeat(file.path).error().code == ErrorCode::not_found);

  for (const char* text : {"", "{", "[]", R"({"pid":1})", R"({"pid":-1,"seq":1,"progress":1})",
                           R"({"pid":1,"seq":1,"progress":1,"state":"x","now":"?","progressed_at":"?"})"}) {
    std::ofstream(file.path) << text;
    CHECK(read_heartbeat(file.path).error().code == ErrorCode::corrupt);
  }
}

TEST_CASE("heartbeat: a directory that is gone is an error", "[runtime][heartbeat]") {
  CHECK_FALSE(write_heartbeat("/nonexistent-directory/heartbeat", {}));
}

TEST_CASE("heartbeat: several engines are named with their state", "[runtime][heartbeat]") {
  const TemporaryFile file;
  HeartbeatWriter writer(file.path);
  const std::vector<Heartbeat::Engine> engines{{"alpha", "first", "running"}, {"beta", "second", "failed"}};

  REQUIRE(writer.beat(1, "running", Time::from_seconds(1'643'112'000), engines));

  const auto beat = read_heartbeat(file.path);
  REQUIRE(beat);
  CHECK(beat->engines == engines);
  REQUIRE(writer.beat(2, "running", Time::from_seconds(1'643'112'001)));
  CHECK(read_heartbeat(file.path)->engines.empty());
}
