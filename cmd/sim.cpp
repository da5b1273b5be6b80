// `aitrade sim`: the loopback exchange as a process of its own.
//
// Prints one JSON line with its addresses, then serves until SIGINT or SIGTERM, or with
// --exit-at-end until the tape is over. Clients connect to it as to the real venue.

#include "cmd/cli.h"
#include "cmd/commands.h"
#include "cmd/tape_files.h"
#include "exchanges/loopback/exchange.h"

#include <CLI/CLI.hpp>

#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <ctime>
#include <fstream>
#include <iterator>
#include <mutex>
#include <optional>
#include <ostream>
#include <pthread.h>
#include <string>
#include <string_view>
#include <vector>

namespace aitrade::cli {
namespace {

struct SimOptions {
  std::string dialect{"kraken"};
  std::vector<std::string> tapes;
  std::optional<std::uint64_t> seed;
  std::vector<std::string> pairs{"BTC/USD", "ETH/USD", "SOL/USD"};
  double speed{1};
  std::uint16_t port{0};
  std::string start;
  bool exit_at_end{false};
  bool run_at_once{false};
  std::string faults;
  std::vector<std::string> deposits{"USD=100000"};
  std::string tier{"none"};
  std::string maker_fee, taker_fee;
  std::string key, secret_file;
  bool lenient_nonce{false};
  bool manual_clock{false};
};

// SIGINT and SIGTERM, taken by waiting instead of by a handler. Blocked from construction on, so
// that threads started later inherit it; a second signal ends the process at once.
class SignalWait {
 public:
  SignalWait() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGINT);
    sigaddset(&set_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set_, &before_);
  }

  ~SignalWait() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  SignalWait(const SignalWait&) = delete;
  SignalWait& operator=(const SignalWait&) = delete;

  /// Returns the signal that came within `span`, or 0.
  int wait(Duration span) {
    const auto whole = std::chrono::duration_cast<std::chrono::seconds>(span);
    const timespec limit{static_cast<std::time_t>(whole.count()),
                         static_cast<long>((span - whole).count())};
    const int signal = sigtimedwait(&set_, nullptr, &limit);
    if (signal <= 0) return 0;
    pthread_sigmask(SIG_UNBLOCK, &set_, nullptr);
    return signal;
  }

 private:
  sigset_t set_{}, before_{};
};

Result<std::string> file_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(ErrorCode::io, "cannot read " + path);
  return std::string{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// The client's account: its key, made up unless both halves are given, and its first deposits.
Result<loopback::AccountOptions> account_options(const SimOptions& options) {
  loopback::AccountOptions out;
  loopback::ApiKey key = loopback::random_key();
  if (options.key.empty() != options.secret_file.empty()) {
    return fail(ErrorCode::invalid, "--key and --secret-file belong together");
  }
  if (!options.key.empty()) {
    AITRADE_TRY(std::string secret, file_text(options.secret_file));
    while (!secret.empty() && (secret.back() == '\n' || secret.back() == '\r')) secret.pop_back();
    key.id = options.key;
    key.secret = Secret(std::move(secret));
  }
  key.is_lenient = options.lenient_nonce;
  out.keys.push_back(std::move(key));
  for (const std::string& text : options.deposits) {
    const std::size_t split = text.find('=');
    if (split == std::string::npos) return fail(ErrorCode::invalid, "a deposit is ASSET=AMOUNT");
    AITRADE_TRY(const loopback::Amount amount, loopback::Amount::parse(text.substr(split + 1)));
    out.deposits.emplace_back(text.substr(0, split), amount);
  }
  const auto tier = loopback::rate_tier_of(options.tier);
  if (!tier) return fail(ErrorCode::invalid, "a tier is none, starter, intermediate or pro");
  out.tier = *tier;
  out.seed = options.seed.value_or(1);
  return out;
}

// A number is a seed, anything else a file.
Result<loopback::FaultPlan> fault_plan(const std::string& text) {
  if (text.find_first_not_of("0123456789") == std::string::npos) {
    std::uint64_t seed = 0;
    std::from_chars(text.data(), text.data() + text.size(), seed);
    return loopback::FaultPlan::from_seed(seed);
  }
  AITRADE_TRY(const std::string json, file_text(text));
  auto plan = loopback::FaultPlan::read(json);
  if (!plan) return std::move(plan).error().within(text);
  return plan;
}

Result<loopback::LoopbackOptions> exchange_options(const SimOptions& options) {
  loopback::LoopbackOptions out;
  out.manual_clock = options.manual_clock;
  AITRADE_TRY(out.account, account_options(options));
  if (!options.faults.empty()) {
    AITRADE_TRY(out.faults, fault_plan(options.faults));
  }
  if (options.maker_fee.empty() != options.taker_fee.empty()) {
    return fail(ErrorCode::invalid, "--maker-fee and --taker-fee belong together");
  }
  if (!options.maker_fee.empty()) {
    AITRADE_TRY(const Rate maker, Rate::parse(options.maker_fee));
    AITRADE_TRY(const Rate taker, Rate::parse(options.taker_fee));
    out.fees = loopback::FeeLadder(maker, taker);
  }
  out.speed = options.speed;
  out.port = options.port;
  out.start_on_subscribe = !options.run_at_once;
  if (options.tapes.empty() == !options.seed.has_value()) {
    return fail(ErrorCode::invalid, "give either --tape FILE... or --synthetic SEED");
  }
  if (options.seed) {
    loopback::Synthetic made;
    made.seed = *options.seed;
    for (const std::string& text : options.pairs) {
      AITRADE_TRY(Symbol symbol, Symbol::parse(text));
      made.symbols.push_back(std::move(symbol));
    }
    if (!options.start.empty()) {
      AITRADE_TRY(made.start, parse_time(options.start));
    }
    out.synthetic = std::move(made);
    return out;
  }
  if (!options.start.empty()) {
    return fail(ErrorCode::invalid,
                "--start is for --synthetic: a tape begins with its first candle");
  }
  AITRADE_TRY(out.tapes, read_tapes(options.tapes));
  return out;
}

// The key is shown because it was made a moment ago and opens nothing but this exchange; one that
// was given is not shown again.
void print_addresses(const loopback::LoopbackExchange& exchange, const SimOptions& options,
                     const loopback::ApiKey& key, std::ostream& out) {
  out << R"({"schema":"aitrade.sim/1","dialect":")" << options.dialect << R"(","port":)"
      << exchange.port() << R"(,"rest_url":")" << exchange.rest_url() << R"(","ws_url":")"
      << exchange.ws_url() << R"(","speed":)" << options.speed;
  if (options.key.empty()) {
    out << R"(,"api_key":")" << key.id << R"(","api_secret":")" << key.secret.reveal() << '"';
  }
  out << "}" << std::endl;
}

Result<ExitCode> run_sim(const SimOptions& options, Context& context) {
  if (options.dialect != "kraken") {
    return report_failure(
        context,
        fail(ErrorCode::unsupported, "unknown dialect \"" + options.dialect + "\" (kraken)"),
        ExitCode::usage);
  }
  AITRADE_TRY(loopback::LoopbackOptions prepared, exchange_options(options));
  SignalWait signals;  // before any thread
  std::mutex log_mutex;
  prepared.log = [&](std::string_view line) {
    const std::lock_guard lock(log_mutex);
    if (context.global.verbosity >= 0) context.err << "sim: " << line << '\n' << std::flush;
  };
  const loopback::ApiKey key = prepared.account.keys.front();
  AITRADE_TRY(const auto exchange, loopback::LoopbackExchange::start(std::move(prepared)));
  print_addresses(*exchange, options, key, context.out);

  constexpr Duration look_every = milliseconds{100};
  for (;;) {
    if (const int signal = signals.wait(look_every); signal != 0) {
      return signal == SIGINT ? ExitCode::interrupted : ExitCode::terminated;
    }
    if (options.exit_at_end && exchange->finished()) return ExitCode::done;
  }
}

}  // namespace

void add_sim(CommandList& commands) {
  auto [app, options] = commands.add<SimOptions>(
      {.name = "sim",
       .group = "tools",
       .summary = "runs the loopback exchange: a venue on 127.0.0.1",
       .examples = {"aitrade sim --synthetic 7 --speed 60",
                    "aitrade sim --tape BTC/USD=btc.csv.gz --tape ETH/USD=eth.csv.gz --speed 3600",
                    "aitrade sim --synthetic 7 --deposit USD=5000 --faults 42"},
       .details =
           "Speaks the venue's REST and WebSocket protocol, public and private, so that adapters "
           "and other clients trade on it unchanged. Prices are recorded candles or a seeded synthetic "
           "market. The first line on stdout is a JSON object with its addresses and, unless one was "
           "given, the API key it made. A tape begins with the first candle subscription. Faults "
           "come from a seed or from a JSON file of rules; /_sim/ is the control interface."},
      run_sim);
  app.add_option("--dialect", options.dialect, "whose protocol to speak: kraken");
  app.add_option("--tape", options.tapes, "recorded candles: FILE or PAIR=FILE; may be repeated");
  app.add_option("--synthetic", options.seed, "seed of a made-up market");
  app.add_option("--pairs", options.pairs, "pairs of the synthetic market")->delimiter(',');
  app.add_option("--speed", options.speed,
                 "seconds of the exchange in one; 0: as fast as acknowledged")
      ->check(CLI::Range(0.0, 1e9));
  app.add_option("--port", options.port, "TCP port; 0: any free one");
  app.add_option("--start", options.start, "the synthetic market's time, such as 2024-01-01");
  app.add_flag("--exit-at-end", options.exit_at_end, "end when the tape does");
  app.add_flag("--run-at-once", options.run_at_once, "let a tape run before anybody subscribes");
  app.add_option("--faults", options.faults, "seed, or file of rules: what goes wrong and when");
  app.add_option("--deposit", options.deposits, "ASSET=AMOUNT on the account at the start")
      ->delimiter(',');
  app.add_option("--maker-fee", options.maker_fee, "fraction, such as 0.0016");
  app.add_option("--taker-fee", options.taker_fee, "fraction, such as 0.0026");
  app.add_option("--rate-tier", options.tier, "rate limits: none, starter, intermediate, pro");
  app.add_option("--key", options.key, "API key of the account; made up without it");
  app.add_option("--secret-file", options.secret_file, "file with the secret of --key, in base64");
  app.add_flag("--lenient-nonce", options.lenient_nonce, "accept a nonce equal to the last one");
  app.add_flag("--manual-clock", options.manual_clock, "time moves by POST /_sim/advance alone");
}

}  // namespace aitrade::cli
