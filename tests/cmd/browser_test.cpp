// The page of the demo in a real browser: headless Chromium loads it and says what is in the document.
//
// Skipped with a message where there is no Chromium: it is too large to install for one test.

#include <catch2/catch.hpp>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/support/child.h"
#include "tests/support/daemon_rig.h"
#include "tests/support/home.h"

using namespace aitrade::test;

namespace {

constexpr int trade_polls = 600;   // of 200 ms: two minutes

/// The command that starts Chromium; empty when there is none.
std::string chromium(const TempFolder& folder) {
  const Finished found = run_shell(
      "for name in chromium chromium-browser google-chrome; do command -v $name && exit 0; done", folder.path());
  return found.out.substr(0, found.out.find('\n'));
}

/// The text between two marks, empty when one is missing.
std::string between(const std::string& text, const std::string& before, const std::string& after) {
  const auto begin = text.find(before);
  if (begin == std::string::npos) return "";
  const auto from = begin + before.size();
  const auto end = text.find(after, from);
  return end == std::string::npos ? "" : text.substr(from, end - from);
}

/// Text of the element with that id, without tags inside.
std::string text_of(const std::string& dom, const std::string& id) {
  const std::string tag = between(dom, "id=\"" + id + "\"", "</");
  return tag.substr(tag.find('>') + 1);
}

/// A demo on a free port that has closed a trade.
class Demo {
 public:
  /// With a password one may log in.
  explicit Demo(const std::string& speed = "600", const std::string& password = "")
      : child_(with_password(password, {"run", "--demo", "--speed", speed, "--home", home, "--set", "dashboard.port=0"}),
               folder / "run.log") {
    const std::string text = wait_for_text(child_.out_path(), "run.started", start_limit_ms);
    INFO(read_file(child_.out_path()));
    REQUIRE_FALSE(text.empty());
    url = "http://127.0.0.1:" + between(text, "http://127.0.0.1:", "/") + "/";
    for (int i = 0; i < trade_polls && !has_trade(); ++i) pass_time(200);
    REQUIRE(has_trade());
  }

  int interrupt() {
    child_.signal(SIGINT);
    return child_.wait(stop_limit_ms);
  }

  [[nodiscard]] int pid() const { return child_.pid(); }

  [[nodiscard]] std::string log() const { return read_file(child_.out_path()); }

  TempFolder folder;
  std::string home = folder / "home";
  std::string url;

 private:
  [[nodiscard]] bool has_trade() const {
    const Finished status = run_aitrade({"status", "--json", "--home", home});
    return status.exit_code == 0 && !holds(status.out, "\"trades_total\":0,");
  }

  [[nodiscard]] std::vector<std::string> with_password(const std::string& password, std::vector<std::string> arguments) const {
    if (!password.empty()) {
      REQUIRE(run_aitrade({"passwd", "--from-file", folder.write("password", password + "\n"), "--home", home}).exit_code == 0);
    }
    return arguments;
  }

  Child child_;
};

}  // namespace

TEST_CASE("browser: the page of the demo shows mode, equity and a trade, and no error", "[cmd][browser][DPLY2]") {
  const TempFolder folder;
  const std::string program = chromium(folder);
  if (program.empty()) {
    WARN("skipped: chromium is not here (apt-get install chromium, to run this test)");
    return;
  }
  Demo demo;

  // No name resolves but loopback: a page that asks elsewhere would say so in its console.
  const Finished page = run_shell(
      "timeout 100 " + program + " --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --user-data-dir=" +
          (folder / "profile") + " --host-resolver-rules='MAP * ~NOTFOUND, EXCLUDE 127.0.0.1' --enable-logging=stderr" +
          " --window-size=1440,900 --virtual-time-budget=4000 --dump-dom " + demo.url,
      folder.path(), {{"HOME", folder.path()}});
  const int stopped = demo.interrupt();

  INFO(page.err.substr(0, 3000));
  REQUIRE(page.exit_code == 0);
  const std::string& dom = page.out;
  CHECK(text_of(dom, "mode") == "paper");
  CHECK(text_of(dom, "equity").starts_with("$"));
  CHECK(holds(dom, "data-link=\"live\""));
  CHECK(holds(between(dom, "id=\"trades\"", "</tbody>"), "data-label=\"P&amp;L\""));
  CHECK(holds(between(dom, "id=\"decisions\"", "</tbody>"), "data-label=\"Outcome\""));
  CHECK(holds(between(dom, "id=\"chart\"", "</section>"), "class=\"curve\""));
  CHECK_FALSE(holds(page.err, "CONSOLE"));
  CHECK(stopped == 130);
  CHECK(holds(demo.log(), "trade.closed"));
  CHECK(holds(demo.log(), "\"ended\":\"signal\""));
}

namespace {

/// What drives the browser, when all of it is here: a folder with the scripts beside their modules.
bool prepare_driver(const TempFolder& folder, const std::string& program) {
  const std::string modules = AITRADE_BROWSER_MODULES;
  const bool is_here = !program.empty() && run_shell("command -v node", folder.path()).exit_code == 0 &&
                       run_shell("test -f " + modules + "/playwright-core/package.json", folder.path()).exit_code == 0;
  if (!is_here) {
    WARN("skipped: chromium, node, or the driver that a build installs with npm is not here");
    return false;
  }
  return run_shell("cp " + std::string(AITRADE_SOURCE_DIR) + "/tests/browser/*.mjs . && ln -s " + modules + " node_modules",
                   folder.path()).exit_code == 0;
}

}  // namespace

TEST_CASE("browser: negative money keeps its sign, nothing has none, and digits stay exact [U5]", "[cmd][browser][U5]") {
  const TempFolder folder;
  if (run_shell("command -v node", folder.path()).exit_code != 0) {
    WARN("skipped: node is not here");
    return;
  }
  const std::string source = AITRADE_SOURCE_DIR;
  const Finished done = run_shell("cp " + source + "/tests/browser/format.mjs . && cp " + source +
                                      "/share/dashboard/format.js page_format.mjs && node format.mjs", folder.path());
  INFO(done.err);
  CHECK(done.exit_code == 0);
}

TEST_CASE("browser: a person logs in and uses every part, wide and narrow, dark and light, by keyboard too [HARD7][U2][U4][U6][X12]",
          "[cmd][browser][drive][HARD7][U2][U4][U6][X12]") {
  const TempFolder folder;
  const std::string program = chromium(folder);
  if (!prepare_driver(folder, program)) return;
  constexpr const char* password = "seven green bottles";
  Demo demo("120", password);
  const char* shots = std::getenv("AITRADE_SHOTS");   // a folder for pictures of it
  const Finished driven = run_shell("timeout 400 node drive.mjs " + demo.url + " '" + password + "' " + program + " " +
                                        (shots != nullptr ? shots : ""),
                                    folder.path(), {{"HOME", folder.path()}});
  const int stopped = demo.interrupt();
  std::fputs(driven.out.c_str(), stdout);   // figures
  INFO(driven.err);
  CHECK(driven.exit_code == 0);
  CHECK(stopped == 130);
  CHECK_FALSE(holds(demo.log(), password));
}

TEST_CASE("browser: a daemon that is killed under the open page is missed, and shown again when it is back",
          "[cmd][browser][restart]") {
  const TempFolder folder;
  const std::string program = chromium(folder);
  if (!prepare_driver(folder, program)) return;
  Demo demo("120");
  const std::string port = between(demo.url, "127.0.0.1:", "/");
  const Finished driven = run_shell("timeout 200 node restart.mjs " + demo.url + " " + std::to_string(demo.pid()) + " " + program +
                                        " aitrade run --demo --speed 120 --home " + demo.home + " --set dashboard.port=" + port,
                                    folder.path(), {{"HOME", folder.path()}});
  INFO(driven.err);
  CHECK(driven.exit_code == 0);
}

TEST_CASE("browser: of two engines the page shows one, names it, acts on it alone and remembers it [CR1, P28]",
          "[cmd][browser][engines][CR1]") {
  const TempFolder folder;
  const std::string program = chromium(folder);
  if (!prepare_driver(folder, program)) return;
  constexpr const char* password = "seven green bottles";
  const DaemonRig rig("600", {{"BTC/USDT"}, {"ETH/USDT"}});
  const std::string accounts = rig.folder.write(
      "accounts.toml",
      "[[accounts]]\nid = \"first\"\ntenant = \"alpha\"\nbankroll = 4000\n"
      "[[accounts]]\nid = \"second\"\ntenant = \"beta\"\nbankroll = 3000\n");
  for (const char* tenant : {"alpha", "beta"}) REQUIRE(rig.ask({"tenant", "add", tenant}).exit_code == 0);
  REQUIRE(rig.ask({"passwd", "--from-file", rig.folder.write("password", std::string(password) + "\n")}).exit_code == 0);
  const auto daemon = rig.start({"--config", accounts});
  const std::string url = "http://127.0.0.1:" + between(read_file(daemon->out_path()), "http://127.0.0.1:", "/") + "/";
  const char* shots = std::getenv("AITRADE_SHOTS");   // a folder for pictures of it
  const Finished driven = run_shell("timeout 200 node engines.mjs " + url + " '" + password + "' " + program + " " +
                                        (shots != nullptr ? shots : ""),
                                    folder.path(), {{"HOME", folder.path()}});
  INFO(read_file(daemon->out_path()));
  INFO(driven.err);
  CHECK(driven.exit_code == 0);
  daemon->signal(SIGTERM);
  CHECK(daemon->wait(stop_limit_ms) == 143);
}
