// What the table says of itself: OpenAPI, and the numbers that Prometheus reads.

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/api/json.h"
#include "core/api/route.h"

namespace aitrade {
namespace {

void write_parameter(Json& json, const Parameter& p) {
  using Kind = Parameter::Kind;
  json.begin();
  json.field("name", p.name);
  json.field("in", "query");
  json.field("required", false);
  if (!p.help.empty()) json.field("description", p.help);
  json.key("schema");
  json.begin();
  json.field("type", p.kind == Kind::integer ? "integer" : "string");
  if (p.kind == Kind::integer) {
    json.field("minimum", p.low);
    json.field("maximum", p.high);
    json.field("default", p.otherwise);
  } else if (p.kind == Kind::time) {
    json.field("format", "date-time");
  } else if (p.kind == Kind::choice) {
    json.key("enum");
    json.begin_list();
    std::string_view rest = p.choices;
    while (!rest.empty()) {
      const auto end = std::min(rest.find('|'), rest.size());
      json.text(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    json.end_list();
  }
  json.end();
  json.end();
}

void write_path_parameter(Json& json, std::string_view path) {
  const auto brace = path.find('{');
  if (brace == std::string_view::npos) return;
  json.begin();
  json.field("name", path.substr(brace + 1, path.find('}') - brace - 1));
  json.field("in", "path");
  json.field("required", true);
  json.key("schema");
  json.begin();
  json.field("type", "string");
  json.end();
  json.end();
}

void write_body(Json& json, std::string_view fields) {
  if (fields.empty()) return;
  json.key("requestBody");
  json.begin();
  json.key("content");
  json.begin();
  json.key("application/json");
  json.begin();
  json.key("schema");
  json.begin();
  json.field("type", "object");
  json.field("additionalProperties", false);
  json.key("properties");
  json.begin();
  while (!fields.empty()) {
    const auto end = std::min(fields.find(' '), fields.size());
    json.key(fields.substr(0, end));
    json.begin();
    json.end();
    fields.remove_prefix(std::min(end + 1, fields.size()));
  }
  json.end();
  json.end();
  json.end();
  json.end();
  json.end();
}

void write_response(Json& json, const char* status, const char* what) {
  json.key(status);
  json.begin();
  json.field("description", what);
  json.end();
}

void write_operation(Json& json, const Route& route) {
  std::string method(route.method);
  for (char& c : method) c = static_cast<char>(c - 'A' + 'a');
  json.key(method);
  json.begin();
  json.field("summary", route.summary);
  json.field("x-scope", to_string(route.access));
  json.key("security");
  json.begin_list();
  const bool wants_key = route.access != Access::open && route.access != Access::signature;
  if (wants_key) {
    for (const char* scheme : {"key", "bearer", "session"}) {
      json.begin();
      json.key(scheme);
      json.begin_list();
      json.end_list();
      json.end();
    }
  }
  json.end_list();
  json.key("parameters");
  json.begin_list();
  write_path_parameter(json, route.path);
  for (const Parameter& parameter : route.parameters) write_parameter(json, parameter);
  json.end_list();
  write_body(json, route.body);
  json.key("responses");
  json.begin();
  write_response(json, "200", "done");
  if (!route.parameters.empty() || !route.body.empty()) write_response(json, "400", "not understood");
  if (route.access == Access::signature) write_response(json, "401", "not signed, or wrongly, or too long ago");
  if (wants_key) {
    write_response(json, "401", "no key, or a wrong one");
    if (route.access != Access::read) write_response(json, "403", "not with this scope");
  }
  write_response(json, "429", "too often; Retry-After says until when");
  json.end();
  json.end();
}

void write_scheme(Json& json, const char* name, const char* type, const char* more, const char* value, const char* in) {
  json.key(name);
  json.begin();
  json.field("type", type);
  json.field(more, value);
  if (*in != '\0') json.field("in", in);
  json.end();
}

/// One number in the text form of Prometheus.
void add(std::string& text, std::string_view name, std::string_view type, std::string_view help,
    const std::string& value,
         std::string_view labels = {}) {
  text.append("# HELP aitrade_").append(name).append(" ").append(help).append("\n");
  text.append("# TYPE aitrade_").append(name).append(" ").append(type).append("\n");
  text.append("aitrade_").append(name).append(labels).append(" ").append(value).append("\n");
}

std::string shortest(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.10g", value);
  return text.data();
}

}  // namespace

Response get_openapi(const Call& call) {
  std::map<std::string_view, std::vector<const Route*>> paths;
  for (const Route& route : route_table()) paths[route.path].push_back(&route);
  Json json;
  json.begin();
  json.field("openapi", "3.1.0");
  json.key("info");
  json.begin();
  json.field("title", "aitrade");
  json.field("version", call.context.version);
  json.end();
  json.key("components");
  json.begin();
  json.key("securitySchemes");
  json.begin();
  write_scheme(json, "key", "apiKey", "name", "X-API-Key", "header");
  write_scheme(json, "bearer", "http", "scheme", "bearer", "");
  write_scheme(json, "session", "apiKey", "name", "aitrade_local", "cookie");
  json.end();
  json.end();
  json.key("paths");
  json.begin();
  for (const auto& [path, routes] : paths) {
    json.key(path);
    json.begin();
    for (const Route* route : routes) write_operation(json, *route);
    json.end();
  }
  json.end();
  json.end();
  return json_response(json.take());
}

Response get_metrics(const Call& call) {
  const auto view = call.view();
  std::string text;
  add(text, "up", "gauge", "1 while entries are possible", view->ready ? "1" : "0");
  add(text, "paused", "gauge", "1 while entries are paused", view->paused ? "1" : "0");
  add(text, "halted", "gauge", "1 after a kill", view->halted ? "1" : "0");
  add(text, "feed_up", "gauge", "1 while market data comes", view->feed_up ? "1" : "0");
  add(text, "ledger_ok", "gauge", "1 while the ledger can be written", view->ledger_ok ? "1" : "0");
  add(text, "equity", "gauge", "equity in the quote currency", to_string(view->equity));
  add(text, "cash", "gauge", "cash in the quote currency", to_string(view->cash));
  add(text, "exposure", "gauge", "notional of all positions", to_string(view->exposure));
  add(text, "day_pnl", "gauge", "profit since 00:00 UTC", to_string(view->day_pnl));
  add(text, "drawdown_ratio", "gauge", "fall from the peak of equity", shortest(view->drawdown));
  add(text, "positions", "gauge", "open positions", std::to_string(view->positions.size()));
  const auto stale = std::count_if(view->pairs.begin(), view->pairs.end(), [](const PairView& p) { return p.stale; });
  add(text, "stale_pairs", "gauge", "pairs whose prices are old", std::to_string(stale));
  add(text, "events_total", "counter", "events the engine took", std::to_string(view->events));
  add(text, "decisions_total", "counter", "decisions", std::to_string(view->decisions));
  add(text, "entries_total", "counter", "entries", std::to_string(view->entries));
  add(text, "trades_total", "counter", "closed trades", std::to_string(view->trades));
  add(text, "engine_turns_total", "counter", "turns of the engine loop", std::to_string(view->progress));
  add(text, "orders_placed_total", "counter", "orders sent", std::to_string(view->execution.placed));
  add(text, "orders_rejected_total", "counter", "orders the venue refused", std::to_string(view->execution.rejected));
  add(text, "fees_total", "counter", "fees of closed trades", to_string(view->execution.fees));
  Response response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = std::move(text);
  return response;
}

}  // namespace aitrade
