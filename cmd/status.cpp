// `aitrade status`: what the daemon is doing, as a table for people or the API's JSON for scripts.

#include <rapidjson/document.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <ostream>
#include <sstream>
#include <string>
#include <vector>

#include "cmd/client.h"
#include "cmd/commands.h"
#include "cmd/output.h"
#include "cmd/readable.h"
#include "cmd/signals.h"
#include "cmd/whose.h"

namespace aitrade::cli {
namespace {

struct StatusOptions {
  std::string url;
  Whose whose;
  bool watch{false};
};

constexpr seconds watch_every{1};

std::string text_of(const rapidjson::Value& object, const char* name) {
  const auto found = object.FindMember(name);
  if (found == object.MemberEnd()) return "-";
  const rapidjson::Value& value = found->value;
  if (value.IsString()) return value.GetStringLength() > 0 ? value.GetString() : "-";
  if (value.IsBool()) return value.GetBool() ? "yes" : "no";
  if (value.IsUint64()) return std::to_string(value.GetUint64());
  if (value.IsNumber()) return shortest(value.GetDouble());
  return "-";
}

/// A decimal of the document as people read it; what is no amount stays as it is.
std::string money_of(const rapidjson::Value& object, const char* name, std::string (*form)(Money) = readable_money) {
  const std::string text = text_of(object, name);
  const auto amount = Money::parse(text);
  return amount ? form(*amount) : text;
}

/// A cell of a list: prices and money rounded, times to the second.
std::string cell_of(const rapidjson::Value& item, const std::string& name) {
  const std::string text = text_of(item, name.c_str());
  if (name == "unrealized_pnl") return money_of(item, name.c_str(), readable_change);
  if (name == "quantity") return text;
  if (const auto price = Price::parse(text)) return readable_price(*price);
  if (const auto time = parse_time(text); time && text.find('T') != std::string::npos) return to_string_seconds(*time);
  return text;
}

void print_rows(Context& context, const rapidjson::Value& json, const char* list,
                std::vector<Table::Column> columns) {
  const auto found = json.FindMember(list);
  if (found == json.MemberEnd() || !found->value.IsArray() || found->value.Empty()) return;
  Table table(columns);
  for (const rapidjson::Value& item : found->value.GetArray()) {
    std::vector<Cell> row;
    for (const Table::Column& column : columns) {
      row.push_back(Cell::of(cell_of(item, column.name)));
    }
    table.add(std::move(row));
  }
  context.out << '\n';
  table.print(context, Format::table, list);
}

void print_summary(Context& context, const rapidjson::Value& json) {
  auto line = [&context](const char* name, const std::string& value) {
    context.out << name << std::string(12 - std::string_view(name).size(), ' ') << value << '\n';
  };
  const std::string currency = text_of(json, "currency");
  const std::string reason = text_of(json, "pause_reason");
  line("mode", text_of(json, "mode"));
  line("state", text_of(json, "state") + (reason == "-" ? "" : " (" + reason + ")"));
  line("equity", money_of(json, "equity") + " " + currency);
  line("today", money_of(json, "day_pnl", readable_change) + " " + currency);
  const auto drawdown = json.FindMember("drawdown");
  if (drawdown != json.MemberEnd() && drawdown->value.IsNumber()) {
    const double percent = std::round(drawdown->value.GetDouble() * 1e4) / 1e2;
    line("drawdown", shortest(percent) + " %");
  }
  line("exposure", money_of(json, "exposure") + " " + currency);
  if (const std::string held = text_of(json, "entries_held"); held != "-") line("entries", "held: " + held);
  line("feed", text_of(json, "feed_up") == "yes" ? "up" : "down");
  const auto uptime = json.FindMember("uptime_s");
  if (uptime != json.MemberEnd() && uptime->value.IsNumber()) {
    line("uptime", readable_span(seconds{static_cast<std::int64_t>(uptime->value.GetDouble())}));
  }
  line("trades", text_of(json, "trades_total"));
}

constexpr std::size_t watch_width = 80, watch_column = 16;

std::string padded(std::string text, std::size_t width) {
  return text.size() < width ? text.append(width - text.size(), ' ') : text;
}

/// Text in a colour of the terminal; as it is where none is wanted.
std::string painted(const Context& context, const char* code, const std::string& text) {
  return use_color(context, context.out_is_terminal) ? "\x1b[" + std::string(code) + "m" + text + "\x1b[0m" : text;
}

constexpr const char *bold = "1", *faint = "2", *green = "32", *red = "31", *yellow = "33";

/// State, money and counts in few lines: a watched status leaves its room to the tables.
void print_watch_head(Context& context, const rapidjson::Value& json) {
  const std::string state = text_of(json, "state"), mode = text_of(json, "mode"), reason = text_of(json, "pause_reason");
  std::string up;
  if (const auto uptime = json.FindMember("uptime_s"); uptime != json.MemberEnd() && uptime->value.IsNumber()) {
    up = "up " + readable_span(seconds{static_cast<std::int64_t>(uptime->value.GetDouble())});
  }
  const std::string shown = (state + (reason == "-" ? "" : " (" + reason + ")")).substr(0, 44);
  const char* tone = state == "running" ? green : state == "halted" ? red : yellow;
  const std::size_t room = watch_width - std::min<std::size_t>(watch_width, 9 + mode.size() + 2 + up.size());
  context.out << painted(context, bold, "aitrade") << "  " << painted(context, mode == "live" ? red : faint, mode) << "  "
              << painted(context, tone, padded(shown, room)) << painted(context, faint, up) << "\n\n";

  const std::string today = money_of(json, "day_pnl", readable_change);
  std::string drawdown = "-";
  if (const auto fall = json.FindMember("drawdown"); fall != json.MemberEnd() && fall->value.IsNumber()) {
    drawdown = shortest(std::round(fall->value.GetDouble() * 1e4) / 1e2) + " %";
  }
  std::string labels;
  for (const char* label : {"equity", "today", "drawdown", "exposure", "trades"}) labels += padded(label, watch_column);
  context.out << painted(context, faint, labels.substr(0, labels.find_last_not_of(' ') + 1)) << '\n'
              << painted(context, bold, padded(money_of(json, "equity") + " " + text_of(json, "currency"), watch_column))
              << painted(context, today.front() == '-' ? red : today.front() == '+' ? green : "0", padded(today, watch_column))
              << padded(drawdown, watch_column) << padded(money_of(json, "exposure"), watch_column)
              << text_of(json, "trades_total") << '\n';
  if (text_of(json, "feed_up") != "yes") context.out << painted(context, red, "feed down: prices are old") << '\n';
  if (const std::string held = text_of(json, "entries_held"); held != "-") {
    context.out << painted(context, yellow, ("entries held: " + held).substr(0, watch_width)) << '\n';
  }
}

/// Prints a status for people; a narrow one fits into 80 columns.
void print_status(Context& context, const rapidjson::Value& json, bool is_narrow) {
  if (is_narrow) {
    print_watch_head(context, json);
    print_rows(context, json, "positions",
               {{"pair", false}, {"direction", false}, {"quantity", true}, {"entry", true}, {"last", true},
                {"unrealized_pnl", true}, {"protection", false}});
    print_rows(context, json, "pairs", {{"pair", false}, {"last", true}, {"bid", true}, {"ask", true}, {"stale",
        false}});
    return;
  }
  print_summary(context, json);
  print_rows(context, json, "positions",
             {{"pair", false}, {"direction", false}, {"quantity", true}, {"entry", true},
              {"last", true}, {"stop", true}, {"target", true}, {"unrealized_pnl", true},
              {"protection", false}});
  print_rows(context, json, "pairs",
             {{"pair", false}, {"last", true}, {"bid", true}, {"ask", true},
              {"candle_close", false}, {"warm", false}, {"stale", false}});
}

/// Prints the engines of a daemon that has several. False: it has one, or tells only of one's own.
Result<bool> show_engines(const Daemon& daemon, Context& context) {
  AITRADE_TRY(const HttpReply reply, call(daemon, "GET", "/api/v1/engines?scope=all"));
  rapidjson::Document json;
  json.Parse<rapidjson::kParseIterativeFlag>(reply.body.data(), reply.body.size());
  const bool is_list = reply.status == 200 && !json.HasParseError() && json.IsObject() && json.HasMember("engines") &&
                       json["engines"].IsArray() && json["engines"].Size() > 1;
  if (!is_list) return false;
  if (resolve_format(context, Format::json) != Format::table) {
    context.out << reply.body << '\n';
    return true;
  }
  Table table({{"tenant", false}, {"account", false}, {"mode", false}, {"state", false}, {"equity", true},
               {"today", true}, {"positions", true}, {"trades", true}});
  const auto why = [](const rapidjson::Value& one) {
    const std::string reason = text_of(one, "reason");
    return reason == "-" || reason.empty() ? "" : ": " + reason;
  };
  for (const rapidjson::Value& one : json["engines"].GetArray()) {
    table.add({Cell::of(text_of(one, "tenant_id")), Cell::of(text_of(one, "account_id")), Cell::of(text_of(one, "mode")),
               Cell::of(text_of(one, "state") + why(one)), Cell::of(money_of(one, "equity")),
               Cell::of(money_of(one, "day_pnl", readable_change)), Cell::of(text_of(one, "open_positions")),
               Cell::of(text_of(one, "trades_total"))});
  }
  table.print(context, Format::table, "engines");
  return true;
}

/// Asks once and prints the answer: JSON as it came, or a table. Of several engines their list, unless one is named.
Status show_status(const Daemon& daemon, Context& context, bool is_narrow) {
  if (daemon.tenant.empty() && daemon.account.empty()) {
    AITRADE_TRY(const bool is_shown, show_engines(daemon, context));
    if (is_shown) return ok();
  }
  AITRADE_TRY(const HttpReply reply, call(daemon, "GET", "/api/v1/status"));
  AITRADE_TRY_STATUS(check_reply(reply));
  if (resolve_format(context, Format::json) != Format::table) {
    context.out << reply.body << '\n';
    return ok();
  }
  rapidjson::Document json;
  json.Parse<rapidjson::kParseIterativeFlag>(reply.body.data(), reply.body.size());
  if (json.HasParseError() || !json.IsObject()) {
    return fail(ErrorCode::network, "the daemon's answer cannot be read");
  }
  print_status(context, json, is_narrow);
  return ok();
}

/// Shows the status again and again, in place on a terminal. A daemon that goes is waited for.
Result<ExitCode> watch_status(const Daemon& daemon, Context& context) {
  StopSignals signals;
  AITRADE_TRY_STATUS(show_status(daemon, context, true));   // one that never was is an error
  while (context.out) {
    if (const auto signal = signals.wait(watch_every)) return *signal == SIGINT ? ExitCode::interrupted
        : ExitCode::terminated;
    std::ostringstream text;   // written at once: nothing flickers
    Context buffered{text, context.err, context.out_is_terminal, context.err_is_terminal, context.in_is_terminal,
        context.global,
                     context.command_line, context.program};
    if (const Status shown = show_status(daemon, buffered, true); !shown) {
      if (!context.out_is_terminal) continue;
      text.str("");
      text << "no answer: " << shown.error().what << "\n";
    }
    context.out << (context.out_is_terminal ? "\x1b[H\x1b[J" : "") << text.str() << std::flush;
  }
  return ExitCode::done;
}

Result<ExitCode> run_status(const StatusOptions& options, Context& context) {
  AITRADE_TRY(const Paths paths, paths_of(context));
  Daemon daemon = daemon_of({paths.socket().string(), options.url}, options.whose);
  if (options.whose.tenant.empty() && !options.whose.account.empty()) {
    AITRADE_TRY(const std::vector<RunningEngine> engines, running_engines({daemon.socket, daemon.url}, options.whose));
    daemon = daemon_of(daemon, engines.front());
  }
  if (options.watch) {
    if (!context.out_is_terminal) return watch_status(daemon, context);
    context.out << "\x1b[?25l\x1b[2J\x1b[H";   // no cursor in the picture
    auto ended = watch_status(daemon, context);
    context.out << "\x1b[?25h" << std::flush;
    return ended;
  }
  AITRADE_TRY_STATUS(show_status(daemon, context, false));
  return ExitCode::done;
}

}  // namespace

void add_status(CommandList& commands) {
  auto [app, options] = commands.add<StatusOptions>(
      {.name = "status",
       .group = "live",
       .summary = "show what the daemon is doing",
       .examples = {"aitrade status", "aitrade status --watch", "aitrade status --json | jq .equity"},
       .details = "Asks over the Unix socket; no key is needed. With --json: mode, state, paused, "
                  "pause_reason, equity, day_pnl, positions, pairs, uptime_s and more. Exit 4 when "
                  "no daemon runs. Of several engines it shows a list (schema aitrade.engines/1), with --tenant or "
                  "--account one of them."},
      run_status);
  add_whose(app, options.whose);
  app.add_option("--url", options.url, "another daemon, such as https://host:8443; its key is in AITRADE_API_KEY");
  app.add_flag("--watch", options.watch, "again every second, until Ctrl-C; with --json a document a line");
}

}  // namespace aitrade::cli
