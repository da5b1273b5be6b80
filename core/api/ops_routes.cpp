// For those who watch over it: heartbeat, scanner, exchanges, how full queues are, what the files take.

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include "core/api/engine_json.h"
#include "core/api/json.h"
#include "core/api/route.h"

namespace aitrade {
namespace {

std::size_t candles_of(const EngineView& view, std::size_t index) {
  std::size_t count = 0;
  if (index >= view.candles.size() || view.candles[index] == nullptr) return 0;
  for (const auto& block : view.candles[index]->blocks) count += block->size();
  return count;
}

/// One word for an engine: it is well, it starts, or something is to be looked at.
std::string_view word_of(const EngineView& view) {
  if (view.state == "initializing" || view.state == "warming") return "initializing";
  const bool has_stale = std::any_of(view.pairs.begin(), view.pairs.end(), [](const PairView& p) { return p.stale; });
  return is_moving(view) && view.feed_up && view.ledger_ok && !view.halted && !has_stale ? "ok" : "degraded";
}

/// A count of bytes; nothing for a file that is not there.
std::optional<double> bytes_of(const std::filesystem::path& file) {
  std::error_code failure;
  const auto size = std::filesystem::file_size(file, failure);
  return failure ? std::nullopt : std::optional(static_cast<double>(size));
}

void write_file(Json& json, std::string_view name, const std::filesystem::path& file) {
  json.begin();
  json.field("name", name);
  json.field("bytes", bytes_of(file));
  json.field("wal_bytes", bytes_of(file.string() + "-wal"));
  json.end();
}

}  // namespace

Response get_heartbeat(const Call& call) {
  std::string_view status = call.has_engine() ? "ok" : "no_engine";
  for (const std::size_t seat : call.seats()) {
    const std::string_view one = word_of(*call.context.views.read(seat));
    if (status == "ok" || one == "degraded") status = one;
  }
  Json json;
  json.begin();
  json.field("schema", "aitrade.heartbeat/1");
  json.field("status", status);
  json.key("engines");
  json.begin_list();
  for (const std::size_t seat : call.seats()) {
    json.begin();
    write_engine(json, call, seat);
    json.end();
  }
  json.end_list();
  json.time("timestamp", call.now.wall);
  json.end();
  return json_response(json.take());
}

Response get_scanner(const Call& call) {
  const auto view = call.view();
  Json json;
  json.begin();
  for (std::size_t i = 0; i < view->pairs.size(); ++i) {
    const PairView& pair = view->pairs[i];
    const double bid = to_double(pair.top.bid), ask = to_double(pair.top.ask);
    json.key(pair.symbol);
    json.begin();
    json.field("pair", pair.symbol);
    json.field("exchange", call.context.exchange_of(call.seat));
    json.field("account_id", call.context.account_of(call.seat));
    json.field("asset_class", "crypto");
    json.level("price", pair.last);
    json.level("bid", pair.top.bid);
    json.level("ask", pair.top.ask);
    json.field("spread", bid > 0 && ask > 0 ? std::optional((ask - bid) / ((ask + bid) / 2)) : std::nullopt);
    json.field("bars", static_cast<std::uint64_t>(candles_of(*view, i)));
    json.field("stale", pair.stale);
    json.field("age_s", pair.candle_close.ns == 0 ? std::nullopt : std::optional(age_s(view->now, pair.candle_close)));
    json.field("warmed_up", pair.warm);
    json.field("has_order_book", pair.analysis.has_value());
    json.end();
  }
  json.end();
  return json_response(json.take());
}

Response get_exchanges(const Call& call) {
  const std::vector<std::size_t> seats = call.seats();
  Json json;
  json.begin();
  json.field("schema", "aitrade.exchanges/1");
  json.key("integrations");
  json.begin_list();
  for (const std::size_t seat : seats) {
    const auto view = call.context.views.read(seat);
    json.begin();
    json.field("exchange", call.context.exchange_of(seat));
    json.field("account_id", call.context.account_of(seat));
    json.field("tenant_id", call.who.tenant.name);
    json.field("mode", view->mode);
    json.key("pairs");
    json.begin_list();
    for (const PairView& pair : view->pairs) json.text(pair.symbol);
    json.end_list();
    json.field("ws_connected", view->feed_up);
    json.field("market_data_ready", std::any_of(view->pairs.begin(), view->pairs.end(),
                                                [](const PairView& p) { return p.warm && !p.stale; }));
    json.field("executor_ready", view->ready);
    json.maybe("entries_held", view->entries_held);
    json.end();
  }
  json.end_list();
  json.field("count", static_cast<std::uint64_t>(seats.size()));
  json.end();
  return json_response(json.take());
}

Response get_limits(const Call& call) {
  Json json;
  json.begin();
  json.field("schema", "aitrade.limits/1");
  json.key("limits");
  json.begin_list();
  for (const Occupancy& fill : call.context.fills ? call.context.fills() : std::vector<Occupancy>{}) {
    json.begin();
    json.field("name", fill.name);
    json.field("used", fill.used);
    json.field("max", fill.most > 0 ? std::optional(static_cast<double>(fill.most)) : std::nullopt);
    json.field("unit", fill.unit);
    json.end();
  }
  json.end_list();
  json.end();
  return json_response(json.take());
}

Response get_storage(const Call& call) {
  const auto place = call.store();
  if (!place) return starting();
  Json json;
  json.begin();
  json.field("schema", "aitrade.storage/1");
  json.key("files");   // names, not paths: those are nobody's business over HTTP
  json.begin_list();
  write_file(json, "trading", place->ledger);
  write_file(json, "telemetry", place->telemetry);
  json.end_list();
  json.end();
  return json_response(json.take());
}

}  // namespace aitrade
