// What stands in the way of a start, end to end: damaged or newer files, no exchange, a taken port, a second
// instance, a home that cannot be written. Each has the exit code of cli.md 3, says why, and loses nothing.
#include <catch2/catch.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "core/store/candle_store.h"
#include "tests/support/daemon_rig.h"
#include "tests/support/home.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

namespace fs = std::filesystem;

/// A home with candles in market.db and a pause in trading.db.
struct Filled : Home {
  Filled() {
    REQUIRE(run({"import", candles(), "--pair", "BTC/USD"}).exit_code == 0);
    REQUIRE(run({"pause", "--reason", "test"}).exit_code == 0);
    REQUIRE(run({"db", "check"}).exit_code == 0);
  }
};

void overwrite(const fs::path& path, std::uintmax_t offset, const std::string& bytes) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(offset));
  file << bytes;
  REQUIRE(file.good());
}

/// A port that somebody else listens on.
struct TakenPort {
  TakenPort() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(socket, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(socket, 1) == 0);
    REQUIRE(::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    number = std::to_string(ntohs(address.sin_port));
  }

  ~TakenPort() { ::close(socket); }
  TakenPort(const TakenPort&) = delete;
  TakenPort& operator=(const TakenPort&) = delete;

  int socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  std::string number;
};

}  // namespace

TEST_CASE("faults: a damaged candle store is refused and left as it is", "[cmd][faults]") {
  const Filled home;
  const fs::path file = home.data("market.db");
  const std::string whole = home.run({"data", "cat", "BTC/USD"}).out;
  SECTION("no database at all") { std::ofstream(file, std::ios::binary) << std::string(8192, 'x'); }
  SECTION("another program's") {
    fs::copy_file(home.data("trading.db"), file, fs::copy_options::overwrite_existing);
  }
  SECTION("cut off") { fs::resize_file(file, fs::file_size(file) - 4096); }
  SECTION("a page spoiled") { overwrite(file, fs::file_size(file) - 4096, std::string(4096, '\x7f')); }
  const std::string before = read_file(file);

  const Finished checked = home.run({"db", "check"});
  INFO(checked.out << checked.err);
  CHECK(checked.exit_code == 78);
  CHECK(holds(checked.out + checked.err, "market.db"));
  const Finished imported = home.run({"import", home.candles(), "--pair", "BTC/USD"});
  INFO(imported.out << imported.err);
  CHECK(imported.exit_code == 78);
  CHECK(holds(imported.err, "market.db"));
  const Finished printed = home.run({"data", "cat", "BTC/USD"});
  CHECK((printed.exit_code == 78 || printed.out == whole));  // damage elsewhere need not be met
  CHECK(read_file(file) == before);
}

TEST_CASE("faults: a damaged ledger stops every command that needs it", "[cmd][faults]") {
  const Filled home;
  const fs::path file = home.data("trading.db");
  std::ofstream(file, std::ios::binary) << std::string(8192, 'x');
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"db", "check"}, {"db", "migrate"}, {"export", "trades"}, {"export", "fills"}, {"pause"}, {"resume"}}) {
    const Finished refused = home.run(words);
    INFO(words[0] << ": " << refused.out << refused.err);
    CHECK(refused.exit_code == 78);
    CHECK(holds(refused.out + refused.err, "trading.db"));
  }
  CHECK(read_file(file) == std::string(8192, 'x'));
}

TEST_CASE("faults: the daemon does not start on a damaged or newer ledger, and names it", "[cmd][faults]") {
  const DaemonRig rig("600");
  {
    const auto daemon = rig.start();
    daemon->signal(SIGTERM);
    REQUIRE(daemon->wait(stop_limit_ms) == 143);
  }
  const std::string whole = read_file(rig.ledger());
  SECTION("newer") {
    Database ledger = rig.open_foreign();
    REQUIRE(ledger.execute("PRAGMA user_version=99"));
    REQUIRE(ledger.checkpoint(true));
  }
  SECTION("noise") { std::ofstream(rig.ledger(), std::ios::binary) << std::string(8192, 'x'); }
  SECTION("a page spoiled") { overwrite(rig.ledger(), fs::file_size(rig.ledger()) - 4096, std::string(4096, '\x7f')); }
  SECTION("cut off") { fs::resize_file(rig.ledger(), fs::file_size(rig.ledger()) / 2 / 4096 * 4096); }
  const std::string before = read_file(rig.ledger());
  const Finished refused = run_aitrade(rig.run_arguments());
  INFO(refused.err);
  CHECK(refused.exit_code == 78);
  CHECK(refused.out.empty());
  CHECK(holds(refused.err, "trading.db"));
  CHECK(read_file(rig.ledger()) == before);

  std::ofstream(rig.ledger(), std::ios::binary) << whole;  // the backup that the operator had
  const auto daemon = rig.start();
  daemon->signal(SIGTERM);
  CHECK(daemon->wait(stop_limit_ms) == 143);
  rig.require_sound();
}

TEST_CASE("faults: a damaged ledger is found before the exchange is asked", "[cmd][faults]") {
  const Filled home;
  std::ofstream(home.data("trading.db"), std::ios::binary) << std::string(8192, 'x');
  const TakenPort silent;  // listens and never answers
  const Finished refused = home.run({"run", "--set", "exchange.kraken.rest_url=\"http://127.0.0.1:" + silent.number + "\"",
                                     "--set", "dashboard.port=0"});
  INFO(refused.err);
  CHECK(refused.exit_code == 78);
}

TEST_CASE("faults: no exchange there is 69", "[cmd][faults]") {
  const Home home;
  std::string nobody;
  {
    const TakenPort port;
    nobody = "http://127.0.0.1:" + port.number;
  }
  const Finished refused =
      home.run({"run", "--set", "exchange.kraken.rest_url=\"" + nobody + "\"", "--set", "dashboard.port=0"});
  INFO(refused.err);
  CHECK(refused.exit_code == 69);
}

TEST_CASE("faults: a pair that the exchange does not have is not found", "[cmd][faults]") {
  const DaemonRig rig("600");
  const Finished refused = run_aitrade(rig.run_arguments({"--set", "trading.pairs=[\"XYZ/USDT\"]"}));
  INFO(refused.err);
  CHECK(refused.exit_code == 4);
  CHECK(holds(refused.err, "XYZ/USDT"));
}

TEST_CASE("faults: a taken port is named, and the first owner keeps it", "[cmd][faults][DPLY2]") {
  const Home home;
  const TakenPort port;
  const std::string tape = "BTC/USD=" + home.candles();
  const Finished daemon = home.run({"run", "--tape", tape, "--set", "dashboard.port=" + port.number});
  INFO(daemon.err);
  CHECK(daemon.exit_code == 75);
  CHECK(holds(daemon.err, port.number));
  CHECK(daemon.out.empty());
  CHECK_FALSE(fs::exists(fs::path(home.path) / "run" / "aitrade.sock"));
  CHECK(home.run({"health"}).exit_code == 4);

  const Finished exchange = home.run({"sim", "--tape", tape, "--port", port.number});
  INFO(exchange.err);
  CHECK(exchange.exit_code == 75);
  CHECK(holds(exchange.err, port.number));
}

TEST_CASE("faults: a second daemon is refused with the pid of the first, which trades on", "[cmd][faults][DPLY2]") {
  const DaemonRig rig("60");
  const auto first = rig.start();
  const std::string lock = read_file((rig.ledger().parent_path() / "lock").string());
  const std::string pid = lock.substr(0, lock.find(' '));
  for (const auto& words : {rig.run_arguments(), rig.run_arguments({"--set", "dashboard.enabled=false"})}) {
    const Finished second = run_aitrade(words);
    INFO(second.err);
    CHECK(second.exit_code == 75);
    CHECK(holds(second.err, "held by process " + pid));
    CHECK(second.out.empty());
  }
  CHECK(rig.ask({"db", "migrate"}).exit_code == 75);
  CHECK(first->is_running());
  CHECK(rig.ask({"status"}).exit_code == 0);
  first->signal(SIGTERM);
  CHECK(first->wait(stop_limit_ms) == 143);
  rig.require_sound();
}

TEST_CASE("faults: a second import waits its turn outside", "[cmd][faults]") {
  const Filled home;
  auto first = CandleStore::open_for_writing(home.data("market.db"), Time{});
  REQUIRE(first.has_value());
  const Finished second = home.run({"import", home.candles(), "--pair", "ETH/USD"});
  INFO(second.err);
  CHECK(second.exit_code == 75);
  CHECK(holds(second.err, "held by process " + std::to_string(::getpid())));
  CHECK(home.run({"data", "cat", "BTC/USD"}).exit_code == 0);  // readers need no lock
}

TEST_CASE("faults: a failed start leaves the books of the last demo", "[cmd][faults]") {
  const Home home;
  const std::string tape = "BTC/USD=" + home.candles();
  REQUIRE(home.run({"run", "-q", "--tape", tape, "--speed", "0", "--set", "dashboard.port=0"}).exit_code == 0);
  const fs::path books = fs::path(home.path) / "data" / "demo" / "trading.db";
  const std::string before = read_file(books);
  REQUIRE(before.size() > 4096);
  CHECK(home.run({"run", "-q", "--tape", "BTC/USD=" + home.folder.write("bad.csv", "nonsense\n")}).exit_code == 2);
  const TakenPort port;
  CHECK(home.run({"run", "-q", "--tape", tape, "--set", "dashboard.port=" + port.number}).exit_code == 75);
  CHECK(read_file(books) == before);
}

TEST_CASE("faults: a home that cannot be written is 73", "[cmd][faults]") {
  const Home home;
  const std::string file = home.folder.write("file", "x");
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"import", home.candles(), "--pair", "BTC/USD"}, {"pause"}, {"init"}, {"run", "--demo"}}) {
    std::vector<std::string> all = words;
    all.insert(all.end(), {"--home", file + "/below"});
    const Finished refused = run_aitrade(all);
    INFO(words[0] << ": " << refused.err);
    CHECK(refused.exit_code == 73);
    CHECK(refused.out.empty());
  }
  CHECK(read_file(file) == "x");
}
