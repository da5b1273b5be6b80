// Where the faults of a plan meet requests, answers, frames and time.

#include "exchanges/loopback/exchange_engine.h"
#include "exchanges/loopback/fault_actions.h"
#include "exchanges/loopback/kraken_private.h"

#include <algorithm>
#include <charconv>

namespace aitrade::loopback {
namespace {

constexpr std::uint16_t close_going_away = 1001;
constexpr std::uint16_t close_try_later = 1013;
constexpr std::size_t journal_max = 1'000'000;
constexpr std::string_view private_prefix = "/0/private/";
constexpr std::string_view public_prefix = "/0/public/";

milliseconds span_of(const Params& arguments) {
  const std::string text = arguments.text("ms");
  std::int64_t ms = 0;
  std::from_chars(text.data(), text.data() + text.size(), ms);
  return milliseconds{ms};
}

int status_of(const std::string& text, int other) {
  int status = other;
  std::from_chars(text.data(), text.data() + text.size(), status);
  return status;
}

std::string front_end_page(int status) {
  return "<html>\r\n<head><title>" + std::to_string(status) +
         "</title></head>\r\n<body>\r\n<center><h1>" + std::to_string(status) +
         "</h1></center>\r\n</body>\r\n</html>\r\n";
}

// Loses an answer the way the rule wants: by a status of the front end, or by the connection.
void lose(ServerResponse& response, const std::string& symptom) {
  using Delivery = ServerResponse::Delivery;
  if (symptom == "none") {
    response.delivery = Delivery::none;
  } else if (symptom == "silence") {
    response.delivery = Delivery::silence;
  } else if (symptom == "truncated") {
    response.delivery = Delivery::truncated;
    if (response.body.empty()) response.body = "{\"error\":[],\"result\":{}}";
  } else if (const int status = status_of(symptom, 0); status >= 400) {
    response.status = status;
    response.content_type = "text/html";
    response.body = front_end_page(status);
  } else {
    response.delivery = Delivery::reset;
  }
}

std::string first_error(std::string_view body) {
  constexpr std::string_view start = "{\"error\":[\"";
  if (!body.starts_with(start)) return "ok";
  return std::string(body.substr(start.size(), body.find('"', start.size()) - start.size()));
}

}  // namespace

void LoopbackExchange::Engine::note(std::string_view transport, std::string_view endpoint,
                                    std::string_view request, std::string_view answer,
                                    std::string_view fault) {
  if (journal_.size() >= journal_max) return;
  journal_.push_back("{\"n\":" + std::to_string(journal_.size() + 1) +
                     ",\"at_ns\":" + std::to_string(market_.now().ns) +
                     ",\"transport\":" + json_quoted(transport) +
                     ",\"endpoint\":" + json_quoted(endpoint) +
                     ",\"request\":" + json_quoted(request) +
                     ",\"decision\":" + json_quoted(answer) + ",\"fault\":" + json_quoted(fault) +
                     "}");
}

Status LoopbackExchange::Engine::act(const std::string& action, const Params& arguments) {
  const Time now = market_.now();
  if (action == "disconnect") {
    for (const auto& client : clients_)
      client->channel->close(close_going_away, "engine restart");
    return ok();
  }
  AITRADE_TRY_STATUS(do_venue_action(action, arguments, venue_, market_, now));
  if (action == "system") {
    for (const auto& client : clients_) {
      Frames frames{client->session.greeting(market_)};
      send(*client, frames);
    }
  }
  return ok();
}

const FaultRule* LoopbackExchange::Engine::decide(std::string_view transport,
                                                  std::string_view endpoint,
                                                  std::string_view text) {
  if (faults_.rules().empty()) return nullptr;
  return faults_.decide({transport, endpoint, text, market_.now() - started_});
}

// ---- REST
// --------------------------------------------------------------------------------------------

RestReply LoopbackExchange::Engine::answer(const ServerRequest& request) {
  if (request.path.starts_with(private_prefix)) {
    return kraken_private({request.path, std::string(request.header("API-Key")),
                           std::string(request.header("API-Sign")),
                           std::string(request.header("Content-Type")), request.body},
                          venue_, market_.now());
  }
  if (request.path.starts_with(public_prefix)) {
    const std::string& query =
        request.query.empty() ? request.body : request.query;  // POST is accepted
    return kraken_public(std::string_view(request.path).substr(public_prefix.size()), query,
                         market_);
  }
  return {kraken_error("EGeneral:Unknown method"), false};
}

ServerResponse LoopbackExchange::Engine::serve(const ServerRequest& request) {
  const std::lock_guard lock(mutex_);
  catch_up();
  const std::string endpoint = request.path.substr(request.path.rfind('/') + 1);
  const bool is_private = request.path.starts_with(private_prefix);
  const std::string& text = is_private ? request.body : request.query;
  const FaultRule* rule = decide("rest", endpoint, text);
  ServerResponse response;
  if (rule == nullptr) {
    RestReply reply = answer(request);
    if (!reply.is_known) log("unimplemented: " + request.method + " " + request.path);
    response.body = std::move(reply.body);
  } else {
    response = faulty(request, *rule);
  }
  if (is_private || rule != nullptr) {
    note("rest", endpoint, text, first_error(response.body), rule == nullptr ? "" : rule->action);
  }
  publish(market_.now());
  changed_.notify_all();
  return response;
}

ServerResponse LoopbackExchange::Engine::faulty(const ServerRequest& request,
                                                const FaultRule& rule) {
  const std::string action = rule.action;  // copies: acting may change the plan
  const Params arguments = rule.arguments;
  ServerResponse response;
  if (is_venue_action(action)) {
    (void)act(action, arguments);
    response.body = answer(request).body;
    return response;
  }
  if (action == "lose_request") {
    lose(response, arguments.text("symptom"));
    return response;
  }
  if (action == "deliver_late") {
    late_.push_back({market_.now() + span_of(arguments), request});
    lose(response, arguments.text("symptom"));
    return response;
  }
  const bool is_executed = !arguments.has("executed") ? action != "error" && action != "http"
                                                      : arguments.flag("executed");
  if (is_executed) response.body = answer(request).body;
  if (action == "duplicate_request") {
    response.body = answer(request).body;
  } else if (action == "lose_reply") {
    lose(response, arguments.text("symptom"));
  } else if (action == "delay_reply") {
    response.delay = span_of(arguments);
  } else if (action == "error") {
    response.body = kraken_error(arguments.text("text"));
  } else if (action == "http") {
    response.status = status_of(arguments.text("status"), 502);
    response.content_type = "text/html";
    response.body = arguments.has("body") ? arguments.text("body") : front_end_page(response.status);
    if (arguments.has("retry_after")) {
      response.headers.push_back({"Retry-After", arguments.text("retry_after")});
    }
  } else if (action == "malform") {
    response.body = spoiled(response.body, arguments.text("kind"));
  }
  return response;
}

// ---- WebSocket
// ---------------------------------------------------------------------------------------

void LoopbackExchange::Engine::on_frame(Client& client, std::string_view text) {
  catch_up();
  const auto request = WsRequest::read(text);
  const bool is_private = request && request->is_private;
  const std::string endpoint = !request                    ? std::string()
                               : request->channel.empty() ? request->method
                                                          : request->channel;
  const FaultRule* rule = request ? decide("ws", endpoint, text) : nullptr;
  const std::string action = rule == nullptr ? "" : rule->action;
  const Params arguments = rule == nullptr ? Params() : rule->arguments;
  if (is_private) note("ws", endpoint, text, "", action);
  if (action == "lose_request") return;
  if (action == "cut") return client.channel->cut();
  if (action == "close") return client.channel->close(close_try_later, "try again later");
  if (is_venue_action(action)) (void)act(action, arguments);
  const bool is_executed = action != "error" || arguments.flag("executed");
  Frames frames;
  for (int i = 0; is_executed && i < (action == "duplicate_request" ? 2 : 1); ++i) {
    Frames part = is_private ? client.account.on_request(*request, venue_, market_.now())
                             : client.session.on_text(text, market_);
    for (std::string& frame : part)
      frames.push_back(std::move(frame));
  }
  if (action == "lose_reply") frames.clear();
  if (action == "error") {
    const std::string number = request->req_id.empty() ? "" : ",\"req_id\":" + request->req_id;
    frames = {"{\"error\":" + json_quoted(arguments.text("text")) +
              ",\"method\":" + json_quoted(request->method) + number + ",\"success\":false}"};
  }
  const bool is_late = action == "delay_reply";
  if (is_late) publish(market_.now());  // what happened is told before it is acknowledged
  send(client, frames);
  publish(market_.now());
}

// One frame on its way out, through the plan.
void LoopbackExchange::Engine::send_one(Client& client, std::string frame) {
  if (client.muted_until > market_.now()) return;
  const FaultRule* rule = decide("frame", channel_of(frame), frame);
  const std::string action = rule == nullptr ? "" : rule->action;
  if (action == "drop") return;
  if (action == "cut") return client.channel->cut();
  if (action == "close") return client.channel->close(close_try_later, "try again later");
  if (action == "mute") {
    client.muted_until = market_.now() + span_of(rule->arguments);
    return;
  }
  if (action == "hold") client.held_until = market_.now() + span_of(rule->arguments);
  if (action == "swap" && client.swapped.empty()) {
    client.swapped = std::move(frame);
    return;
  }
  if (action == "garble" || action == "extra_field" || action == "text_numbers" ||
      action == "bad_checksum") {
    frame = changed_frame(frame, action);
  }
  if (action == "unknown_frame") push(client, "{\"channel\":\"novelty\",\"data\":[{\"a\":1e3}]}");
  if (action == "duplicate") push(client, frame);
  push(client, std::move(frame));
  if (!client.swapped.empty()) push(client, std::exchange(client.swapped, {}));
}

void LoopbackExchange::Engine::push(Client& client, std::string frame) {
  if (client.held_until > market_.now() || !client.held.empty()) {
    client.held.push_back(std::move(frame));
    return;
  }
  client.channel->send_text(std::move(frame));
}

void LoopbackExchange::Engine::release_held() {
  for (const auto& client : clients_) {
    if (client->held.empty() || client->held_until > market_.now()) continue;
    for (std::string& frame : client->held)
      client->channel->send_text(std::move(frame));
    client->held.clear();
  }
}

// ---- time
// --------------------------------------------------------------------------------------------

std::optional<Time> LoopbackExchange::Engine::next_event() const {
  std::optional<Time> next = venue_.next_timer();
  const auto consider = [&](Time time) {
    if (!next || time < *next) next = time;
  };
  if (const auto timed = faults_.next_timed()) consider(started_ + *timed);
  for (const Late& one : late_)
    consider(one.at);
  for (const auto& client : clients_) {
    if (!client->held.empty()) consider(client->held_until);
  }
  for (const OrderEvent& event : hidden_)
    consider(event.order.hidden_until);
  return next;
}

// Everything that was due by `now` happens, each at its own time.
void LoopbackExchange::Engine::settle(Time now) {
  for (;;) {
    const auto next = next_event();
    if (!next || *next > now) break;
    market_.set_now(std::max(*next, market_.now()));
    venue_.on_time(market_.now());
    while (const FaultRule* rule = decide("time", "", "")) {
      const std::string action = rule->action;
      const Params arguments = rule->arguments;
      const Status done = act(action, arguments);
      note("time", "", "", done ? "ok" : done.error().what, action);
    }
    for (std::size_t i = 0; i < late_.size();) {
      if (late_[i].at > market_.now()) {
        ++i;
        continue;
      }
      const ServerRequest request = std::move(late_[i].request);
      late_.erase(late_.begin() + static_cast<std::ptrdiff_t>(i));
      const std::string body = answer(request).body;
      note("rest", request.path.substr(request.path.rfind('/') + 1), request.body,
           first_error(body), "delivered late");
    }
    publish(market_.now());
    release_held();
  }
}

}  // namespace aitrade::loopback
