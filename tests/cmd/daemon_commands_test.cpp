#include <catch2/catch.hpp>

#include <rapidjson/document.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "cmd/cli.h"
#include "core/api/api.h"
#include "core/config/paths.h"
#include "core/runtime/heartbeat.h"
#include "core/store/instance_lock.h"
#include "tests/core/api/sample_view.h"

using namespace aitrade;

namespace {

Time wall() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return Time{std::chrono::duration_cast<std::chrono::nanoseconds>(now).count()};
}

/// A home directory of its own, removed at the end.
struct Home {
  std::filesystem::path path;
  Paths paths;

  Home() {
    std::string name = (std::filesystem::temp_directory_path() / "aitrade-home-XXXXXX").string();
    path = ::mkdtemp(name.data());
    paths = *find_paths(path, {});
    REQUIRE(make_directories(paths));
  }

  ~Home() { std::filesystem::remove_all(path); }
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;

  struct Ran {
    int code;
    std::string out, err;
  };

  [[nodiscard]] Ran run(std::vector<std::string> arguments) const {
    std::ostringstream out;
    std::ostringstream err;
    cli::Context context{.out = out, .err = err};
    arguments.insert(arguments.end(), {"--home", path.string()});
    const auto code = cli::run_command_line(arguments, context);
    return {static_cast<int>(code), out.str(), err.str()};
  }
};

/// What `run` holds open: lock, heartbeat, API on the socket.
struct Daemon {
  const Home& home;
  InstanceLock lock;
  ViewBoard views;
  EngineView view = test::sample_view(wall());
  ApiHandler handler;
  std::unique_ptr<HttpServer> server;

  explicit Daemon(const Home& where)
      : home(where), lock(*InstanceLock::take(where.paths.lock_file(), wall())),
        handler({views, [this](const OperatorCommand& command) { return obey(command); }, wall, {},
                 "0.1.0", "abc"}) {
    views.publish(std::make_shared<const EngineView>(view));
    beat(Duration{0});
    ServerOptions options;
    options.tcp = false;
    options.unix_path = home.paths.socket().string();
    auto started = HttpServer::start(options, handler);
    REQUIRE(started);
    server = *std::move(started);
  }

  void beat(Duration age) const {
    Heartbeat beat;
    beat.pid = ::getpid();
    beat.seq = 1;
    beat.progress = 5;
    beat.state = "running";
    beat.now = beat.progressed_at = wall() - age;
    REQUIRE(write_heartbeat(home.paths.heartbeat(), beat));
  }

  Status obey(const OperatorCommand& command) {
    view.paused = command.action == OperatorAction::pause;
    if (command.action == OperatorAction::close_all) view.positions.clear();
    views.publish(std::make_shared<const EngineView>(view));
    return ok();
  }
};

std::string status_of(const std::string& json) {
  rapidjson::Document document;
  document.Parse(json.c_str());
  REQUIRE(document.IsObject());
  return document["status"].GetString();
}

}  // namespace

TEST_CASE("daemon commands: without a daemon", "[cmd][daemon]") {
  const Home home;

  SECTION("status says so and exits 4") {
    const auto ran = home.run({"status"});
    CHECK(ran.code == 4);
    CHECK(ran.out.empty());
    CHECK(ran.err.find("no daemon") != std::string::npos);
  }
  SECTION("health is down and exits 4") {
    const auto ran = home.run({"health", "--json"});
    CHECK(ran.code == 4);
    CHECK(status_of(ran.out) == "down");
  }
  SECTION("close-all has nobody to ask") { CHECK(home.run({"close-all", "--yes"}).code == 4); }
  SECTION("pause is stored for the next run") {
    CHECK(home.run({"pause", "--reason", "news"}).code == 0);
    CHECK(std::filesystem::exists(home.paths.trading_db()));
    CHECK(home.run({"resume"}).code == 0);
  }
}

TEST_CASE("daemon commands: pause while a daemon is starting is tried again later", "[cmd][daemon]") {
  const Home home;
  const auto lock = InstanceLock::take(home.paths.lock_file(), wall());

  CHECK(home.run({"pause"}).code == 75);
}

TEST_CASE("daemon commands: with a daemon", "[cmd][daemon]") {
  const Home home;
  Daemon daemon(home);

  SECTION("status shows the view") {
    const auto table = home.run({"status", "--format", "table"});
    CHECK(table.code == 0);
    CHECK(table.out.find("BTC/USD") != std::string::npos);
    const auto json = home.run({"status", "--json"});
    CHECK(json.code == 0);
    CHECK(status_of(json.out) == "running");
  }
  SECTION("health is ok, and needs no configuration") {
    const auto ran = home.run({"health", "--json"});
    CHECK(ran.code == 0);
    CHECK(status_of(ran.out) == "ok");
  }
  SECTION("an old heartbeat is down, whatever the socket says") {
    daemon.beat(seconds{120});
    const auto ran = home.run({"health", "--json"});
    CHECK(ran.code == 3);
    CHECK(status_of(ran.out) == "down");
    CHECK(ran.out.find("heartbeat_old") != std::string::npos);
    CHECK(home.run({"health", "--max-age", "600"}).code == 0);
  }
  SECTION("not ready is degraded") {
    daemon.view.ready = false;
    daemon.views.publish(std::make_shared<const EngineView>(daemon.view));
    const auto ran = home.run({"health", "--json"});
    CHECK(ran.code == 3);
    CHECK(status_of(ran.out) == "degraded");
  }
  SECTION("pause and resume reach it") {
    CHECK(home.run({"pause", "--dry-run"}).code == 0);
    CHECK_FALSE(daemon.views.read()->paused);
    CHECK(home.run({"pause", "--reason", "news"}).code == 0);
    CHECK(daemon.views.read()->paused);
    CHECK(home.run({"resume"}).code == 0);
    CHECK_FALSE(daemon.views.read()->paused);
  }
  SECTION("close-all needs --yes without a terminal, and ends flat") {
    CHECK(home.run({"close-all"}).code == 2);
    CHECK(home.run({"close-all", "--dry-run"}).out.find("close long 0.015625 BTC/USD") !=
          std::string::npos);
    CHECK(daemon.views.read()->positions.size() == 2);
    const auto ran = home.run({"close-all", "--yes", "--json"});
    CHECK(ran.code == 0);
    CHECK(status_of(ran.out) == "flat");
  }
}

namespace {

/// A terminal that goes away with the second picture.
class ShortTerminal : public std::stringbuf {
 public:
  [[nodiscard]] int frames() const { return frames_; }

 protected:
  int sync() override { return ++frames_ < 2 ? 0 : -1; }

 private:
  int frames_{0};
};

}  // namespace

TEST_CASE("daemon commands: a watched status fits into a terminal of 80 columns and 24 lines", "[cmd][daemon]") {
  const Home home;
  const Daemon daemon(home);
  ShortTerminal terminal;
  std::ostream out(&terminal);
  std::ostringstream err;
  cli::Context context{out, err, true, false, false};
  cli::run_command_line({"--color", "never", "status", "--watch", "--home", home.path.string()}, context);
  std::string text = terminal.str();
  const auto last = text.rfind("\x1b[J");
  REQUIRE(last != std::string::npos);
  text = text.substr(last + 3, text.find("\x1b[?25h", last) - last - 3);
  std::istringstream lines(text);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    INFO(line);
    CHECK(line.size() <= 80);
  }
  CHECK(count >= 5);
  CHECK(count <= 24);
  CHECK(text.find("aitrade  paper") == 0);
  CHECK(text.find("equity") != std::string::npos);
}
