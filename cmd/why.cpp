// `aitrade why WHAT`: what led to an order, a trade, or to nothing at a time, from the recording of the run.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <ostream>

#include <CLI/CLI.hpp>

#include "cmd/cli.h"
#include "cmd/commands.h"
#include "cmd/compose.h"
#include "cmd/episodes.h"
#include "cmd/output.h"
#include "cmd/readable.h"
#include "core/store/client_id.h"
#include "core/store/database.h"
#include "core/store/schema.h"

namespace aitrade::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t trade_number_digits_max = 7;   // "20180101" is a day

struct WhyOptions {
  std::string what;
  std::string pair;
  std::string run;
  std::string account;
  bool demo{false};
};

/// Recordings, oldest first: their names begin with the time.
std::vector<fs::path> recordings(const Paths& paths, bool demo) {
  std::vector<fs::path> out;
  std::error_code ignored;
  const fs::path folder = demo ? paths.demo_dir() / "runs" : paths.runs_dir();
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (entry.is_directory(ignored)) out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

/// "RUN-EVENT-ACCOUNT-NUMBER" of the trade with this row number. Errors: not_found, io.
Result<std::string> trade_id_of(const Paths& paths, bool demo, const std::string& number) {
  const Time now{std::chrono::duration_cast<Duration>(std::chrono::system_clock::now().time_since_epoch()).count()};
  const fs::path file = demo ? paths.demo_dir() / "trading.db" : paths.trading_db();
  AITRADE_TRY(Database ledger, open_settled_reader(paths.lock_file(), file, Profile::ledger, now));
  // every tenant: a command of the owner of the machine
  AITRADE_TRY(Statement rows, ledger.prepare("SELECT trade_id FROM trades WHERE id=?"));
  AITRADE_TRY(const bool has_row, rows.bind_all(number).step());
  if (!has_row) return fail(ErrorCode::not_found, "no trade " + number + "; `aitrade export trades` lists them");
  return std::string(rows.text(0));
}

/// Splits a trade's id into its run and the event that closed it; false when it is no such id.
bool read_trade_id(const std::string& text, EpisodeWish& wish) {
  std::vector<std::size_t> dashes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '-') dashes.push_back(i);
  }
  if (dashes.size() != 5) return false;
  std::uint64_t event = 0;
  for (std::size_t i = dashes[2] + 1; i < dashes[3]; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    event = event * 10 + static_cast<std::uint64_t>(text[i] - '0');
  }
  wish.run = text.substr(0, dashes[2]);
  wish.trade_event = EventSeq{event};
  return true;
}

Result<EpisodeWish> wish_of(const WhyOptions& options, const Paths& paths) {
  EpisodeWish wish;
  wish.pair = options.pair;
  const std::string& what = options.what;
  const bool is_number = !what.empty() && what.size() <= trade_number_digits_max &&
                         std::all_of(what.begin(), what.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (is_number) {
    AITRADE_TRY(const std::string id, trade_id_of(paths, options.demo, what));
    if (read_trade_id(id, wish)) return wish;
    return fail(ErrorCode::corrupt, "the trade has the id " + id);
  }
  if (const auto moment = parse_time(what)) {
    wish.moment = *moment;
  } else if (const auto id = read_client_id(what)) {
    wish.order = to_string(*id);
  } else if (!read_trade_id(what, wish)) {
    wish.order = what;
  }
  return wish;
}

// ---- words ----------------------------------------------------------------------------------

std::string number_text(double value, int places) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", places, value);
  return text;
}

std::string signed_text(double value) { return (value < 0 ? "" : "+") + number_text(value, 2); }

std::string name_of(StrategyId id, const Episode& episode) {
  const auto at = number(id);
  return at < episode.strategies.size() ? episode.strategies[at] : "strategy " + std::to_string(at);
}

std::string head_of(const Episode& e) {
  const Decision& d = *e.decision;
  const std::string outcome = d.entered ? "entered " + std::string(to_string(d.opinion.direction))
                                        : "no trade: " + std::string(to_string(d.reason));
  return e.pair + " at " + to_string_seconds(d.candle_close) + ": " + outcome;
}

void print_data(const Episode& e, std::ostream& out) {
  if (e.candle) {
    const Candle& c = *e.candle;
    out << "  candle     open " << to_string(c.open) << ", high " << to_string(c.high) << ", low " << to_string(c.low)
        << ", close " << to_string(c.close) << ", volume " << number_text(c.volume, 4) << '\n';
  }
  if (e.book) out << "  book       bid " << to_string(e.book->bid) << ", ask " << to_string(e.book->ask) << '\n';
}

void print_votes(const Episode& e, std::ostream& out) {
  const Opinion& o = e.decision->opinion;
  out << "  regime     " << to_string(o.regime.trend) << ", volatility " << to_string(o.regime.volatility) << '\n';
  if (o.votes_count == 0) out << "  votes      none: no strategy saw a setup\n";
  for (std::size_t i = 0; i < o.votes_count; ++i) {
    const Vote& v = o.votes[i];
    out << (i == 0 ? "  votes      " : "             ") << to_string(v.direction) << ' ' << name_of(v.strategy, e)
        << ": strength " << number_text(v.strength, 2) << ", confidence " << number_text(v.confidence, 2)
        << ", weight " << number_text(v.weight, 3) << ", adds " << signed_text(v.log_odds) << '\n';
  }
  const OpinionTerms& t = o.terms;
  std::string terms;
  const auto add = [&](const char* name, double value) {
    if (value != 0) terms += (terms.empty() ? "" : ", ") + std::string(name) + " " + signed_text(value);
  };
  add("regime", t.regime);
  add("families", t.families);
  add("book", t.book);
  add("choppiness", t.choppiness);
  add("timeframes", t.timeframes);
  add("sure fire", t.sure_fire);
  if (!terms.empty()) out << "  besides    " << terms << '\n';
  if (o.votes_count == 0) return;
  out << "  together   " << to_string(o.direction) << ", confidence " << number_text(o.confidence, 2) << "; "
      << o.agreeing << " agree, " << o.opposing << " against, " << o.families
      << (o.families == 1 ? " family" : " families") << ", led by " << name_of(o.lead, e) << '\n';
}

/// Gate, levels and risk, as far as the decision came.
void print_plan(const Decision& d, std::ostream& out) {
  if (d.bracket.entry.is_positive()) {
    out << "  levels     entry " << to_string(d.bracket.entry) << ", stop " << to_string(d.bracket.stop) << ", target "
        << to_string(d.bracket.target) << ", reward to risk " << number_text(d.bracket.reward_to_risk, 2) << '\n';
  }
  if (d.probability > 0) {
    out << "  gate       probability " << number_text(d.probability, 2) << ", expects " << signed_text(d.expected_r)
        << " R after costs" << (d.score != 0 ? ", score " + number_text(d.score, 2) : "") << '\n';
  }
  if (d.gate.status != GateStatus::absent) {
    out << "  model      " << to_string(d.gate.status);
    if (std::isfinite(d.gate.probability)) {
      out << ": says " << number_text(d.gate.probability, 3) << ", needs " << number_text(d.gate.needed, 3)
          << (d.gate.rejected ? ", against it" : ", for it");
      if (d.gate.online_weight > 0) {
        out << "; " << number_text(100 * d.gate.online_weight, 0) << " % of it from the online learner, which says "
            << number_text(d.gate.online, 3);
      }
    }
    out << '\n';
  }
  if (d.size.is_positive()) {
    const RiskBudget& b = d.budget;
    out << "  risk       " << number_text(100 * d.risk_fraction, 3) << " % of equity; factors: drawdown "
        << number_text(b.drawdown, 2) << ", streak " << number_text(b.streak, 2) << ", spread "
        << number_text(b.spread, 2) << ", volatility " << number_text(b.volatility, 2) << ", correlation "
        << number_text(b.correlation, 2)
        << (b.kelly > 0 ? ", Kelly share " + number_text(b.kelly, 3) : "") << '\n'
        << "  size       " << to_string(d.size) << '\n';
  }
}

void print_text(const std::vector<Episode>& episodes, std::ostream& out) {
  for (const Episode& e : episodes) {
    if (&e != &episodes.front()) out << '\n';
    if (e.decision) {
      out << head_of(e) << "\n  run        " << e.run << '\n';
      print_data(e, out);
      print_votes(e, out);
      print_plan(*e.decision, out);
    } else {
      out << e.pair << ": decided before the recordings that are kept\n  run        " << e.run << '\n';
    }
    for (const EpisodeLine& line : e.lines) {
      char what[16];
      std::snprintf(what, sizeof what, "  %-10s ", line.what.c_str());
      out << what << to_string_seconds(line.when) << "  " << line.words << '\n';
    }
  }
}

void write_decision(JsonWriter& json, const Episode& e) {
  const Decision& d = *e.decision;
  const Opinion& o = d.opinion;
  json.begin_object().field("candle_close", to_string(d.candle_close)).field("entered", d.entered);
  json.field("reason", to_string(d.reason)).field("direction", to_string(o.direction));
  json.field("confidence", o.confidence).field("strength", o.strength).field("agreeing", o.agreeing);
  json.field("opposing", o.opposing).field("families", o.families).field("lead", name_of(o.lead, e));
  json.field("trend", to_string(o.regime.trend)).field("volatility", to_string(o.regime.volatility));
  json.key("votes").begin_array();
  for (std::size_t i = 0; i < o.votes_count; ++i) {
    const Vote& v = o.votes[i];
    json.begin_object().field("strategy", name_of(v.strategy, e)).field("direction", to_string(v.direction));
    json.field("strength", v.strength).field("confidence", v.confidence).field("weight", v.weight);
    json.field("log_odds", v.log_odds).end_object();
  }
  json.end_array().key("terms").begin_object().field("regime", o.terms.regime).field("families", o.terms.families);
  json.field("book", o.terms.book).field("choppiness", o.terms.choppiness).field("timeframes", o.terms.timeframes);
  json.field("sure_fire", o.terms.sure_fire).end_object();
  json.key("model").begin_object().field("status", to_string(d.gate.status));
  json.field("probability", d.gate.probability).field("needs", d.gate.needed).field("rejected", d.gate.rejected);
  json.field("online", d.gate.online).field("online_weight", d.gate.online_weight).end_object();
  json.field("probability", d.probability).field("expected_r", d.expected_r).field("score", d.score);
  json.field("entry", to_string(d.bracket.entry)).field("stop", to_string(d.bracket.stop));
  json.field("target", to_string(d.bracket.target)).field("reward_to_risk", d.bracket.reward_to_risk);
  json.field("size", to_string(d.size)).field("risk_fraction", d.risk_fraction).key("risk_factors").begin_object();
  json.field("drawdown", d.budget.drawdown).field("streak", d.budget.streak).field("spread", d.budget.spread);
  json.field("volatility", d.budget.volatility).field("correlation", d.budget.correlation);
  json.field("kelly", d.budget.kelly).end_object().end_object();
}

std::string to_json(const std::vector<Episode>& episodes) {
  JsonWriter json;
  json.begin_object().field("schema", "aitrade.why/1").key("episodes").begin_array();
  for (const Episode& e : episodes) {
    json.begin_object().field("run", e.run).field("pair", e.pair).key("decision");
    if (e.decision) {
      write_decision(json, e);
    } else {
      json.null();
    }
    json.key("candle");
    if (e.candle) {
      json.begin_object().field("open", to_string(e.candle->open)).field("high", to_string(e.candle->high));
      json.field("low", to_string(e.candle->low)).field("close", to_string(e.candle->close));
      json.field("volume", e.candle->volume).end_object();
    } else {
      json.null();
    }
    json.key("book");
    if (e.book) {
      json.begin_object().field("bid", to_string(e.book->bid)).field("ask", to_string(e.book->ask)).end_object();
    } else {
      json.null();
    }
    json.key("lines").begin_array();
    for (const EpisodeLine& line : e.lines) {
      json.begin_object().field("when", to_string(line.when)).field("what", line.what).field("words", line.words);
      json.end_object();
    }
    json.end_array().end_object();
  }
  return json.end_array().end_object().take();
}

Result<ExitCode> run_why(const WhyOptions& options, Context& context) {
  auto settings = load_settings(context);
  if (!settings) return report_failure(context, settings.error(), ExitCode::unsafe);
  AITRADE_TRY_STATUS(choose_account(*settings, options.account));
  AITRADE_TRY(const EpisodeWish wish, wish_of(options, settings->paths));
  std::vector<fs::path> runs = recordings(settings->paths, options.demo);
  if (!options.run.empty()) std::erase_if(runs, [&](const fs::path& run) { return run.filename() != options.run; });
  AITRADE_TRY(const std::vector<Episode> episodes, find_episodes(runs, wish));
  if (episodes.empty()) {
    return fail(ErrorCode::not_found, "no recording tells of " + options.what +
                                          (wish.moment ? " or the day before it" : "") +
                                          (options.demo ? "" : "; --demo looks at those of a demo or tape"));
  }
  if (resolve_format(context, Format::table) == Format::table) {
    print_text(episodes, context.out);
  } else {
    context.out << to_json(episodes) << '\n';
  }
  return ExitCode::done;
}

}  // namespace

void add_why(CommandList& commands) {
  auto [app, options] = commands.add<WhyOptions>(
      {.name = "why",
       .group = "live",
       .summary = "say what led to an order, a trade, or to no trade at a time",
       .examples = {"aitrade why 12", "aitrade why OABCDE-FGHIJ-KLMNOP",
                    "aitrade why 2026-11-26T14:05:00Z --pair BTC/USD"},
       .details = "WHAT is the number or id of a trade as `aitrade export trades` prints them, an order by its id here "
                  "or at the exchange, or a time: then the newest decision of each pair before it, also one that did "
                  "nothing. Read from the recordings of the runs: votes, what was added to them, gate, levels, risk and "
                  "size, and for orders and trades all that followed, to the last fill. Works beside a running "
                  "daemon."},
      run_why);
  app.add_option("WHAT", options.what, "trade, order or time")->required();
  app.add_option("--pair", options.pair, "at a time: of this pair alone");
  app.add_option("--run", options.run, "look into this run alone");
  app.add_option("--account", options.account, "one of [[accounts]], whose books are meant");
  app.add_flag("--demo", options.demo, "of a demo or tape, which keeps its recordings apart");
}

}  // namespace aitrade::cli
