// `aitrade vault` as people run it: passphrase by descriptor, file, credential, variable and prompt; every
// failure with its word and exit code; and no secret anywhere but where it was asked for.

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <pty.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "tests/support/daemon_rig.h"
#include "tests/support/home.h"

using namespace aitrade::test;

namespace {

namespace fs = std::filesystem;

const std::string passphrase = "seven quiet foxes";
const std::string secret = "canary/Value+0123456789==";

/// A home with a vault, whose passphrase is in a file.
struct VaultHome : Home {
  std::string pass = folder.write("pass", passphrase + "\n");

  VaultHome() {
    ::chmod(pass.c_str(), 0600);
    const Finished made = vault({"init", "--kdf", "small"});
    INFO(made.err);
    REQUIRE(made.exit_code == 0);
  }

  [[nodiscard]] std::string file() const { return path + "/config/vault"; }

  /// Runs `aitrade vault ...` with the passphrase file in the environment.
  [[nodiscard]] Finished vault(std::vector<std::string> words, const std::string& input = "",
                               std::map<std::string, std::string> more = {}) const {
    words.insert(words.begin(), "vault");
    words.insert(words.end(), {"--home", path});
    more.try_emplace("VAULT_PASSWORD_FILE", pass);
    return run_aitrade(Start{.arguments = std::move(words), .input = input, .environment = std::move(more)});
  }

  /// The same in a line of shell, for descriptors.
  [[nodiscard]] Finished shell(const std::string& words, const std::map<std::string, std::string>& more = {}) const {
    return run_shell("aitrade vault " + words, folder.path(), more);
  }
};

unsigned mode_of(const std::string& path) {
  struct stat found {};

  REQUIRE(::stat(path.c_str(), &found) == 0);
  return found.st_mode & 0777U;
}

/// The binary on a terminal of its own.
class Terminal {
 public:
  explicit Terminal(std::vector<std::string> words) {
    const char* const binary = std::getenv("AITRADE_BINARY");
    words.insert(words.begin(), binary == nullptr ? "aitrade" : binary);
    child_ = ::forkpty(&screen_, nullptr, nullptr, nullptr);
    if (child_ == 0) {
      std::vector<char*> argv;
      for (std::string& word : words) argv.push_back(word.data());
      argv.push_back(nullptr);
      ::execv(argv[0], argv.data());
      ::_exit(127);
    }
  }

  ~Terminal() {
    if (child_ > 0) finish();
    ::close(screen_);
  }

  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  /// Waits until `question` is on the screen and nothing is echoed, then types an answer.
  void answer(const std::string& question, const std::string& text) {
    const auto from = seen.size() > asked_ ? asked_ : seen.size();
    while (seen.find(question, from) == std::string::npos && take()) {
    }
    asked_ = seen.size();
    REQUIRE(seen.find(question, from) != std::string::npos);
    termios settings{};
    REQUIRE(::tcgetattr(screen_, &settings) == 0);
    hidden = hidden && (settings.c_lflag & ECHO) == 0;
    REQUIRE(::write(screen_, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  }

  /// Reads to the end; returns the exit code, 128 plus the signal that ended it.
  int finish() {
    while (take()) {
    }
    termios settings{};
    is_restored = ::tcgetattr(screen_, &settings) == 0 && (settings.c_lflag & ECHO) != 0;
    int status = 0;
    ::waitpid(child_, &status, 0);
    child_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  std::string seen;
  bool hidden{true};
  bool is_restored{false};

 private:
  bool take() {
    std::array<char, 4096> part{};
    const ssize_t count = ::read(screen_, part.data(), part.size());
    if (count > 0) seen.append(part.data(), static_cast<std::size_t>(count));
    return count > 0;
  }

  int screen_{-1};
  pid_t child_{-1};
  std::size_t asked_{0};
};

}  // namespace

TEST_CASE("vault: set, get, list, rm", "[cmd][vault]") {
  const VaultHome home;
  CHECK(mode_of(home.file()) == 0600);
  const Finished stored = home.vault({"set", "KRAKEN_API_KEY", "--note", "trade only"}, secret + "\n");
  INFO(stored.err);
  REQUIRE(stored.exit_code == 0);
  CHECK(stored.out == "stored a new entry KRAKEN_API_KEY\n");
  REQUIRE(home.vault({"set", "my.pem", "--from-file", home.folder.write("k.pem", "a\nb\n")}).exit_code == 0);

  const Finished read = home.vault({"get", "KRAKEN_API_KEY"});
  CHECK(read.out == secret);
  CHECK(home.vault({"get", "my.pem"}).out == "a\nb\n");  // a file's line ends are part of it
  const Finished list = home.vault({"list"});
  CHECK(holds(list.out, "KRAKEN_API_KEY"));
  CHECK(holds(list.out, ",true,Kraken,trade only\n"));
  CHECK(holds(list.out, ",false,,\n"));
  CHECK_FALSE(holds(list.out, secret));
  const Finished unanswered = home.vault({"rm", "my.pem"});
  CHECK(unanswered.exit_code == 2);
  CHECK(holds(unanswered.err, "--yes"));
  CHECK(home.vault({"rm", "my.pem", "--yes"}).exit_code == 0);
  CHECK(home.vault({"get", "my.pem"}).exit_code == 4);
  CHECK(home.vault({"rm", "my.pem", "--yes"}).exit_code == 4);
  CHECK_FALSE(holds(read_file(home.file()), secret));
}

TEST_CASE("vault: a dry run prints the plan and changes nothing", "[cmd][vault]") {
  const VaultHome home;
  REQUIRE(home.vault({"set", "A"}, "1").exit_code == 0);
  const std::string before = read_file(home.file());

  CHECK(home.vault({"set", "B", "--dry-run"}, "2").out == "would store a new entry B\n");
  CHECK(home.vault({"set", "A", "--dry-run"}, "2").out == "would store the value of A\n");
  CHECK(home.vault({"rm", "A", "--dry-run"}).out == "would remove A\n");
  CHECK(home.vault({"rotate", "--new-pass-file", home.pass, "--dry-run"}).exit_code == 0);
  CHECK(home.vault({"import-env", home.folder.write("env", "KRAKEN_API_KEY=x\n"), "--dry-run"}).exit_code == 0);
  CHECK(read_file(home.file()) == before);
}

TEST_CASE("vault: every source of the passphrase opens it", "[cmd][vault]") {
  const VaultHome home;
  const std::string at = " --home " + home.path;
  REQUIRE(home.vault({"set", "A"}, secret).exit_code == 0);
  home.folder.write("credentials/vault_pass", passphrase + "\n");
  ::chmod((home.folder / "credentials/vault_pass").c_str(), 0400);

  CHECK(home.shell("get A --vault-pass-fd 3 3< pass" + at).out == secret);
  CHECK(home.shell("get A --vault-pass-fd 0 < pass" + at).out == secret);
  CHECK(home.shell("get A" + at, {{"CREDENTIALS_DIRECTORY", home.folder / "credentials"}}).out == secret);
  CHECK(home.shell("get A --set vault.passphrase_file='\"" + home.pass + "\"'" + at).out == secret);
  const Finished variable = home.shell("get A" + at, {{"VAULT_PASSWORD", passphrase}});
  CHECK(variable.out == secret);
  CHECK(holds(variable.err, "warning: the passphrase comes from the environment"));
  const Finished none = home.shell("get A" + at + " < /dev/null");
  CHECK(none.exit_code == 2);
  CHECK(holds(none.err, "--vault-pass-fd"));
}

TEST_CASE("vault: each failure has its word and its exit code", "[cmd][vault]") {
  const VaultHome home;
  REQUIRE(home.vault({"set", "A"}, secret).exit_code == 0);
  const std::string whole = read_file(home.file());
  const auto get = [&home] { return home.vault({"get", "A"}); };
  int code = 77;
  std::string word;
  SECTION("wrong passphrase") {
    std::ofstream(home.pass) << "eight quiet foxes\n";
    word = "wrong passphrase, or the file was changed";
  }
  SECTION("tampered") {
    std::string bytes = whole;
    bytes[200] = static_cast<char>(bytes[200] ^ 4);
    std::ofstream(home.file(), std::ios::binary) << bytes;
    word = "wrong passphrase, or the file was changed";
  }
  SECTION("truncated") {
    std::ofstream(home.file(), std::ios::binary) << whole.substr(0, 500);
    word = "damaged: cut off after 500 of";
  }
  SECTION("mode of the file") {
    ::chmod(home.file().c_str(), 0644);
    word = "chmod 600 " + home.file();
  }
  SECTION("mode of the directory") {
    ::chmod((home.path + "/config").c_str(), 0755);
    word = "chmod 700 " + home.path + "/config";
  }
  SECTION("mode of the passphrase file") {
    ::chmod(home.pass.c_str(), 0644);
    word = "chmod 600 " + home.pass;
  }
  SECTION("missing") {
    fs::remove(home.file());
    code = 4;
    word = "aitrade vault init";
  }
  SECTION("a later version") {
    std::string bytes = whole;
    bytes[9] = 2;
    std::ofstream(home.file(), std::ios::binary) << bytes;
    code = 78;
    word = "newer aitrade";
  }
  SECTION("an older copy") {
    REQUIRE(home.vault({"set", "A"}, "2").exit_code == 0);
    std::ofstream(home.file(), std::ios::binary) << whole;
    CHECK(home.vault({"get", "A", "--allow-rollback"}).out == secret);
    REQUIRE(home.vault({"set", "A"}, "3").exit_code == 0);
    REQUIRE(home.vault({"set", "A"}, "4").exit_code == 0);
    std::ofstream(home.file(), std::ios::binary) << whole;
    code = 78;
    word = "--allow-rollback";
  }
  const Finished refused = get();
  INFO(refused.err);
  CHECK(refused.exit_code == code);
  CHECK(holds(refused.err, word));
  CHECK(refused.out.empty());
  CHECK_FALSE(holds(refused.err, secret));
  CHECK_FALSE(holds(refused.err, passphrase));
}

TEST_CASE("vault: a secret on the command line is refused and not repeated", "[cmd][vault]") {
  const VaultHome home;
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"set", "A", secret}, {"set", "A", "--value", secret}, {"set", "A", "--value=" + secret},
        {"init", "--passphrase", secret}, {"rotate", secret}, {"get", "A", secret}, {"list", "--vault-pass", secret},
        {"check", secret}, {"export", "--names", "A", "--out", "x", secret}, {"import-env", "f", secret}, {"rm", "A", secret}}) {
    const Finished refused = home.vault(words, "x");
    CAPTURE(words, refused.err);
    CHECK(refused.exit_code == 2);
    CHECK_FALSE(holds(refused.err + refused.out, secret));
  }
}

TEST_CASE("vault: one that exists stays, and a weak passphrase is not taken", "[cmd][vault]") {
  const VaultHome home;
  CHECK(home.vault({"init"}).exit_code == 73);
  const Home other;
  const std::string weak = other.folder.write("weak", "short\n");
  ::chmod(weak.c_str(), 0600);
  const Finished refused = other.run({"vault", "init"}, {{"VAULT_PASSWORD_FILE", weak}});
  CHECK(refused.exit_code == 2);
  CHECK(holds(refused.err, "fewer than 12 characters"));
  CHECK_FALSE(fs::exists(other.path + "/config/vault"));
  CHECK(other.run({"vault", "init", "--kdf", "small", "--force"}, {{"VAULT_PASSWORD_FILE", weak}}).exit_code == 0);
}

TEST_CASE("vault: init --vault makes one with the rest, and one that exists stays", "[cmd][vault]") {
  const TempFolder folder;
  const std::string pass = folder.write("pass", passphrase + "\n");
  ::chmod(pass.c_str(), 0600);
  const std::string home = folder / "home";
  const auto init = [&](std::vector<std::string> more, const std::string& file) {
    std::vector<std::string> words{"init", "--home", home};
    words.insert(words.end(), more.begin(), more.end());
    return run_aitrade(Start{.arguments = std::move(words), .environment = {{"VAULT_PASSWORD_FILE", file}}});
  };
  const Finished dry = init({"--vault", "--dry-run"}, pass);
  CHECK(dry.exit_code == 0);
  CHECK(holds(dry.out, "create,0600," + home + "/config/vault"));
  CHECK_FALSE(fs::exists(home + "/config/vault"));
  const Finished without = init({"--vault"}, folder / "nowhere");
  CHECK(without.exit_code != 0);
  CHECK_FALSE(fs::exists(home + "/config/config.toml"));   // a second try is not stopped by half of the first
  const Finished made = init({"--vault"}, pass);
  INFO(made.out << made.err);
  REQUIRE(made.exit_code == 0);
  CHECK(mode_of(home + "/config/vault") == 0600);
  const std::string before = read_file(home + "/config/vault");
  const Finished again = init({"--vault", "--force"}, pass);
  CHECK(again.exit_code == 0);
  CHECK(holds(again.out, "keep,0600," + home + "/config/vault"));
  CHECK(read_file(home + "/config/vault") == before);
}

TEST_CASE("vault: a generated phrase goes to a file of its own and opens the vault", "[cmd][vault]") {
  const Home home;
  const std::string file = home.folder / "phrase";
  const Finished nowhere = home.run({"vault", "init", "--generate"});
  CHECK(nowhere.exit_code == 2);
  CHECK(holds(nowhere.err, "--out"));
  const Finished made = home.run({"vault", "init", "--kdf", "small", "--generate", "--out", file});
  REQUIRE(made.exit_code == 0);
  CHECK(mode_of(file) == 0600);
  const std::string phrase = read_file(file);
  CHECK(phrase.size() == 35);
  CHECK_FALSE(holds(made.out + made.err, phrase));
  CHECK(home.run({"vault", "list"}, {{"VAULT_PASSWORD_FILE", file}}).exit_code == 0);
}

TEST_CASE("vault: rotate changes the passphrase and leaves nothing that the old one opens", "[cmd][vault]") {
  const VaultHome home;
  REQUIRE(home.vault({"set", "A"}, secret).exit_code == 0);
  home.folder.write("new", "nine quiet foxes\n");
  const Finished rotated = home.shell("rotate --vault-pass-fd 3 --new-pass-fd 4 --json --home " + home.path + " 3< pass 4< new");
  INFO(rotated.err);
  REQUIRE(rotated.exit_code == 0);
  CHECK(holds(rotated.out, "\"generation\":3"));
  CHECK_FALSE(fs::exists(home.file() + ".bak"));

  CHECK(home.vault({"get", "A"}).exit_code == 77);
  CHECK(home.shell("get A --vault-pass-fd 3 3< new --home " + home.path).out == secret);
}

TEST_CASE("vault: import-env takes what is known, says what it did, and shreds on demand", "[cmd][vault]") {
  const VaultHome home;
  const std::string text = "# keys\nKRAKEN_API_KEY=" + secret + "\nSWING_KRAKEN_API_SECRET='s'\nTRADING_MODE=paper\n"
                           "TELEGRAM_BOT_TOKEN=\nSTRIPE_SECRET_KEY=op://a/b\n";
  const std::string file = home.folder.write("env", text);
  const Finished taken = home.vault({"import-env", file});
  INFO(taken.err);
  REQUIRE(taken.exit_code == 0);
  CHECK(holds(taken.out, "KRAKEN_API_KEY,new,\n"));
  CHECK(holds(taken.out, "SWING_KRAKEN_API_SECRET,new,\n"));
  CHECK(holds(taken.out, "TRADING_MODE,skipped,"));
  CHECK(holds(taken.out, "TELEGRAM_BOT_TOKEN,skipped,"));
  CHECK(holds(taken.out, "STRIPE_SECRET_KEY,skipped,"));
  CHECK_FALSE(holds(taken.out + taken.err, secret));
  CHECK(home.vault({"get", "KRAKEN_API_KEY"}).out == secret);

  CHECK(holds(home.vault({"import-env", file}).out, "KRAKEN_API_KEY,unchanged,"));
  CHECK(home.vault({"import-env", file, "--shred"}).exit_code == 2);  // it holds TRADING_MODE too
  CHECK(read_file(file) == text);
  CHECK(home.vault({"import-env", file, "--shred", "--yes"}).exit_code == 0);
  CHECK_FALSE(fs::exists(file));
  const Finished environment =
      home.vault({"import-env", "--only", "COINBASE_*"}, "", {{"COINBASE_KEY_NAME", "k"}, {"SLACK_BOT_TOKEN", "t"}});
  CHECK(holds(environment.out, "COINBASE_KEY_NAME,new,"));
  CHECK(holds(environment.out, "SLACK_BOT_TOKEN,skipped,not asked for"));
  CHECK(home.vault({"import-env", home.folder.write("none", "A=1\n")}).exit_code == 4);
  const Finished broken = home.vault({"import-env", home.folder.write("broken", "KRAKEN_API_KEY " + secret + "\n")});
  CHECK(broken.exit_code == 2);
  CHECK_FALSE(holds(broken.err, secret));
}

TEST_CASE("vault: export writes a private file that import-env reads back", "[cmd][vault]") {
  const VaultHome home;
  REQUIRE(home.vault({"set", "KRAKEN_API_KEY"}, secret + "\"$x\\").exit_code == 0);
  const std::string file = home.folder / "out.env";
  const Finished written = home.vault({"export", "--names", "KRAKEN_API_KEY", "--out", file});
  INFO(written.err);
  REQUIRE(written.exit_code == 0);
  CHECK(mode_of(file) == 0600);
  CHECK(holds(written.err, "warning: 1 secrets left the vault"));
  CHECK_FALSE(holds(written.out + written.err, secret));
  CHECK(home.vault({"export", "--names", "KRAKEN_API_KEY", "--out", file}).exit_code == 73);
  CHECK(home.vault({"export", "--names", "KRAKEN_API_KEY,NONE", "--out", home.folder / "other"}).exit_code == 4);
  CHECK_FALSE(fs::exists(home.folder / "other"));
  REQUIRE(home.vault({"rm", "KRAKEN_API_KEY", "--yes"}).exit_code == 0);
  REQUIRE(home.vault({"import-env", file}).exit_code == 0);
  CHECK(home.vault({"get", "KRAKEN_API_KEY"}).out == secret + "\"$x\\");
}

TEST_CASE("vault: check says what live trading lacks", "[cmd][vault]") {
  const VaultHome home;
  const Finished paper = home.vault({"check"});
  CHECK(paper.exit_code == 0);
  CHECK(holds(paper.out, "aes-256-gcm"));
  CHECK(holds(paper.out, "notice: KRAKEN_API_KEY is missing"));
  const Finished live = home.vault({"check", "--set", "app.mode=\"live\"", "--json"});
  CHECK(live.exit_code == 3);
  CHECK(holds(live.out, "\"KRAKEN_API_SECRET\""));
  for (const char* name : {"SWING_KRAKEN_API_KEY", "SWING_KRAKEN_API_SECRET", "DASHBOARD_ADMIN_KEY"}) {
    REQUIRE(home.vault({"set", name}, "v").exit_code == 0);
  }
  CHECK(home.vault({"check", "--set", "app.mode=\"live\""}).exit_code == 3);  // another account's keys do not count
  CHECK(home.vault({"check", "--set", "app.mode=\"live\"", "--set", "app.account_id=\"swing\""}).exit_code == 0);
}

TEST_CASE("vault: on a terminal the passphrase is asked for without echo, three times at most", "[cmd][vault]") {
  const VaultHome home;
  REQUIRE(home.vault({"set", "A"}, secret).exit_code == 0);
  SECTION("right at the second try, and the value is masked") {
    Terminal terminal({"vault", "get", "A", "--home", home.path});
    terminal.answer("passphrase of the vault: ", "wrong wrong wrong\n");
    terminal.answer("passphrase of the vault: ", passphrase + "\n");
    CHECK(terminal.finish() == 0);
    INFO(terminal.seen);
    CHECK(terminal.hidden);
    CHECK(holds(terminal.seen, "ca...== (25 bytes)"));
    CHECK_FALSE(holds(terminal.seen, secret));
    CHECK_FALSE(holds(terminal.seen, passphrase));
  }
  SECTION("a value is asked for too") {
    Terminal terminal({"vault", "set", "B", "--home", home.path});
    terminal.answer("passphrase of the vault: ", passphrase + "\n");
    terminal.answer("value of B: ", "typed value\n");
    CHECK(terminal.finish() == 0);
    CHECK(terminal.hidden);
    CHECK_FALSE(holds(terminal.seen, "typed value"));
    CHECK(home.vault({"get", "B"}).out == "typed value");
  }
  SECTION("the end of the input") {
    Terminal terminal({"vault", "get", "A", "--home", home.path});
    terminal.answer("passphrase of the vault: ", "\x04");
    CHECK(terminal.finish() == 2);
  }
  SECTION("Ctrl-C") {
    Terminal terminal({"vault", "get", "A", "--home", home.path});
    terminal.answer("passphrase of the vault: ", "\x03");
    CHECK(terminal.finish() == 130);
  }
}

TEST_CASE("vault: a new one asks twice", "[cmd][vault]") {
  const Home home;
  Terminal differs({"vault", "init", "--kdf", "small", "--home", home.path});
  differs.answer("new passphrase of the vault: ", passphrase + "\n");
  differs.answer("the same once more: ", passphrase + "x\n");
  CHECK(differs.finish() == 2);
  CHECK(holds(differs.seen, "differ"));
  Terminal made({"vault", "init", "--kdf", "small", "--home", home.path});
  made.answer("new passphrase of the vault: ", passphrase + "\n");
  made.answer("the same once more: ", passphrase + "\n");
  CHECK(made.finish() == 0);
  CHECK_FALSE(holds(made.seen, passphrase));
}

TEST_CASE("vault: paper trading starts without a vault or .env, and past one that is unsafe; live does not [MA1]",
          "[cmd][vault]") {
  const DaemonRig rig("600");
  const std::string vault = rig.home + "/config/vault";
  {
    const auto daemon = rig.start();  // no vault, no .env: nothing to say about it
    CHECK_FALSE(holds(read_file(daemon->out_path()), "vault"));
    daemon->signal(SIGTERM);
    REQUIRE(daemon->wait(stop_limit_ms) == 143);
  }
  fs::create_directories(rig.home + "/config");
  std::ofstream(vault) << "anything";
  ::chmod(vault.c_str(), 0644);
  {
    const auto daemon = rig.start();
    CHECK(holds(read_file(daemon->out_path()), "aitrade: warning: '" + vault + "' is refused"));
    daemon->signal(SIGTERM);
    REQUIRE(daemon->wait(stop_limit_ms) == 143);
  }
  const Finished live = run_aitrade(rig.run_arguments(
      {"--live", "--set", "app.mode=\"live\"", "--set", "dashboard.require_api_key_for_reads=true"}));
  CHECK(live.exit_code == 78);
  CHECK(holds(live.err, "live trading: '" + vault + "' is refused"));
}
