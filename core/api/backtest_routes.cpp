// Backtests as jobs: start one, watch it, end it, read what it found.

#include <algorithm>
#include <fstream>
#include <memory>
#include <set>
#include <utility>

#include "core/api/backtest_desk.h"
#include "core/api/gathered.h"
#include "core/api/json.h"
#include "core/api/route.h"
#include "core/store/digest.h"

namespace aitrade {
namespace {

constexpr std::size_t bars_least = 120;
constexpr std::int64_t bars_most = 6000;

/// Sends a file in pieces: memory does not grow with it.
Response file_response(const std::filesystem::path& path, std::string type) {
  const auto in = std::make_shared<std::ifstream>(path, std::ios::binary);
  if (!*in) return not_found();
  Response response;
  response.content_type = std::move(type);
  response.stream = [in](std::string& piece) {
    std::string part(std::size_t{32} << 10, '\0');
    in->read(part.data(), static_cast<std::streamsize>(part.size()));
    piece.append(part, 0, static_cast<std::size_t>(in->gcount()));
    return in->good();
  };
  return response;
}

/// What stands between two marks, or nothing.
std::string_view between(std::string_view text, std::string_view open, std::string_view close) {
  const auto begin = text.find(open);
  if (begin == std::string_view::npos) return {};
  const auto end = text.find(close, begin + open.size());
  return end == std::string_view::npos ? std::string_view{} : text.substr(begin + open.size(), end - begin - open.size());
}

std::string hash_source(std::string_view text) { return " 'sha256-" + to_base64(view(sha256(text))) + "'"; }

/// A page of its own: nothing but the very style and script that it was made with, no network, no origin.
std::string policy_of(std::string_view page) {
  std::string policy = "default-src 'none'; script-src" + hash_source(between(page, "<script>", "</script>"));
  policy += "; style-src 'unsafe-hashes'" + hash_source(between(page, "<style>", "</style>"));
  constexpr std::string_view mark = " style=\"";
  std::set<std::string_view> tints;
  for (auto at = page.find(mark); at != std::string_view::npos && tints.size() < 70; at = page.find(mark, at + 1)) {
    tints.insert(between(page.substr(at), mark, "\""));
  }
  for (const std::string_view tint : tints) policy += hash_source(tint);
  return policy + "; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox allow-scripts";
}

/// Base candles of the engine put together to the timeframe, whole ones only, the newest `limit`.
std::vector<Candle> candles_of(const EngineView& view, const std::string& pair, Duration timeframe, std::size_t limit) {
  std::vector<Candle> bars;
  for (std::size_t i = 0; i < view.pairs.size() && i < view.candles.size(); ++i) {
    if (view.pairs[i].symbol != pair || view.candles[i] == nullptr) continue;
    bars = whole_bars(*view.candles[i], timeframe);
  }
  if (bars.size() > limit) bars.erase(bars.begin(), bars.end() - static_cast<std::ptrdiff_t>(limit));
  return bars;
}

Response bad(std::string_view what) { return error_response(400, "bad_body", what); }

/// A decimal that TOML takes as it is.
bool is_decimal(std::string_view text) {
  return !text.empty() && text.size() <= 20 && text.find_first_not_of("0123456789.") == std::string_view::npos &&
         text.front() != '.' && text.back() != '.' && std::count(text.begin(), text.end(), '.') <= 1;
}

constexpr std::pair<std::string_view, std::string_view> setting_names[] = {
    {"initial_balance", "risk.initial_bankroll"},    {"risk_per_trade", "risk.max_risk_per_trade"},
    {"confluence_threshold", "ai.confluence_threshold"}, {"min_confidence", "ai.min_confidence"},
    {"fee_pct", "exchange.taker_fee"},               {"max_position", "risk.max_position_usd"}};

constexpr BodyField fields[] = {{"pair", BodyField::Kind::text, 32},
                                {"timeframe", BodyField::Kind::text, 8},
                                {"source", BodyField::Kind::text, 8},
                                {"strategy", BodyField::Kind::text, 32},
                                {"from", BodyField::Kind::text, 32},
                                {"to", BodyField::Kind::text, 32},
                                {"bars", BodyField::Kind::integer},
                                {"seed", BodyField::Kind::integer},
                                {"initial_balance", BodyField::Kind::text, 20},
                                {"risk_per_trade", BodyField::Kind::text, 20},
                                {"confluence_threshold", BodyField::Kind::text, 20},
                                {"min_confidence", BodyField::Kind::text, 20},
                                {"fee_pct", BodyField::Kind::text, 20},
                                {"max_position", BodyField::Kind::text, 20}};

/// What the body asks for, checked; a response when it asks for what cannot be.
std::variant<BacktestWish, Response> wish_of(const Call& call, const Body& body) {
  BacktestWish wish;
  const auto pair = typed_pair(body.text("pair"));
  if (!pair) return bad("pair is one such as BTC/USD");
  wish.pair = *pair;
  wish.timeframe = body.has("timeframe") ? body.text("timeframe") : "5m";
  const auto timeframe = parse_duration(wish.timeframe);
  const bool has_unit = !wish.timeframe.empty() && std::string_view("mhd").find(wish.timeframe.back()) != std::string::npos;
  if (!timeframe || !has_unit || *timeframe < Duration{minutes{1}}) return bad("timeframe is one such as 5m");
  wish.strategy = body.text("strategy");
  // Words of a command line: nothing that could be taken for a flag.
  const bool is_word = is_name(wish.strategy) && wish.strategy.front() >= 'a' && wish.strategy.front() <= 'z';
  if (!wish.strategy.empty() && !is_word) return bad("strategy is the name of one");
  const std::int64_t seed = body.integer("seed").value_or(0);
  if (seed < 0) return bad("seed is not negative");
  wish.seed = static_cast<std::uint64_t>(seed);
  for (const auto& [name, key] : setting_names) {
    if (!body.has(name)) continue;
    if (!is_decimal(body.text(name))) return bad(std::string(name) + " is a decimal number as text");
    wish.settings.emplace_back(key, body.text(name));
  }
  const std::string source = body.has("source") ? body.text("source") : "engine";
  if (source != "engine" && source != "store") return bad("source is engine or store");
  wish.is_of_engine = source == "engine";
  if (!wish.is_of_engine) {
    for (const auto& [name, field] : {std::pair{"from", &wish.from}, std::pair{"to", &wish.to}}) {
      *field = body.text(name);
      if (field->find_first_not_of("0123456789TZdhm:.-") != std::string::npos) return bad(std::string(name) + " is a time");
      if (field->starts_with('-')) return bad(std::string(name) + " is a time");
    }
    return wish;
  }
  if (body.has("from") || body.has("to")) return bad("from and to are for stored candles");
  const std::int64_t bars = body.integer("bars").value_or(bars_most);
  if (bars < static_cast<std::int64_t>(bars_least) || bars > bars_most) return bad("bars must be from 120 to 6000");
  const auto view = call.view();
  if (*timeframe < view->base || timeframe->count() % view->base.count() != 0) {
    return bad("timeframe must be a multiple of the engine's own");
  }
  wish.candles = candles_of(*view, wish.pair, *timeframe, static_cast<std::size_t>(bars));
  if (wish.candles.size() < bars_least) return bad("there are fewer than 120 candles of this pair yet");
  return wish;
}

}  // namespace

Response get_backtests(const Call& call) {
  if (call.context.backtests == nullptr) return not_found();
  Json json;
  json.begin();
  json.field("schema", "aitrade.backtest_runs/1");
  std::string runs = "[";
  for (const std::string& run :
       call.context.backtests->list(call.who.tenant, static_cast<std::size_t>(call.query.integer("limit")))) {
    runs += (runs.size() > 1 ? "," : "") + run;
  }
  json.raw("runs", runs + "]");
  json.end();
  return json_response(json.take());
}

Response get_backtest(const Call& call) {
  if (call.context.backtests == nullptr) return not_found();
  auto run = call.context.backtests->find(call.who.tenant, call.last);
  return run ? json_response(*std::move(run)) : not_found();
}

Response get_backtest_result(const Call& call) {
  if (call.context.backtests == nullptr) return not_found();
  const auto file = call.context.backtests->file(call.who.tenant, call.last, "result.json");
  return file ? file_response(*file, "application/json; charset=utf-8") : not_found();
}

Response get_backtest_report(const Call& call) {
  if (call.context.backtests == nullptr) return not_found();
  const auto file = call.context.backtests->file(call.who.tenant, call.last, "report.html");
  if (!file) return not_found();
  std::ifstream in(*file, std::ios::binary);
  Response response;
  response.content_type = "text/html; charset=utf-8";
  response.body.assign(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  response.headers.push_back({"Content-Security-Policy", policy_of(response.body)});
  return response;
}

Response post_backtest(const Call& call) {
  if (call.context.backtests == nullptr) return not_found();
  auto parsed = body_of(call, fields);
  if (auto* refused = std::get_if<Response>(&parsed)) return std::move(*refused);
  auto wish = wish_of(call, std::get<Body>(parsed));
  if (auto* refused = std::get_if<Response>(&wish)) return std::move(*refused);
  const auto id = call.context.backtests->start(call.who.tenant, std::move(std::get<BacktestWish>(wish)),
                                                call.who.actor());
  if (!id) {
    if (id.error().code == ErrorCode::busy) return error_response(409, "busy", id.error().what);
    return store_failure(id.error());
  }
  audit(call, "backtest_started", *id, "");
  Json json;
  json.begin();
  json.field("schema", "aitrade.backtest_started/1");
  json.field("run_id", *id);
  json.field("status", "queued");
  json.end();
  return json_response(json.take(), 202);
}

Response delete_backtest(const Call& call) {
  if (call.context.backtests == nullptr) return not_found();
  const Status ended = call.context.backtests->cancel(call.who.tenant, call.last);
  if (!ended) {
    return ended.error().code == ErrorCode::not_found ? not_found() : error_response(409, "conflict", ended.error().what);
  }
  audit(call, "backtest_cancelled", call.last, "");
  return json_response(R"({"schema":"aitrade.backtest_cancelled/1","status":"cancelling"})", 202);
}

}  // namespace aitrade
