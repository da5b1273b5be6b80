// Where the faults of a plan meet the frames of a WebSocket, both ways.

#include "exchanges/loopback/exchange_engine.h"
#include "exchanges/loopback/fault_actions.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace aitrade::loopback {
namespace {

constexpr std::uint16_t close_try_later = 1013;
constexpr std::array<std::string_view, 8> changes{
    "garble",    "extra_field", "text_numbers", "bad_checksum",
    "bad_level", "extra_level", "lost_zeros",   "renumber"};

milliseconds span_of(const Params& arguments) {
  const std::string text = arguments.text("ms");
  std::int64_t ms = 0;
  std::from_chars(text.data(), text.data() + text.size(), ms);
  return milliseconds{ms};
}

std::string error_frame(const WsRequest& request, const std::string& text) {
  const std::string number = request.req_id.empty() ? "" : ",\"req_id\":" + request.req_id;
  return "{\"error\":" + json_quoted(text) + ",\"method\":" + json_quoted(request.method) +
         number + ",\"success\":false}";
}

}  // namespace

Frames LoopbackExchange::Engine::answer_frame(Client& client, const WsRequest& request,
                                              std::string_view text) {
  return request.is_private ? client.account.on_request(request, venue_, market_.now())
                            : client.session.on_text(text, market_);
}

void LoopbackExchange::Engine::on_frame(const std::shared_ptr<Client>& sender,
                                        std::string_view text) {
  catch_up();
  Client& client = *sender;
  if (client.deaf_until > market_.now()) return;
  const auto request = WsRequest::read(text);
  if (!request) {
    Frames frames = client.session.on_text(text, market_);
    return send(client, frames);
  }
  const std::string& endpoint = request->channel.empty() ? request->method : request->channel;
  const FaultRule* rule = decide("ws", endpoint, text);
  const std::string action = rule == nullptr ? "" : rule->action;
  const Params arguments = rule == nullptr ? Params() : rule->arguments;
  if (request->is_private) note("ws", endpoint, text, "", action);
  if (action == "lose_request") return;
  if (action == "deliver_late") {
    late_frames_.push_back({market_.now() + span_of(arguments), sender, std::string(text), true});
    return;
  }
  if (is_venue_action(action)) (void)act(action, arguments);
  const bool is_end = action == "cut" || action == "close";
  const bool is_executed = (action != "error" && !is_end) || arguments.flag("executed");
  Frames frames;
  for (int i = 0; is_executed && i < (action == "duplicate_request" ? 2 : 1); ++i) {
    for (std::string& frame : answer_frame(client, *request, text))
      frames.push_back(std::move(frame));
  }
  if (action == "cut") client.channel->cut();
  if (action == "close") client.channel->close(close_try_later, "try again later");
  if (action == "lose_reply" || is_end) frames.clear();
  if (action == "error") frames = {error_frame(*request, arguments.text("text"))};
  if (action == "malform") {
    for (std::string& frame : frames)
      frame = spoiled(frame, arguments.text("kind"));
  }
  if (action == "delay_reply") {
    publish(market_.now());  // what happened is told before it is acknowledged
    const Time at = market_.now() + span_of(arguments);
    if (at > market_.now()) {
      for (std::string& frame : frames)
        late_frames_.push_back({at, sender, std::move(frame), false});
      frames.clear();
    }
  }
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
    if (rule->arguments.flag("deaf")) client.deaf_until = client.muted_until;
    return;
  }
  if (action == "raw") return send_raw(client, frame, rule->arguments.text("kind"));
  if (action == "hold") client.held_until = market_.now() + span_of(rule->arguments);
  if (action == "swap" && client.swapped.empty()) {
    client.swapped = std::move(frame);
    return;
  }
  if (std::find(changes.begin(), changes.end(), action) != changes.end()) {
    frame = changed_frame(frame, action, rule->arguments);
  }
  if (action == "unknown_frame") push(client, "{\"channel\":\"novelty\",\"data\":[{\"a\":1e3}]}");
  if (action == "duplicate") push(client, frame);
  push(client, std::move(frame));
  if (!client.swapped.empty()) push(client, std::exchange(client.swapped, {}));
}

void LoopbackExchange::Engine::send_raw(Client& client, const std::string& frame,
                                        const std::string& kind) {
  constexpr std::size_t longest = 65'000;  // of a frame that raw_bytes carries
  client.channel->send_raw(raw_bytes(kind, frame.size() > longest ? std::string("{}") : frame));
  if (kind == "truncated") client.channel->cut();
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

}  // namespace aitrade::loopback
