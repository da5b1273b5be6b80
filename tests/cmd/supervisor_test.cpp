// What a service manager hears: a datagram socket stands in for systemd.

#include "cmd/supervisor.h"

#include <catch2/catch.hpp>

#include <cstddef>
#include <cstring>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/tape.h"

using namespace aitrade;
using namespace aitrade::test;
using cli::Supervisor;

namespace {

/// The socket of a manager; a name that begins with @ is abstract.
class Manager {
 public:
  explicit Manager(const std::string& name) : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    REQUIRE(name.size() < sizeof address.sun_path);
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name.front() == '@') address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    REQUIRE(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), size) == 0);
  }

  ~Manager() { ::close(socket_); }

  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;

  /// Everything said so far, a datagram each.
  [[nodiscard]] std::vector<std::string> heard() const {
    std::vector<std::string> all;
    char text[512];
    for (ssize_t size; (size = ::recv(socket_, text, sizeof text, 0)) >= 0;) {
      all.emplace_back(text, static_cast<std::size_t>(size));
    }
    return all;
  }

 private:
  int socket_;
};

using Words = std::vector<std::string>;

constexpr std::int64_t own_pid = 4321;

Time at(std::int64_t s) { return Time{s * 1'000'000'000}; }

}  // namespace

TEST_CASE("supervisor: says ready and stopping to the socket it was given", "[cmd][supervisor]") {
  const TempFolder folder;
  const bool is_abstract = GENERATE(false, true);
  const std::string name = is_abstract ? "@aitrade-test-" + std::to_string(::getpid()) : folder / "notify";
  const Manager manager(name);
  const Supervisor supervisor({{"NOTIFY_SOCKET", name}}, own_pid);

  supervisor.ready("trading on paper");
  supervisor.stopping();

  CHECK(supervisor.is_there());
  CHECK(manager.heard() == Words{"READY=1\nSTATUS=trading on paper", "STOPPING=1"});
}

TEST_CASE("supervisor: feeds the watchdog only while the engine moves", "[cmd][supervisor]") {
  const TempFolder folder;
  const Manager manager(folder / "notify");
  Supervisor supervisor({{"NOTIFY_SOCKET", folder / "notify"}, {"WATCHDOG_USEC", "30000000"}}, own_pid);

  supervisor.alive(1, at(100));   // moved: fed, the next one 15 s later
  supervisor.alive(2, at(114));   // too early
  supervisor.alive(2, at(115));   // fed
  supervisor.alive(2, at(130));   // stands still
  supervisor.alive(2, at(500));   // still stands
  CHECK(manager.heard() == Words{"WATCHDOG=1", "WATCHDOG=1"});

  supervisor.alive(3, at(501));
  CHECK(manager.heard() == Words{"WATCHDOG=1"});
}

TEST_CASE("supervisor: leaves alone a watchdog that is not there or not its own", "[cmd][supervisor]") {
  const TempFolder folder;
  const Manager manager(folder / "notify");
  const auto watchdog = GENERATE(
      std::vector<std::string>{"", ""}, std::vector<std::string>{"soon", ""}, std::vector<std::string>{"-5", ""},
      std::vector<std::string>{"1000", "4322"});
  const std::map<std::string, std::string> all{
      {"NOTIFY_SOCKET", folder / "notify"}, {"WATCHDOG_USEC", watchdog[0]}, {"WATCHDOG_PID", watchdog[1]}};
  Supervisor supervisor(all, own_pid);

  supervisor.alive(1, at(100));
  CHECK(manager.heard().empty());

  supervisor.stopping();
  CHECK(manager.heard() == Words{"STOPPING=1"});
}

TEST_CASE("supervisor: without a manager, or with an address it cannot use, it says nothing", "[cmd][supervisor]") {
  const std::string address =
      GENERATE(std::string(), std::string("@"), std::string("relative"), std::string("vsock:2:1234"), std::string(400, '/'));
  Supervisor supervisor({{"NOTIFY_SOCKET", address}, {"WATCHDOG_USEC", "1000"}}, own_pid);

  supervisor.ready("x");
  supervisor.alive(1, at(1));
  supervisor.stopping();

  CHECK_FALSE(supervisor.is_there());
}

TEST_CASE("supervisor: a manager that went away changes nothing", "[cmd][supervisor]") {
  const TempFolder folder;
  const Supervisor supervisor({{"NOTIFY_SOCKET", folder / "nobody"}}, own_pid);

  supervisor.ready("x");
  supervisor.stopping();

  CHECK(supervisor.is_there());
}

TEST_CASE("supervisor: the daemon is ready after its warm-up and stopping at its end", "[cmd][supervisor][e2e]") {
  const TempFolder folder;
  const Manager manager(folder / "notify");
  const std::string tape = folder.write("tape.csv", to_csv(made_candles(3, 600, 40'000)));

  const Finished finished = run_aitrade(
      Start{.arguments = {"run", "--tape", "BTC/USDT=" + tape, "--speed", "0", "--set", "dashboard.enabled=false",
                          "--set", "trading.timeframes=[1]", "--set", "ai.primary_timeframe=1", "--home", folder / "home"},
            .environment = {{"NOTIFY_SOCKET", folder / "notify"}}});

  INFO(finished.err);
  CHECK(finished.exit_code == 0);
  const Words heard = manager.heard();
  REQUIRE(heard.size() == 2);
  CHECK(heard.front().starts_with("READY=1\nSTATUS=trading on paper"));
  CHECK(heard.back() == "STOPPING=1");
}

TEST_CASE("supervisor: the unit waits for the daemon and watches it", "[cmd][supervisor]") {
  const std::string unit = read_file(std::string(AITRADE_SOURCE_DIR) + "/share/systemd/aitrade.service");

  CHECK(unit.find("\nType=notify\n") != std::string::npos);
  CHECK(unit.find("\nNotifyAccess=main\n") != std::string::npos);
  CHECK(unit.find("\nWatchdogSec=30\n") != std::string::npos);
}
