// Where the faults of a plan meet requests, answers, frames and time.

#include "exchanges/loopback/exchange_engine.h"
#include "exchanges/loopback/fault_actions.h"
#include "exchanges/loopback/kraken_futures.h"
#include "exchanges/loopback/kraken_private.h"

#include <zlib.h>

#include <algorithm>
#include <charconv>

namespace aitrade::loopback {
namespace {

constexpr std::uint16_t close_going_away = 1001;
constexpr std::size_t journal_max = 1'000'000;
constexpr std::string_view private_prefix = "/0/private/";
constexpr std::string_view public_prefix = "/0/public/";
constexpr std::string_view futures_prefix = "/derivatives/api/v3/";

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

// A stream of zeros that is small on the wire and large once it is unpacked.
std::string packed_zeros(std::size_t size) {
  z_stream stream{};
  constexpr int gzip_window = 15 + 16;
  if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, gzip_window, 8, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    return {};
  }
  constexpr std::size_t block_size = 1U << 16U;
  std::vector<unsigned char> block(block_size, '0');
  std::vector<unsigned char> packed(block_size);
  std::string out;
  for (std::size_t done = 0; done < size || stream.avail_in > 0;) {
    if (stream.avail_in == 0) {
      stream.next_in = block.data();
      stream.avail_in = static_cast<unsigned>(std::min(block_size, size - done));
      done += stream.avail_in;
    }
    stream.next_out = packed.data();
    stream.avail_out = static_cast<unsigned>(packed.size());
    deflate(&stream, done >= size ? Z_FINISH : Z_NO_FLUSH);
    out.append(packed.begin(), packed.end() - stream.avail_out);
  }
  deflateEnd(&stream);
  return out;
}

std::size_t bytes_of(const Params& arguments) {
  constexpr std::size_t bytes_max = std::size_t{1} << 30U;
  const std::string text = arguments.text("bytes");
  std::size_t bytes = std::size_t{1} << 25U;
  std::from_chars(text.data(), text.data() + text.size(), bytes);
  return std::min(bytes, bytes_max);
}

// Answers that cost a careless client its time or its memory.
void burden(ServerResponse& response, const std::string& action, const Params& arguments) {
  if (action == "drip") {
    const std::string text = arguments.text("byte_ms");
    std::int64_t pace = 1000;
    std::from_chars(text.data(), text.data() + text.size(), pace);
    response.delivery = ServerResponse::Delivery::drip;
    response.pace = milliseconds{pace};
  } else if (action == "oversize") {
    response.body.resize(std::max(response.body.size(), bytes_of(arguments)), ' ');
  } else if (action == "gzip_bomb") {
    response.body = packed_zeros(bytes_of(arguments));
    response.headers.push_back({"Content-Encoding", "gzip"});
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
  if (action == "flap") {
    start_flapping(arguments);
    return ok();
  }
  if (action == "ban") {
    ban_ = {now + span_of(arguments), arguments};
    return ok();
  }
  std::vector<std::uint64_t> trades;
  for (const ShownPair& pair : market_.pairs())
    trades.push_back(pair.next_trade_id);
  AITRADE_TRY_STATUS(do_venue_action(action, arguments, venue_, market_, now));
  for (std::size_t pair = 0; pair < trades.size(); ++pair) {
    if (market_.pairs()[pair].next_trade_id != trades[pair]) tell_trade(pair, now);
  }
  const bool is_rules = action == "rules" || action == "pair_status";
  if (action != "system" && !is_rules) return ok();
  Frames frames;
  for (const auto& client : clients_) {
    if (action == "system") frames.push_back(client->session.greeting(market_));
    if (is_rules) client->session.on_rules(market_, frames);
    send(*client, frames);
  }
  return ok();
}

void LoopbackExchange::Engine::start_flapping(const Params& arguments) {
  constexpr Duration soon = seconds{1};
  const std::string after = arguments.text("after_ms");
  std::int64_t ms = 0;
  const bool is_given =
      std::from_chars(after.data(), after.data() + after.size(), ms).ec == std::errc{};
  flap_ = {market_.now() + span_of(arguments), is_given ? Duration{milliseconds{ms}} : soon};
}

// Turned away before anything is looked at, by status or by words.
ServerResponse LoopbackExchange::Engine::banned() const {
  ServerResponse response;
  const std::string text = ban_.arguments.text("text");
  if (!text.empty()) {
    response.body = kraken_error(text);
    return response;
  }
  constexpr int too_many = 429;
  response.status = status_of(ban_.arguments.text("status"), too_many);
  response.content_type = "text/html";
  response.body = front_end_page(response.status);
  if (ban_.arguments.has("retry_after")) {
    response.headers.push_back({"Retry-After", ban_.arguments.text("retry_after")});
  }
  return response;
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
  if (request.path.starts_with(futures_prefix)) {
    return kraken_futures(std::string_view(request.path).substr(futures_prefix.size()),
                          request.query, market_);
  }
  return {kraken_error("EGeneral:Unknown method"), false};
}

ServerResponse LoopbackExchange::Engine::serve(const ServerRequest& request) {
  const std::lock_guard lock(mutex_);
  catch_up();
  const std::string endpoint = request.path.substr(request.path.rfind('/') + 1);
  const bool is_private = request.path.starts_with(private_prefix);
  const std::string& text = is_private ? request.body : request.query;
  if (market_.now() < ban_.until) {
    note("rest", endpoint, text, "turned away", "ban");
    return banned();
  }
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
  } else {
    burden(response, action, arguments);
  }
  return response;
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
  for (const LateFrame& one : late_frames_)
    consider(one.at);
  for (const auto& client : clients_) {
    if (!client->held.empty()) consider(client->held_until);
    const Time end = client->opened + flap_.after;
    if (!client->is_ended && end <= flap_.until) consider(end);
  }
  for (const OrderEvent& event : hidden_)
    consider(event.order.hidden_until);
  return next;
}

// Requests and frames that are due arrive.
void LoopbackExchange::Engine::deliver_late() {
  for (std::size_t i = 0; i < late_.size();) {
    if (late_[i].at > market_.now()) {
      ++i;
      continue;
    }
    const ServerRequest request = std::move(late_[i].request);
    late_.erase(late_.begin() + static_cast<std::ptrdiff_t>(i));
    const std::string body = answer(request).body;
    note("rest", request.path.substr(request.path.rfind('/') + 1), request.body, first_error(body),
         "delivered late");
  }
  for (std::size_t i = 0; i < late_frames_.size();) {
    if (late_frames_[i].at > market_.now()) {
      ++i;
      continue;
    }
    const LateFrame one = std::move(late_frames_[i]);
    late_frames_.erase(late_frames_.begin() + static_cast<std::ptrdiff_t>(i));
    const auto client = one.client.lock();
    const auto request = one.is_request ? WsRequest::read(one.text) : std::nullopt;
    if (request) {
      // Whether or not its sender is still there.
      Client gone{KrakenSession(0), {}, {}, {}, {}, {}, {}, {}, {}};
      Frames frames = answer_frame(client ? *client : gone, *request, one.text);
      note("ws", request->method, one.text, frames.empty() ? "" : frames.front(),
           "delivered late");
      if (client) send(*client, frames);
    } else if (client) {
      push(*client, one.text);
    }
  }
}

void LoopbackExchange::Engine::cut_flapping() {
  for (const auto& client : clients_) {
    const Time end = client->opened + flap_.after;
    if (client->is_ended || end > market_.now() || end > flap_.until) continue;
    client->is_ended = true;
    client->channel->cut();
  }
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
    deliver_late();
    cut_flapping();
    publish(market_.now());
    release_held();
  }
}

}  // namespace aitrade::loopback
