// The engines side by side: whose each is, how it stands, what it holds, and the sums over those of one currency.

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/api/engine_json.h"
#include "core/api/json.h"

namespace aitrade {
namespace {

Time newest_candle(const EngineView& view) {
  Time newest;
  for (const PairView& pair : view.pairs) newest = std::max(newest, pair.candle_close);
  return newest;
}

/// How many positions stand in each way against a fall.
struct Shields {
  std::uint64_t protected_{0}, exposed{0}, leaving{0};

  void add(const EngineView& view) {
    for (const PositionView& position : view.positions) {
      switch (position.protection) {
        case Protection::protected_: ++protected_; break;
        case Protection::exposed: ++exposed; break;
        case Protection::leaving: ++leaving; break;
      }
    }
  }

  void write(Json& json) const {
    json.field("open_positions", protected_ + exposed + leaving);
    json.field("positions_protected", protected_);
    json.field("positions_exposed", exposed);
    json.field("positions_leaving", leaving);
  }
};

/// A share of money; nothing without money to share.
std::optional<double> share(Money part, Money whole) {
  return whole.is_positive() ? std::optional(to_double(part) / to_double(whole)) : std::nullopt;
}

/// Why an engine is not simply running; empty: it is. What made one fail may name files: for the administrator.
std::string reason_of(const Call& call, const EngineView& view) {
  if (view.state == "failed") {
    return call.who.scope == Scope::admin && !view.failure.empty() ? view.failure : view.entries_held;
  }
  if (view.halted || view.paused) return view.pause_reason;
  return view.entries_held;
}

void write_figures(Json& json, const Call& call, const EngineView& view) {
  json.maybe("reason", reason_of(call, view));
  json.field("day_return", share(view.day_pnl, view.day_start_equity));
  json.field("exposure", view.exposure);
  json.field("exposure_share", share(view.exposure, view.equity));
  json.field("drawdown", view.drawdown);
  Shields shields;
  shields.add(view);
  json.field("positions_protected", shields.protected_);
  json.field("positions_exposed", shields.exposed);
  json.field("positions_leaving", shields.leaving);
  json.time("updated_at", view.now);
}

/// A sum of money that says nothing when it leaves what money can hold.
struct MoneySum {
  std::int64_t raw{0};
  bool is_known{true};

  void add(Money money) { is_known = is_known && !__builtin_add_overflow(raw, money.raw(), &raw); }

  [[nodiscard]] Money value() const { return Money::from_raw(raw); }

  void write(Json& json, std::string_view name) const { json.maybe(name, is_known ? to_string(value()) : ""); }
};

/// Engines of one mode and currency together: paper and real money are never one sum.
struct Total {
  std::uint64_t engines{0}, trades{0};
  MoneySum equity, day_pnl, day_start, exposure;
  Shields shields;

  void add(const EngineView& view) {
    ++engines;
    trades += view.trades;
    equity.add(view.equity);
    day_pnl.add(view.day_pnl);
    day_start.add(view.day_start_equity);
    exposure.add(view.exposure);
    shields.add(view);
  }

  void write(Json& json) const {
    const auto known_share = [](const MoneySum& part, const MoneySum& whole) {
      return part.is_known && whole.is_known ? share(part.value(), whole.value()) : std::nullopt;
    };
    json.field("engines", engines);
    equity.write(json, "equity");
    day_pnl.write(json, "day_pnl");
    json.field("day_return", known_share(day_pnl, day_start));
    exposure.write(json, "exposure");
    json.field("exposure_share", known_share(exposure, equity));
    shields.write(json);
    json.field("trades_total", trades);
  }
};

using Totals = std::map<std::pair<std::string, std::string>, Total>;   // by mode and currency

void write_totals(Json& json, const Totals& totals) {
  json.key("totals");
  json.begin_list();
  for (const auto& [kind, total] : totals) {
    json.begin();
    json.field("mode", kind.first);
    json.field("currency", kind.second);
    total.write(json);
    json.end();
  }
  json.end_list();
}

/// Whether all engines are asked for: by the administrator, unless a tenant or an account is named.
bool wants_all(const Call& call) {
  if (const auto scope = call.query.text("scope"); !scope.empty()) return scope == "all";
  return call.who.scope == Scope::admin && call.account.empty() && call.request.header("X-Tenant-ID").empty();
}

}  // namespace

void write_engine(Json& json, const Call& call, std::size_t seat) {
  const auto picture = call.context.views.read(seat);
  const EngineView& view = *picture;
  json.field("tenant_id", call.context.views.seats()[seat].tenant.name);
  json.field("exchange", call.context.exchange_of(seat));
  json.field("account_id", call.context.account_of(seat));
  json.field("run", view.run);
  json.field("mode", view.mode);
  json.field("state", view.state);
  json.field("running", is_moving(view));
  json.field("paused", view.paused);
  json.field("halted", view.halted);
  json.field("ws_connected", view.feed_up);
  json.field("equity", view.equity);
  json.field("day_pnl", view.day_pnl);
  json.field("currency", view.currency);
  json.field("open_positions", static_cast<std::uint64_t>(view.positions.size()));
  json.field("trades_total", view.trades);
  json.field("pairs_total", static_cast<std::uint64_t>(view.pairs.size()));
  json.key("stale_pairs");
  json.begin_list();
  std::uint64_t stale = 0;
  for (const PairView& pair : view.pairs) {
    if (!pair.stale) continue;
    ++stale;
    json.text(pair.symbol);
  }
  json.end_list();
  json.field("stale_pairs_count", stale);
  const Time newest = newest_candle(view);
  json.field("last_scan_age_s", newest.ns == 0 ? std::nullopt : std::optional(age_s(view.now, newest)));
  json.key("loops");
  json.begin_list();
  json.begin();
  json.field("name", "engine");
  json.field("turns", view.progress);
  json.end();
  json.end_list();
}

Response get_engines(const Call& call) {
  std::vector<std::size_t> seats = call.seats();
  if (wants_all(call)) {
    if (call.who.scope < Scope::admin) return error_response(403, "scope", "this is for the administrator");
    seats.clear();
    for (std::size_t i = 0; i < call.context.views.seats().size(); ++i) seats.push_back(i);
  }
  Totals totals;
  Json json;
  json.begin();
  json.field("schema", "aitrade.engines/1");
  json.key("engines");
  json.begin_list();
  for (const std::size_t seat : seats) {
    const auto view = call.context.views.read(seat);
    if (view->now.ns != 0) totals[{view->mode, view->currency}].add(*view);   // else it has no figures yet
    json.begin();
    write_engine(json, call, seat);
    write_figures(json, call, *view);
    json.end();
  }
  json.end_list();
  write_totals(json, totals);
  json.field("count", static_cast<std::uint64_t>(seats.size()));
  json.end();
  return json_response(json.take());
}

}  // namespace aitrade
