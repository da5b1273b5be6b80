// The links of the world: frames both ways and REST calls, each with its chance of going wrong.
#include "tests/live/world.h"

#include <algorithm>

namespace aitrade::live_test {
namespace {

constexpr Duration call_patience = seconds{15};
constexpr std::size_t id_length = 36;

/// The client id in a request, by either road.
std::string client_id_in(const std::string& text) {
  for (const std::string_view key : {"\"cl_ord_id\":\"", "\"cl_ord_id\":[\"", "cl_ord_id="}) {
    if (const std::size_t found = text.find(key); found != std::string::npos) return text.substr(found + key.size(), id_length);
  }
  return {};
}

/// The venue's ids that a request names.
std::string order_id_in(const std::string& text) {
  for (const std::string_view key : {"\"order_id\":[\"", "txid="}) {
    const std::size_t found = text.find(key);
    if (found == std::string::npos) continue;
    return text.substr(found + key.size(), text.find_first_of("\"&", found + key.size()) - found - key.size());
  }
  return {};
}

HttpOutcome no_reply(const char* why) {
  HttpOutcome out;
  out.fact = TransportFact::sent_no_reply;
  out.error = fail(ErrorCode::timeout, why);
  return out;
}

HttpOutcome reply(int status, std::string body) {
  HttpOutcome out;
  out.fact = TransportFact::reply;
  out.reply.status = status;
  out.reply.body = std::move(body);
  return out;
}

class MemoryTransport final : public HttpTransport {
 public:
  explicit MemoryTransport(World& world) : world_(world) {}

  HttpOutcome perform(const HttpRequest& request) override { return world_.serve(request); }

 private:
  World& world_;
};

bool is_place(const std::string& text) { return text.find("add_order") != std::string::npos; }

}  // namespace

std::unique_ptr<HttpTransport> World::make_transport() { return std::make_unique<MemoryTransport>(*this); }

Duration World::latency() {
  const auto usual = milliseconds{20 + static_cast<std::int64_t>(chance_.below(60))};
  return chance_.below(50) == 0 ? usual + milliseconds{400} : usual;
}

// ---- what leaves is looked at -----------------------------------------------------------------------------

void World::check_sent(const std::string& text, const char* road) {
  const std::string id_text = client_id_in(text);
  const auto id = id_of(id_text);
  if (!id) return fail(std::string("an order left without an id of ours over ") + road + ": " + text);
  if (!process_->is_known(id_text)) fail("P1: " + to_string(*id) + " left before the ledger held it");
  ++report_.orders;
  note("sent over " + std::string(road) + ": place " + to_string(*id));
  if (id->role != OrderRole::entry) return;
  ++report_.entries;
  if (is_paused_) fail("P9: entry " + to_string(*id) + " left although paused");
  const bool may_know = wire_ || now_ - wire_gone_at_ > milliseconds{30};   // the word of it is on its way
  if ((!wire_ && may_know) || !process_->account().is_synced()) fail("P10: entry " + to_string(*id) + " left without a private stream");
  if (!told_online()) fail("P10: entry " + to_string(*id) + " left while the venue was " + told_system_);
}

/// A stop may be canceled when its position leaves or is gone, and never else (reliability.md 3.6).
void World::check_cancel(const std::string& text) {
  std::string id_text = client_id_in(text);
  if (const std::string venue_id = order_id_in(text); !venue_id.empty()) {
    const loopback::VenueOrder* order = venue_->matching().find(venue_id);
    if (order == nullptr) return fail("a cancel of an order that never was: " + text);
    id_text = order->terms.client_id;
  }
  const auto id = id_of(id_text);
  if (!id) return fail("a cancel of what is not ours: " + text);
  note("sent: cancel " + to_string(*id));
  if (id->role != OrderRole::protect) return;
  for (const TrackedOrder& t : process_->engine().desk().orders().live()) {
    if (t.order.client_id != *id) continue;
    const Position& p = process_->engine().desk().portfolio().at(t.order.instrument);
    if (is_below_least(number(t.order.instrument), p.quantity)) return;   // no stop of its size would be taken
    if (p.is_open() && p.closing == ExitReason::none) fail("3.6: the stop of a position that stays is canceled");
  }
}

// ---- the private stream -----------------------------------------------------------------------------------

void World::connect() {
  at(now_ + latency() * 3, [this, life = life_] {
    if (life != life_ || !process_->is_alive()) return;
    const bool is_refused = (has_faults_ && fault_chance_.uniform() < options_.call_faults) || flaps_ > 0;
    if (is_refused) {
      if (flaps_ > 0) --flaps_;
      note("link: refused");
      process_->account().on_closed("refused", now_);
      return process_->pump();
    }
    note("link: up");
    wire_ = std::make_shared<Wire>();
    to_us(wire_, wire_->session.greeting(market_));
    process_->account().on_open(now_);
    process_->pump();
  });
}

void World::drop() {
  if (wire_) close_wire(wire_, "dropped by us", true);
}

void World::close_wire(std::shared_ptr<Wire> wire, const char* why, bool by_us) {
  if (!wire->is_open && !wire->is_ours) return;
  wire->is_open = false;
  note(std::string("link: down, ") + why);
  if (wire_ == wire) {
    wire_.reset();
    wire_gone_at_ = now_;
  }
  if (!std::exchange(wire->is_ours, false)) return;
  spoil(seconds{15});
  at(now_ + (by_us ? milliseconds{5} : milliseconds{30}), [this, life = life_, why = std::string(why)] {
    if (life != life_ || !process_->is_alive()) return;
    process_->account().on_closed(why, now_);
    process_->pump();
  });
}

void World::send_frame(const std::string& frame) {
  std::string out = frame;
  const bool is_order = is_place(frame);
  if (is_order) {
    check_sent(frame, "ws");
    const auto id = id_of(client_id_in(frame));
    if (options_.sabotage == Sabotage::ids_reused && id && id->role == OrderRole::entry) {
      if (first_entry_id_.empty()) first_entry_id_ = client_id_in(frame);
      out.replace(out.find(client_id_in(frame)), id_length, first_entry_id_);
    }
  }
  if (frame.find("\"cancel_order\"") != std::string::npos) check_cancel(frame);
  if (frame.find("\"amend_order\"") != std::string::npos) ++report_.amends;
  if (!wire_) return;
  to_venue(wire_, out);
  if (is_order && options_.sabotage == Sabotage::resend) to_venue(wire_, out);
}

void World::to_venue(const std::shared_ptr<Wire>& wire, const std::string& frame) {
  bool is_lost = has_faults_ && fault_chance_.uniform() < options_.frame_faults * 4;
  if (next_request_ && frame.find(*next_request_) != std::string::npos) {
    is_lost = true;
    next_request_.reset();
  }
  if (is_lost) {
    note("link: a frame of ours is lost");
    return spoil(seconds{20});
  }
  wire->to_venue = std::max(wire->to_venue, now_ + latency());
  at(wire->to_venue, [this, wire, frame] { venue_takes(wire, frame); });
}

void World::venue_takes(const std::shared_ptr<Wire>& wire, const std::string& frame) {
  if (wire->is_mute) return;
  venue_->on_time(now_);
  const auto request = loopback::WsRequest::read(frame);
  loopback::Frames answers;
  const bool is_stop = is_place(frame) && frame.find("stop-loss") != std::string::npos;
  if (is_stop && refuse_stops_ > 0) {
    --refuse_stops_;
    answers.push_back("{\"error\":\"EOrder:Orders limit exceeded\",\"method\":\"add_order\",\"req_id\":" +
                      request->req_id + ",\"success\":false}");
  } else if (request && request->is_private) {
    answers = wire->account.on_request(*request, *venue_, now_);
  } else {
    answers = wire->session.on_text(frame, market_);
  }
  for (const std::string& answer : answers) {
    if (answer.find("\"success\":false") != std::string::npos) note("venue refuses: " + answer.substr(0, 160));
    to_us(wire, answer);
  }
  publish();
}

void World::to_us(const std::shared_ptr<Wire>& wire, const std::string& frame) {
  if (!wire->is_open || wire->is_mute) return;
  FrameFault fault = FrameFault::none;
  if (has_faults_ && fault_chance_.uniform() < options_.frame_faults) fault = static_cast<FrameFault>(1 + fault_chance_.below(5));
  if (next_frame_ && frame.find(next_frame_->first) != std::string::npos) {
    fault = next_frame_->second;
    next_frame_.reset();
  }
  if (fault != FrameFault::none) {
    note("link: frame fault " + std::to_string(static_cast<int>(fault)) + " on " + frame.substr(0, 50));
    spoil(seconds{20});
  }
  std::vector<std::string> out{frame};
  if (fault == FrameFault::lost) out.clear();
  if (fault == FrameFault::twice) out.push_back(frame);
  if (fault == FrameFault::garbled) out[0] = frame.substr(0, frame.size() * 2 / 3);
  if (fault == FrameFault::late) wire->to_us = now_ + milliseconds{500 + static_cast<std::int64_t>(fault_chance_.below(18'000))};
  if (fault == FrameFault::swapped && !wire->swapped) {
    wire->swapped = frame;
    return;
  }
  if (wire->swapped) {
    out.push_back(*wire->swapped);
    wire->swapped.reset();
  }
  for (const std::string& one : out) {
    wire->to_us = std::max(wire->to_us, now_ + latency());
    at(wire->to_us, [this, wire, one] { we_take(wire, one); });
  }
}

void World::we_take(const std::shared_ptr<Wire>& wire, const std::string& frame) {
  if (wire != wire_ || !wire->is_ours || wire->is_mute || !process_->is_alive()) return;
  if (frame.find("\"status\"") != std::string::npos && frame.find("\"system\"") != std::string::npos) {
    for (const char* state : {"online", "maintenance", "cancel_only", "post_only"}) {
      if (frame.find("\"" + std::string(state) + "\"") != std::string::npos) told_system_ = state;
    }
  }
  process_->account().on_text(frame, now_);
  process_->pump();
}

// ---- REST: one call after another -------------------------------------------------------------------------

void World::call(kraken::LiveCall&& what) {
  const auto rank = [](const kraken::LiveCall& c) { return c.is_change ? 0 : c.is_urgent ? 1 : 2; };
  const auto behind = std::find_if(calls_.begin(), calls_.end(), [&](const auto& c) { return rank(c) > rank(what); });
  calls_.insert(behind, std::move(what));
  next_call();
}

CallFault World::draw_call_fault(const std::string& method) {
  if (next_call_ && next_call_->first == method) {
    const CallFault fault = next_call_->second;
    next_call_.reset();
    return fault;
  }
  if (rest_is_out_) return CallFault::request_lost;
  if (!has_faults_ || fault_chance_.uniform() >= options_.call_faults) return CallFault::none;
  return static_cast<CallFault>(1 + fault_chance_.below(static_cast<std::uint64_t>(CallFault::refused)));
}

void World::next_call() {
  if (is_calling_ || calls_.empty()) return;
  is_calling_ = true;
  kraken::LiveCall what = std::move(calls_.front());
  calls_.pop_front();
  const CallFault fault = draw_call_fault(what.call.method);
  if (what.is_change) {
    const std::string text = kraken::body_text(what.call, 1, Secret());
    if (what.call.method == "AddOrder") check_sent(text, "rest");
    if (what.call.method == "CancelOrder") check_cancel(text);
  }
  if (fault != CallFault::none) {
    note("link: call fault " + std::to_string(static_cast<int>(fault)) + " on " + what.call.method);
    spoil(seconds{25});
  }
  at(now_ + latency(), [this, what = std::move(what), fault, life = life_, process = process_.get()] {
    // What was written goes on its way even when the writer is dead by now.
    if (life == life_) return run_call(what, fault);
    if (!what.is_change) return;
    process->clock().set(now_);
    call_fault_ = fault;
    (void)process->client().send(what.call, what.purpose);
    publish();
  });
}

void World::run_call(const kraken::LiveCall& what, CallFault fault) {
  call_fault_ = fault;
  call_delay_ = Duration{0};
  process_->clock().set(now_);
  venue_->on_time(now_);
  const auto finish = [this, life = life_, number = what.number](auto&& tell) {
    at(now_ + latency() + call_delay_, [this, life, number, tell] {
      if (life != life_ || !process_->is_alive()) return;
      is_calling_ = false;
      tell(number);
      process_->pump();
      next_call();
    });
  };
  if (what.is_change) {
    HttpOutcome outcome = process_->client().send(what.call, what.purpose);
    publish();
    finish([this, outcome](std::uint64_t number) { process_->account().on_sent(number, outcome, now_); });
    return;
  }
  Result<std::string> body = process_->client().read(what.call, what.purpose);
  if (!body && body.error().what.ends_with("stopping")) {   // no room in the counter: it waits, and others may pass it
    is_calling_ = false;
    at(now_ + seconds{1}, [this, what, life = life_] {
      if (life == life_ && process_->is_alive()) call(kraken::LiveCall(what));
    });
    return next_call();
  }
  finish([this, body](std::uint64_t number) { process_->account().on_read(number, body, now_); });
}

std::string World::answer(const HttpRequest& request) {
  const std::string path = request.url.substr(request.url.find("/0/"));
  loopback::PrivateCall call{path, std::string(header_value(request.headers, "API-Key")),
                             std::string(header_value(request.headers, "API-Sign")),
                             std::string(header_value(request.headers, "Content-Type")), request.body};
  const bool is_stop = path.ends_with("AddOrder") && request.body.find("stop-loss") != std::string::npos;
  if (is_stop && refuse_stops_ > 0) {
    --refuse_stops_;
    return loopback::kraken_error("EOrder:Orders limit exceeded");
  }
  if (options_.sabotage == Sabotage::open_orders_only) {
    if (path.ends_with("TradesHistory")) return "{\"error\":[],\"result\":{\"trades\":{},\"count\":0}}";
    if (path.ends_with("ClosedOrders")) return "{\"error\":[],\"result\":{\"closed\":{},\"count\":0}}";
  }
  std::string body = loopback::kraken_private(call, *venue_, now_).body;
  if (body.starts_with("{\"error\":[\"")) note("venue refuses " + path + ": " + body.substr(0, 120));
  return body;
}

HttpOutcome World::serve(const HttpRequest& request) {
  switch (std::exchange(call_fault_, CallFault::none)) {
    case CallFault::none:
      return reply(200, answer(request));
    case CallFault::not_sent: {
      HttpOutcome out;
      out.fact = TransportFact::not_sent;
      out.error = aitrade::fail(ErrorCode::network, "refused");
      return out;
    }
    case CallFault::request_lost:
      call_delay_ = call_patience;
      return no_reply("lost");
    case CallFault::reply_lost:
      (void)answer(request);
      call_delay_ = milliseconds{500};
      return no_reply("reset");
    case CallFault::delivered_late: {
      const auto late = milliseconds{1000 + static_cast<std::int64_t>(fault_chance_.below(119'000))};
      at(now_ + late, [this, request] {
        note("link: a late request arrives");
        (void)answer(request);
        publish();
      });
      call_delay_ = call_patience;
      return no_reply("late");
    }
    case CallFault::reply_late:
      call_delay_ = seconds{1 + static_cast<std::int64_t>(fault_chance_.below(13))};
      return reply(200, answer(request));
    case CallFault::http_5xx:
      return reply(502, "<html>bad gateway</html>");
    case CallFault::http_520_done:
      (void)answer(request);
      return reply(520, "<html>unknown</html>");
    case CallFault::garbage_done:
      (void)answer(request);
      return reply(200, "upstream connect error");
    case CallFault::truncated_done: {
      HttpOutcome out = reply(200, answer(request));
      out.fact = TransportFact::reply_partial;
      out.reply.body.resize(out.reply.body.size() / 2);
      out.error = aitrade::fail(ErrorCode::network, "cut");
      return out;
    }
    case CallFault::unknown_error:
      return reply(200, loopback::kraken_error("EService:Something new"));
    case CallFault::unknown_error_done:
      (void)answer(request);
      return reply(200, loopback::kraken_error("EGeneral:Something new"));
    case CallFault::too_many:
      return reply(429, "slow down");
    case CallFault::bad_nonce:
      return reply(200, loopback::kraken_error("EAPI:Invalid nonce"));
    case CallFault::refused:
      return reply(200, loopback::kraken_error("EService:Unavailable"));
  }
  return reply(500, "");
}

}  // namespace aitrade::live_test
