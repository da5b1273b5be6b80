// What people should look at and have looked at, and the little that they keep: favourites, a record begun anew.

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include "core/api/access.h"
#include "core/api/json.h"
#include "core/api/route.h"
#include "core/store/queries.h"

namespace aitrade {
namespace {

using Ack = PreferenceStore::Ack;
constexpr std::string_view favorites_key = "favorites";
constexpr std::size_t favorites_max = 100;

/// Runs `serve` with what tenants keep; where nothing can be kept, there is nothing here.
template <class Serve>
Response with_preferences(const Call& call, Serve serve) {
  if (call.context.gate == nullptr) return not_found();
  const auto access = call.context.gate->store();
  return access ? serve(PreferenceStore(**access)) : not_found();
}

void write_alert(Json& json, const ThoughtRow& alert, const std::vector<Ack>& acks) {
  const auto ack = std::find_if(acks.begin(), acks.end(), [&alert](const Ack& one) {
    return one.alert == alert.id && one.of == alert.at;
  });
  json.begin();
  json.field("id", alert.id);
  json.time("at", alert.at);
  json.field("level", alert.severity);
  json.field("component", alert.category);
  json.field("message", alert.message);
  json.time("acked_at", ack == acks.end() ? Time{} : ack->at);
  json.maybe("acked_by", ack == acks.end() ? "" : ack->by);
  json.end();
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const auto end = std::min(text.find(','), text.size());
    items.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return items;
}

Response favorites_response(const std::vector<std::string>& items) {
  Json json;
  json.begin();
  json.field("schema", "aitrade.favorites/1");
  json.key("favorites");
  json.begin_list();
  for (const std::string& item : items) json.text(item);
  json.end_list();
  json.end();
  return json_response(json.take());
}

/// Changes the list and tells the new one.
template <class Change>
Response change_favorites(const Call& call, Change change) {
  if (call.who.kind == Principal::Kind::anonymous) return unauthorized();   // open reads are for reading
  return with_preferences(call, [&](const PreferenceStore& preferences) {
    const auto before = preferences.get(call.who.tenant, favorites_key);
    if (!before) return store_failure(before.error());
    std::vector<std::string> items = split(*before);
    if (!change(items)) return error_response(409, "conflict", "that is more than can be kept");
    std::string text;
    for (const std::string& item : items) text += (text.empty() ? "" : ",") + item;
    const Status kept = preferences.put(call.who.tenant, favorites_key, text, call.now.wall);
    return kept ? favorites_response(items) : store_failure(kept.error());
  });
}

}  // namespace

Response get_alerts(const Call& call) {
  std::vector<Ack> acks;
  if (call.context.gate != nullptr) {
    if (const auto access = call.context.gate->store()) {
      auto known = PreferenceStore(**access).acks(call.who.tenant);
      if (!known) return store_failure(known.error());
      acks = *std::move(known);
    }
  }
  return with_store(call, Profile::telemetry, [&](Database& telemetry) {
    Page page = newest(static_cast<int>(call.query.integer("limit")));
    page.before = call.query.integer("before_id");
    page.strategy = call.query.text("level");
    page.from = call.query.time("from").value_or(Time{});
    page.to = call.query.time("to").value_or(Time{INT64_MAX});
    const auto rows = alerts(telemetry, call.who.tenant, page);
    if (!rows) return store_failure(rows.error());
    Json json;
    json.begin_list();
    for (const ThoughtRow& row : *rows) write_alert(json, row, acks);
    json.end_list();
    Response response = json_response(json.take());
    if (static_cast<int>(rows->size()) == page.limit) {
      response.headers.push_back({"X-Next-Cursor", std::to_string(rows->back().id)});
    }
    return response;
  });
}

Response post_alert_ack(const Call& call) {
  std::int64_t id = 0;
  const auto [end, ec] = std::from_chars(call.last.data(), call.last.data() + call.last.size(), id);
  if (ec != std::errc{} || end != call.last.data() + call.last.size() || id < 1) return not_found();
  return with_store(call, Profile::telemetry, [&](Database& telemetry) {
    Page page = newest(1);
    page.before = id + 1;
    const auto rows = alerts(telemetry, call.who.tenant, page);
    if (!rows) return store_failure(rows.error());
    if (rows->empty() || rows->front().id != id) return not_found();
    return with_preferences(call, [&](const PreferenceStore& preferences) {
      const Ack ack{id, rows->front().at, call.now.wall, call.who.actor()};
      if (const Status kept = preferences.acknowledge(call.who.tenant, ack); !kept) return store_failure(kept.error());
      const auto acks = preferences.acks(call.who.tenant);   // somebody may have been first
      if (!acks) return store_failure(acks.error());
      Json json;
      write_alert(json, rows->front(), *acks);
      return json_response(json.take());
    });
  });
}

Response post_alert_test(const Call& call) {
  static constexpr BodyField fields[] = {{"message", BodyField::Kind::text, 500}};
  auto parsed = body_of(call, fields);
  if (auto* refused = std::get_if<Response>(&parsed)) return std::move(*refused);
  const Body& body = std::get<Body>(parsed);
  const std::string text = body.has("message") ? body.text("message") : "a test of the alerts";
  const Status sent = call.context.alert ? call.context.alert(text) : Status(fail(ErrorCode::not_found, "nobody"));
  Json json;
  json.begin();
  json.field("schema", "aitrade.alert_test/1");
  json.key("delivered");
  json.begin_list();
  if (sent) json.text("log");
  json.end_list();
  json.key("failed");
  json.begin_list();
  if (!sent) json.text("log");
  json.end_list();
  json.end();
  audit(call, "alert_test", "", text);
  return json_response(json.take());
}

Response get_favorites(const Call& call) {
  return with_preferences(call, [&](const PreferenceStore& preferences) {
    const auto text = preferences.get(call.who.tenant, favorites_key);
    return text ? favorites_response(split(*text)) : store_failure(text.error());
  });
}

Response post_favorite(const Call& call) {
  static constexpr BodyField fields[] = {{"symbol", BodyField::Kind::text, 32}};
  auto parsed = body_of(call, fields);
  if (auto* refused = std::get_if<Response>(&parsed)) return std::move(*refused);
  const auto pair = typed_pair(std::get<Body>(parsed).text("symbol"));
  if (!pair) return error_response(400, "bad_body", "symbol is a pair such as BTC/USD");
  return change_favorites(call, [&pair](std::vector<std::string>& items) {
    if (std::find(items.begin(), items.end(), *pair) != items.end()) return true;
    if (items.size() >= favorites_max) return false;
    items.push_back(*pair);
    return true;
  });
}

Response delete_favorite(const Call& call) {
  const auto pair = pair_of(call.last);
  if (!pair) return error_response(400, "bad_path", "the path ends in a pair such as BTC-USD");
  return change_favorites(call, [&pair](std::vector<std::string>& items) {
    std::erase(items, *pair);
    return true;
  });
}

Response post_paper_reset(const Call& call) {
  static constexpr BodyField fields[] = {{"confirm"}, {"reason"}};
  auto parsed = body_of(call, fields);
  if (auto* refused = std::get_if<Response>(&parsed)) return std::move(*refused);
  const auto view = call.view();
  if (view->mode == "live") return error_response(400, "live", "real money has no reset");
  if (std::get<Body>(parsed).text("confirm") != "RESET") {
    return error_response(400, "confirmation_needed", R"(send {"confirm":"RESET"})");
  }
  const OperatorCommand command{OperatorAction::close_all, call.who.actor(), "paper reset"};
  const auto count_open = [&call] {
    std::size_t count = 0;
    for (const std::size_t seat : call.seats()) count += call.context.views.read(seat)->positions.size();
    return count;
  };
  const std::size_t open = count_open();
  for (const std::size_t seat : call.seats()) {   // the record that begins anew is the tenant's
    if (!call.context.command(seat, command)) {
      return error_response(503, "busy", "the engine takes no commands at the moment");
    }
  }
  return with_preferences(call, [&](const PreferenceStore& preferences) {
    // Old trades stay; the record begins anew by the clock of trading.
    const Time from = call.view()->now;
    const Status kept = preferences.put(call.who.tenant, record_start_key, std::to_string(from.ns), call.now.wall);
    if (!kept) return store_failure(kept.error());
    audit(call, "paper_reset", "", std::to_string(open) + " positions");
    Json json;
    json.begin();
    json.field("schema", "aitrade.paper_reset/1");
    json.field("ok", true);
    json.field("closed_positions", static_cast<std::uint64_t>(open - std::min(open, count_open())));
    json.time("reset_at", from);
    json.end();
    return json_response(json.take());
  });
}

}  // namespace aitrade
