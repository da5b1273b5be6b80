// Sinks, rotation, set-up twice, redaction, and failure that never reaches the caller.
#include "core/log/log.h"

#include "core/log/redact.h"

#include <catch2/catch.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

namespace aitrade {

namespace {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "aitrade-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }

  ~Folder() { fs::remove_all(path); }

  fs::path path;
};

std::vector<std::string> lines_of(const fs::path& file) {
  std::vector<std::string> lines;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);)
    lines.push_back(line);
  return lines;
}

Time fixed_time() {
  return Time::from_seconds(1'643'108'580);
}  // 2022-01-25T11:03:00Z

/// Options whose console lines go to `lines`.
LogOptions into(std::vector<std::string>& lines) {
  LogOptions options;
  options.console_to = [&lines](std::string_view line) { lines.emplace_back(line); };
  options.now = fixed_time;
  return options;
}

}  // namespace

TEST_CASE("log: one fact on one line, name first", "[log]") {
  std::vector<std::string> lines;
  const Log log(into(lines));

  log.with({{"desk", "main:kraken"}})
      .info("order.accepted", {{"latency_ms", 41},
                               {"fee", Money::parse_or_die("0.52")},
                               {"note", "two words\nand \"more\""},
                               {"ok", true},
                               {"ratio", 0.5}});

  CHECK(lines == std::vector<std::string>{
                     "2022-01-25T11:03:00.000Z info  order.accepted desk=main:kraken latency_ms=41 "
                     "fee=0.52 note=\"two words\\u000aand \\\"more\\\"\" ok=true ratio=0.5"});
}

TEST_CASE("log: JSON lines keep numbers as numbers and money as text", "[log]") {
  std::vector<std::string> lines;
  LogOptions options = into(lines);
  options.console_json = true;
  const Log log(options);

  log.warn("feed.stale",
           {{"pair", "BTC/USD"}, {"age_s", 120}, {"fee", Money::parse_or_die("0.52")}});

  CHECK(lines ==
        std::vector<std::string>{
            R"({"t":"log","ts":"2022-01-25T11:03:00.000Z","level":"warn","event":"feed.stale",)"
            R"("pair":"BTC/USD","age_s":120,"fee":"0.52"})"});
}

TEST_CASE("log: level decides, and may change while running", "[log]") {
  std::vector<std::string> lines;
  const Log log(into(lines));

  log.debug("hidden");
  CHECK(lines.empty());
  CHECK_FALSE(log.enabled(Log::Level::debug));

  log.set_level(Log::Level::debug);
  log.debug("shown");
  CHECK(lines.size() == 1);
}

TEST_CASE("log: set up twice, a line appears once in each sink", "[log][L2]") {
  const Folder folder;
  std::vector<std::string> lines;
  LogOptions options = into(lines);
  options.directory = folder.path;
  const Log log(options);
  log.set_up(options);
  log.set_up(options);

  log.error("only.once");
  log.flush();

  CHECK(lines.size() == 1);
  CHECK(lines_of(folder.path / "aitrade.log").size() == 1);
  CHECK(lines_of(folder.path / "errors.log").size() == 1);
}

TEST_CASE("log: files rotate by size, are bounded in number, and errors stand apart", "[log][L1]") {
  const Folder folder;
  LogOptions options;
  options.console = false;
  options.directory = folder.path;
  options.main_max_bytes = 4096;
  options.main_backups = 2;
  options.error_max_bytes = 2048;
  options.error_backups = 1;
  const Log log(options);

  for (int i = 0; i < 500; ++i) {
    log.info("tick.seen", {{"i", i}});
    if (i % 5 == 0) log.error("tick.bad", {{"i", i}});
  }
  log.flush();

  int main_files = 0;
  int error_files = 0;
  for (const auto& entry : fs::directory_iterator(folder.path)) {
    const std::string name = entry.path().filename().string();
    const bool error_file = name.starts_with("errors");
    (error_file ? error_files : main_files) += 1;
    CHECK(entry.file_size() <= (error_file ? 2048U : 4096U));
    CHECK((entry.status().permissions() & fs::perms::all) ==
          (fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read));
    for (const std::string& line : lines_of(entry.path())) {
      if (error_file) CHECK(line.find("tick.bad") != std::string::npos);
    }
  }
  CHECK(main_files == 3);  // the file and two older ones
  CHECK(error_files == 2);
  CHECK(lines_of(folder.path / "aitrade.log").back().find("\"i\":499") != std::string::npos);
}

TEST_CASE("log: the shipped limits are 50 MB x 5 and 10 MB x 3", "[log][L1]") {
  const LogOptions options;

  CHECK(options.main_max_bytes == 50U * 1024 * 1024);
  CHECK(options.main_backups == 5);
  CHECK(options.error_max_bytes == 10U * 1024 * 1024);
  CHECK(options.error_backups == 3);
}

TEST_CASE("log: a directory that cannot be written leaves the console, and says so", "[log]") {
  std::vector<std::string> lines;
  LogOptions options = into(lines);
  options.directory = "/proc/aitrade";
  const Log log(options);

  log.error("still.here");

  CHECK(lines.size() == 1);
  CHECK(log.faults().size() == 2);
}

TEST_CASE("log: a sink that throws costs the line and nothing else", "[log]") {
  LogOptions options;
  options.console_to = [](std::string_view) { throw std::runtime_error("disk full"); };
  const Log log(options);

  CHECK_NOTHROW(log.error("lost"));

  CHECK(log.lost() == 1);
}

TEST_CASE("log: a full disk is survived", "[log]") {
  if (!fs::exists("/dev/full")) {
    WARN("skipped: no /dev/full here");
    return;
  }
  const Folder folder;
  fs::create_symlink("/dev/full", folder.path / "aitrade.log");
  std::vector<std::string> lines;
  LogOptions options = into(lines);
  options.directory = folder.path;
  const Log log(options);

  for (int i = 0; i < 100; ++i)
    log.error("x", {{"i", i}});
  log.flush();

  CHECK(lines.size() == 100);
}

TEST_CASE("log: a thread of its own loses nothing it has room for", "[log]") {
  const Folder folder;
  LogOptions options;
  options.console = false;
  options.directory = folder.path;
  options.async = true;
  {
    const Log log(options);
    std::vector<std::jthread> writers;
    for (int w = 0; w < 4; ++w) {
      writers.emplace_back([&log, w] {
        for (int i = 0; i < 250; ++i)
          log.info("line", {{"writer", w}, {"i", i}});
      });
    }
    writers.clear();
    CHECK(log.lost() == 0);
  }  // the last handle waits for the queue

  CHECK(lines_of(folder.path / "aitrade.log").size() == 1000);
}

TEST_CASE("log: a line is in the file at once, for whoever follows it, and over kill -9", "[log]") {
  const Folder folder;
  LogOptions options;
  options.console = false;
  options.directory = folder.path;
  options.async = GENERATE(false, true);
  const Log log(options);
  log.info("position.opened", {{"pair", "BTC/USD"}});
  const auto lines = [&folder] { return lines_of(folder.path / "aitrade.log").size(); };
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  while (options.async && lines() == 0 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  CHECK(lines() == 1);   // the log is open still
}

TEST_CASE("log: closing waits for the thread of its own", "[log]") {
  const Folder folder;
  LogOptions options;
  options.console = false;
  options.directory = folder.path;
  options.async = true;
  const Log log(options);
  for (int i = 0; i < 1'000; ++i)
    log.info("tick.seen", {{"i", i}});

  log.close();

  CHECK(lines_of(folder.path / "aitrade.log").size() == 1'000);
  CHECK_NOTHROW(log.error("too.late"));
}

TEST_CASE("log: a line is bounded and stays JSON", "[log]") {
  std::vector<std::string> lines;
  LogOptions options = into(lines);
  options.console_json = true;
  const Log log(options);

  log.info("big", {{"text", std::string(100'000, '"')}});

  REQUIRE(lines.size() == 1);
  CHECK(lines[0].size() <= 8300);
  CHECK(lines[0].ends_with("...\"}"));
}

TEST_CASE("redaction: nothing that looks like a credential reaches a sink", "[log][redact]") {
  // Assembled here, so that no text of this file looks like a key.
  const std::string letters = "Ab1cD2eF3gH4iJ5kL6mN7oP8qR9sT0uV";
  const auto [before, after] = GENERATE_COPY(table<std::string, std::string>({
      {"POST key=" + letters + " HTTP", "POST key=*** HTTP"},
      {"api_key=abc&pair=XBTUSD", "api_key=***&pair=XBTUSD"},
      {"{\"api_secret\":\"abc\",\"pair\":\"XBTUSD\"}",
       "{\"api_secret\":\"***\",\"pair\":\"XBTUSD\"}"},
      {"Authorization: Bearer " + letters, "Authorization: ***"},
      {"got bearer " + letters + " there", "got bearer *** there"},
      {"API-Sign: " + letters + "==", "API-Sign: ***"},
      {"Cookie: aitrade_local=abc; x=1\r\nHost: a", "Cookie: ***\r\nHost: a"},
      {"created atk_" + letters + " now", "created *** now"},
      {"stripe sk_" + letters + ", whsec_" + letters, "stripe ***, ***"},
      {"GET /bot12345678:" + letters + "xyz/sendMessage", "GET /***/sendMessage"},
      {"jwt eyJhbGciOi.eyJzdWIiOi." + letters, "jwt ***"},
      {"pem -----BEGIN X-----\nabc\n-----END X----- done", "pem *** done"},
      {"raw " + letters + letters + "/+==", "raw ***"},
  }));

  CHECK(Redactor().clean(before) == after);
}

TEST_CASE("redaction: ordinary text stays", "[log][redact]") {
  const std::string text = GENERATE(
      as<std::string>(), "hash 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
      "file /srv/trading/State/Directory1/runs/2022/Data/of/the/run/Number9/segment/File.bin",
      "pair=BTC/USD keys=4 monkey=1 risk_budget=0.5", "disk is full", "12:30:45 at noon",
      "symbol: BTC/USD side: buy");

  CHECK(Redactor().clean(text) == text);
}

TEST_CASE("redaction: a registered secret goes in every form", "[log][redact]") {
  std::vector<std::string> lines;
  const Log log(into(lines));
  log.hide(Secret("s3cr+t/word"));

  log.info("a", {{"plain", "x s3cr+t/word y"},
                 {"url", "q=s3cr%2Bt%2Fword"},
                 {"hex", "733363722b742f776f7264"},
                 {"base64", "czNjcit0L3dvcmQ"},  // the last group, "rd", is not searched for

                 {"password", "anything"}});

  REQUIRE(lines.size() == 1);
  CHECK(lines[0] ==
        "2022-01-25T11:03:00.000Z info  a plain=\"x *** y\" url=\"q=***\" hex=*** base64=***cmQ "
        "password=***");
  CHECK(log.redactions() == 4);
}

}  // namespace aitrade
