// `aitrade logs` over files as the daemon writes them, growing and rotated.

#include <catch2/catch.hpp>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/child.h"
#include "tests/support/home.h"

using namespace aitrade::test;

namespace {

std::string line(int number, const char* level, const char* event) {
  return R"({"t":"log","ts":"2026-01-02T03:04:0)" + std::to_string(number % 10) + R"(.000Z","level":")" + level +
         R"(","event":")" + event + R"(","n":)" + std::to_string(number) + "}\n";
}

struct Logs : Home {
  std::filesystem::path file = std::filesystem::path(path) / "logs" / "aitrade.log";

  Logs() { std::filesystem::create_directories(file.parent_path()); }

  void append(const std::string& text) const { std::ofstream(file, std::ios::app) << text; }
};

}  // namespace

TEST_CASE("logs: the last lines, by level and by event", "[cmd][logs]") {
  const Logs logs;
  CHECK(logs.run({"logs"}).exit_code == 4);
  for (int i = 0; i < 100; ++i) logs.append(line(i, i % 10 == 0 ? "warn" : "info", i % 2 == 0 ? "trade.closed" : "run.started"));
  logs.append("not JSON\n");
  logs.append(R"({"t":"log","level":"info","event":"trade.cl)");   // being written

  const Finished all = logs.run({"logs", "-n", "3"});
  CHECK(all.exit_code == 0);
  CHECK(all.out == line(97, "info", "run.started") + line(98, "info", "trade.closed") + line(99, "info", "run.started"));
  CHECK(logs.run({"logs", "--level", "warn", "-n", "2"}).out == line(80, "warn", "trade.closed") + line(90, "warn", "trade.closed"));
  CHECK(logs.run({"logs", "--types", "trade", "-n", "1"}).out == line(98, "info", "trade.closed"));
  CHECK(logs.run({"logs", "--types", "tra", "-n", "1"}).out.empty());
  const std::string table = logs.run({"logs", "-n", "1", "--format", "table"}).out;
  CHECK(table == "2026-01-02 03:04:09  info   run.started       n=99\n");
}

TEST_CASE("logs: follows what is written, over a rotation, until it is interrupted", "[cmd][logs]") {
  const Logs logs;
  logs.append(line(1, "info", "a.first"));
  Child child({"logs", "--follow", "--home", logs.path}, logs.folder / "out");
  REQUIRE_FALSE(wait_for_text(child.out_path(), "a.first", 5000).empty());
  logs.append(line(2, "info", "b.second"));
  CHECK_FALSE(wait_for_text(child.out_path(), "b.second", 5000).empty());
  std::filesystem::rename(logs.file, logs.file.string() + ".1");
  logs.append(line(3, "info", "c.third"));
  CHECK_FALSE(wait_for_text(child.out_path(), "c.third", 5000).empty());
  child.signal(SIGINT);
  CHECK(child.wait(5000) == 130);
}
