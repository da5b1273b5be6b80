// The control interface of the loopback exchange, and what it tells its clients.

#include "exchanges/loopback/exchange_engine.h"
#include "exchanges/loopback/order_json.h"

#include <rapidjson/document.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <utility>

namespace aitrade::loopback {
namespace {

constexpr std::uint16_t close_going_away = 1001;

}  // namespace

// ---- control
// ------------------------------------------------------------------------------------------

void LoopbackExchange::Engine::acknowledge(Time close) {
  {
    const std::lock_guard lock(mutex_);
    acknowledged_ = std::max(acknowledged_, close);
    while (!unacknowledged_.empty() && unacknowledged_.front() <= acknowledged_) {
      unacknowledged_.pop_front();
    }
  }
  changed_.notify_all();
}

std::size_t LoopbackExchange::Engine::drop_connections() {
  const std::lock_guard lock(mutex_);
  for (const auto& client : clients_)
    client->channel->close(close_going_away, "dropped");
  return clients_.size();
}

void LoopbackExchange::Engine::corrupt_next_checksum() {
  const std::lock_guard lock(mutex_);
  for (const auto& client : clients_)
    client->session.corrupt_next_checksum();
}

std::uint64_t LoopbackExchange::Engine::books_shown() const {
  const std::lock_guard lock(mutex_);
  std::uint64_t count = 0;
  for (const auto& client : clients_) count += client->session.books_shown();
  return count;
}

std::vector<std::size_t> LoopbackExchange::Engine::subscriptions() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::size_t> counts;
  for (const auto& client : clients_)
    counts.push_back(client->session.subscriptions());
  return counts;
}

ServerResponse LoopbackExchange::Engine::control(const ServerRequest& request) {
  ServerResponse response;
  if (request.path == "/_sim/clock") {
    const std::lock_guard lock(mutex_);
    response.body = "{\"now_ns\":" + std::to_string(clock_.now().ns) +
                    ",\"speed\":" + volume_text(options_.speed) +
                    ",\"running\":" + (clock_.is_started() ? "true" : "false") +
                    ",\"finished\":" + (is_finished_ ? "true" : "false") + "}";
    return response;
  }
  if (request.path == "/_sim/ack" && request.method == "POST") {
    rapidjson::Document document;
    document.Parse<rapidjson::kParseIterativeFlag>(request.body.data(), request.body.size());
    if (!document.HasParseError() && document.IsObject()) {
      const auto close = document.FindMember("close_ns");
      if (close != document.MemberEnd() && close->value.IsInt64()) {
        acknowledge(Time{close->value.GetInt64()});
        response.body = "{}";
        return response;
      }
    }
    response.status = 400;
    response.body = "{\"error\":\"close_ns missing\"}";
    return response;
  }
  if (request.path == "/_sim/drop" && request.method == "POST") {
    response.body = "{\"dropped\":" + std::to_string(drop_connections()) + "}";
    return response;
  }
  return request.method == "POST" ? command(request) : truth(request);
}

// What is so, whatever clients were told: GET /_sim/orders, fills, balances, journal, faults.
ServerResponse LoopbackExchange::Engine::truth(const ServerRequest& request) {
  const std::lock_guard lock(mutex_);
  catch_up();
  ServerResponse response;
  const Matching& matching = venue_.matching();
  std::string rows;
  const auto add = [&](const std::string& row) { rows += (rows.empty() ? "" : ",") + row; };
  if (request.path == "/_sim/orders") {
    const Time end{std::numeric_limits<std::int64_t>::max()};
    for (const VenueOrder& order : matching.orders()) {
      const auto view = view_of(order, matching, end, end);
      add(json_quoted(order.id) + ":" + order_object(*view, market_, true));
    }
  } else if (request.path == "/_sim/fills") {
    for (const VenueFill& fill : matching.fills())
      add(json_quoted(fill.id) + ":" + trade_object(fill, market_));
  } else if (request.path == "/_sim/balances") {
    for (const auto& [asset, place] : venue_.accounts().places()) {
      add(json_quoted(asset) + ":{\"balance\":\"" + to_string(place.balance) +
          "\",\"held\":\"" + to_string(place.held) + "\",\"market\":\"" +
          to_string(place.market) + "\",\"fees\":\"" + to_string(place.fees) +
          "\",\"outside\":\"" + to_string(place.outside) + "\"}");
    }
    response.body = std::string("{\"sound\":") +
                    (venue_.accounts().is_sound() ? "true" : "false") + ",\"assets\":{" + rows +
                    "}}";
    return response;
  } else if (request.path == "/_sim/journal") {
    for (const std::string& line : journal_)
      add(line);
    response.body = "[" + rows + "]";
    return response;
  } else if (request.path == "/_sim/faults") {
    for (const FaultRule& rule : faults_.rules()) {
      add("{\"action\":" + json_quoted(rule.action) +
          ",\"transport\":" + json_quoted(rule.transport) +
          ",\"endpoint\":" + json_quoted(rule.endpoint) + ",\"seen\":" +
          std::to_string(rule.seen) + ",\"hits\":" + std::to_string(rule.hits) + "}");
    }
    response.body = "[" + rows + "]";
    return response;
  } else {
    response.status = 404;
    response.body = "{\"error\":\"unknown control\"}";
    return response;
  }
  response.body = "{" + rows + "}";
  return response;
}

// POST /_sim/faults adds rules, /_sim/reset forgets them, /_sim/do acts at once, /_sim/advance
// moves a clock that is moved by hand.
ServerResponse LoopbackExchange::Engine::command(const ServerRequest& request) {
  ServerResponse response;
  const auto refuse = [&](const std::string& why) {
    response.status = 400;
    response.body = "{\"error\":" + json_quoted(why) + "}";
    return response;
  };
  const auto params = Params::read_json(request.body);
  if (!params) return refuse(params.error().what);
  response.body = "{}";
  if (request.path == "/_sim/advance") {
    const auto ms = Money::parse(params->text("ms"));
    if (!ms || ms->is_negative()) return refuse("ms missing");
    advance_by(milliseconds{ms->raw() / Money::scale});
    return response;
  }
  const std::lock_guard lock(mutex_);
  catch_up();
  if (request.path == "/_sim/faults") {
    auto plan = FaultPlan::read(request.body);
    if (!plan) return refuse(plan.error().what);
    for (const FaultRule& rule : plan->rules())
      faults_.add(rule);
  } else if (request.path == "/_sim/reset") {
    faults_.reset(static_cast<std::uint64_t>(std::atoll(params->text("seed").c_str())));
    late_.clear();
  } else if (request.path == "/_sim/do") {
    const std::string action = params->text("action");
    const Status done = act(action, params->child("args"));
    note("control", "", request.body, done ? "ok" : done.error().what, action);
    publish(market_.now());
    if (!done) return refuse(done.error().what);
  } else {
    response.status = 404;
    response.body = "{\"error\":\"unknown control\"}";
  }
  changed_.notify_all();
  return response;
}

void LoopbackExchange::Engine::catch_up() {
  if (!options_.manual_clock && clock_.is_started() && options_.speed > 0) advance(clock_.now());
}

// Sends what the account's owner is told, and the books that its orders changed.
void LoopbackExchange::Engine::publish(Time now) {
  std::vector<OrderEvent> events;
  std::vector<OrderEvent> still_hidden;
  for (OrderEvent& event : hidden_) {
    auto& to = event.order.hidden_until > now ? still_hidden : events;
    to.push_back(std::move(event));
  }
  for (OrderEvent& event : venue_.matching().take_events()) {
    auto& to = event.order.hidden_until > now ? still_hidden : events;
    to.push_back(std::move(event));
  }
  hidden_ = std::move(still_hidden);
  const auto books = venue_.matching().take_changed_books();
  if (events.empty() && books.empty()) return;
  Frames frames;
  for (const auto& client : clients_) {
    client->account.on_events(events, venue_, now, frames);
    if (is_detailed()) {
      for (const std::size_t pair : books)
        client->session.on_book(pair, market_, frames);
    }
    send(*client, frames);
  }
}

void LoopbackExchange::Engine::with_venue(const std::function<void(PrivateVenue&, Time)>& use) {
  const std::lock_guard lock(mutex_);
  catch_up();
  use(venue_, market_.now());
  publish(market_.now());
}

void LoopbackExchange::Engine::advance_by(Duration span) {
  const std::lock_guard lock(mutex_);
  const Time to = market_.now() + span;
  advance(to);
  clock_.advance_to(to);
  send_heartbeats();
}

ServerResponse LoopbackExchange::Engine::handle(const ServerRequest& request) {
  if (const int status = std::exchange(refusal_, 0); status != 0) {
    ServerResponse refused;
    refused.status = status;
    return refused;
  }
  return request.path.starts_with("/_sim") ? control(request) : serve(request);
}

}  // namespace aitrade::loopback
