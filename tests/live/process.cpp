#include "tests/live/process.h"

#include "core/store/ledger.h"
#include "core/store/recovery.h"
#include "core/store/schema.h"
#include "tests/live/world.h"

#include <sstream>

namespace aitrade::live_test {
namespace {

template <class T>
T sure(Result<T> result) {
  if (!result) std::fprintf(stderr, "%s\n", result.error().what.c_str());
  AITRADE_CHECK(result.has_value());
  return *std::move(result);
}

/// The same identity in every run, so that a seed is one history: maps of the account are ordered by our ids.
void give_identity(Database& ledger) {
  AITRADE_CHECK(ledger.execute("INSERT OR IGNORE INTO meta VALUES('instance_tag','305419896'),"
                               "('client_id_key','" + std::string(64, '7') + "'),('epoch','1')").has_value());
}

OrderState state_of_text(std::string_view text) {
  for (int i = 0; i <= static_cast<int>(order_state_last); ++i) {
    if (to_string(static_cast<OrderState>(i)) == text) return static_cast<OrderState>(i);
  }
  return OrderState::canceled;
}

OrderRole role_of_text(std::string_view text) {
  for (int i = 1; i <= 5; ++i) {
    if (to_string(static_cast<OrderRole>(i)) == text) return static_cast<OrderRole>(i);
  }
  return OrderRole::entry;
}

/// The transport of one life: serves in memory, and remembers nothing.
kraken::LiveOptions account_options(const World& world, const Cast& cast, const ClientIdKey& key, std::uint64_t seed) {
  kraken::LiveOptions options;
  options.pairs = cast.pairs;
  options.id_text = [key](const ClientOrderId& id) { return client_id_text(id, key); };
  options.read_id = [key](std::string_view text) -> std::optional<ClientOrderId> {
    const auto id = parse_client_id(text, key);
    return id ? std::optional(*id) : std::nullopt;
  };
  options.tier = kraken::Tier::pro;
  options.seed = seed;
  if (world.options().sabotage == Sabotage::fence_ignored) {
    options.order_deadline = seconds{5};
    options.skew_max = Duration{0};
    options.read_lag_max = -seconds{8};
  }
  return options;
}

}  // namespace

Process::Process(World& world, const std::string& ledger_file, const std::vector<std::vector<Candle>>& history)
    : world_(world), ledger_(sure(open_writer(ledger_file, Profile::ledger, world.now()))) {
  give_identity(ledger_);
  clock_.set(world.now());
  const Time now = world.now();
  const Recall recalled = sure(recall(ledger_, world.cast.names, now));
  const LedgerIdentity identity = sure(ledger_identity(ledger_));
  key_ = identity.key;
  projections_ = sure(Projections::create(ledger_, world.cast.names, key_, "run" + std::to_string(++world.runs_started)));
  EngineSetup setup;
  setup.rules = world.cast.rules;
  setup.instruments = world.cast.instruments;
  engine_ = std::make_unique<Engine>(std::move(setup));
  session_ = std::make_unique<Session>(*engine_, *this, *this, true);

  std::vector<Event> opening;
  for (const Event& event : recalled.events) {
    const bool is_order = std::holds_alternative<OrderAdopted>(event.body);
    if (is_order && world.options().sabotage == Sabotage::orders_forgotten) continue;
    opening.push_back(event);
  }
  for (Order& order : ended_orders()) opening.push_back({EventSeq{}, now, now, OrderAdopted{std::move(order)}});
  account_ = std::make_unique<LiveAccount>(
      account_options(world, world.cast, key_, world.options().seed + static_cast<std::uint64_t>(now.ns)),
      remember(opening), now);
  for (std::size_t i = 0; i < history.size(); ++i) {
    for (const Candle& candle : history[i]) {
      const HistoryLoaded loaded{InstrumentId{static_cast<std::uint32_t>(i)}, candle};
      opening.push_back({EventSeq{}, now, candle.close_time(), loaded});
    }
  }
  opening.push_back({EventSeq{}, now, now, FeedUp{}});
  transport_ = world.make_transport();
  nonce_ = std::make_unique<kraken::NonceSource>(world.nonces(), "key");
  kraken::PrivateClientOptions client;
  client.tier = kraken::Tier::pro;
  client.read_attempts = 1;
  client_ = std::make_unique<kraken::PrivateClient>(
      client, sure(kraken::Signer::make({world.cast.key_name, Secret(world.cast.key_secret)})), Secret(), *transport_,
      *nonce_, clock_, [](Duration) { return false; });
  const Status opened = session_->turn(opening);
  if (!opened && is_alive_) world_.fail("the opening turn: " + opened.error().what);
  account_->permit_entries(!engine_->state().paused && !engine_->state().halted);
}

std::vector<Order> Process::ended_orders() {
  std::vector<Order> out;
  Statement s = sure(ledger_.prepare(
      "SELECT epoch, sequence, role, attempt, pair, side, limit_price, trigger_price, quantity, filled, status, "
      "exchange_order_id, created_ns FROM orders WHERE is_open=0 ORDER BY id"));
  while (sure(s.step())) {
    Order order;
    order.client_id = {static_cast<std::uint32_t>(s.integer(1)), static_cast<std::uint16_t>(s.integer(0)),
                       role_of_text(s.text(2)), static_cast<std::uint8_t>(s.integer(3))};
    for (const Instrument& i : world_.cast.instruments) {
      if (to_string(i.symbol) == s.text(4)) order.instrument = i.id;
    }
    order.side = s.text(5) == "buy" ? Side::buy : Side::sell;
    order.limit = Price::parse(s.text(6)).value_or(Price{});
    order.trigger = Price::parse(s.text(7)).value_or(Price{});
    order.quantity = Quantity::parse_or_die(s.text(8));
    order.filled = Quantity::parse_or_die(s.text(9));
    order.state = state_of_text(s.text(10));
    order.venue_id = s.text(11);
    order.created_at = s.time(12);
    out.push_back(std::move(order));
  }
  return out;
}

/// What the ledger knows, as the account wants it.
kraken::LiveMemory Process::remember(const std::vector<Event>& events) {
  kraken::LiveMemory memory;
  for (const Event& event : events) {
    if (const auto* adopted = std::get_if<OrderAdopted>(&event.body)) memory.orders.push_back(adopted->order);
    if (const auto* account = std::get_if<AccountRestored>(&event.body)) memory.next_sequence = account->next_sequence;
  }
  const auto add = [&](const std::string& asset, const Decimal& amount) {
    Decimal& at = memory.expected[asset];
    at = sure(sum(at, amount));
  };
  Statement moves = sure(ledger_.prepare("SELECT asset, amount, kind, reference, moved_ns FROM balance_moves ORDER BY id"));
  while (sure(moves.step())) {
    const std::string asset(moves.text(0));
    add(asset, sure(Decimal::parse(moves.text(1))));
    if (moves.text(2) == "baseline") {
      memory.baselines[asset] = moves.time(4);
      if (memory.watermark.ns == 0 || moves.time(4) < memory.watermark) memory.watermark = moves.time(4);
    } else {
      memory.moves.insert(std::string(moves.text(3)));
    }
  }
  Statement fills = sure(ledger_.prepare("SELECT exchange_fill_id, pair, side, words FROM fills ORDER BY id"));
  while (sure(fills.step())) {
    memory.fills.insert(std::string(fills.text(0)));
    std::istringstream words{std::string(fills.text(3))};
    std::string price, quantity, cost, fee, fee_asset;
    words >> price >> quantity >> cost >> fee >> fee_asset;
    const Symbol symbol = sure(Symbol::parse(fills.text(1)));
    const bool is_buy = fills.text(2) == "buy";
    const Decimal amount = sure(Decimal::parse(quantity));
    const Decimal paid = sure(Decimal::parse(cost));
    add(symbol.base, is_buy ? amount : -amount);
    add(symbol.quote, is_buy ? -paid : paid);
    add(fee_asset, -sure(Decimal::parse(fee)));
  }
  return memory;
}

bool Process::is_known(const std::string& client_id) {
  Statement s = sure(ledger_.prepare("SELECT 1 FROM orders WHERE client_order_id=?"));
  return sure(s.bind_all(client_id).step());
}

// ---- the session's venue ----------------------------------------------------------------------------------

void Process::submit(const Order& order, Time) {
  if (!is_alive_ || world_.draw_crash(*this, 0.01)) return;
  Order sent = order;
  const bool is_stop = order.client_id.role == OrderRole::protect;
  if (is_stop && world_.options().sabotage == Sabotage::half_stop) {
    sent.quantity = Quantity::from_raw(order.quantity.raw() / 2);
  }
  account_->submit(sent, world_.now());
}

void Process::cancel(const CancelOrder& cancel, Time) {
  if (is_alive_) account_->cancel(cancel, world_.now());
}

void Process::replace(const ReplaceOrder& replace, Time) {
  if (!is_alive_) return;
  if (world_.options().sabotage == Sabotage::cancel_then_place) {
    account_->cancel(CancelOrder{replace.client_id, replace.instrument}, world_.now());
    return;
  }
  account_->replace(replace, world_.now());
}

// ---- its journal ------------------------------------------------------------------------------------------

Status Process::append(const Event& event, const ActionList& actions) {
  waiting_.emplace_back(event, std::vector<Action>(actions.begin(), actions.end()));
  return ok();
}

Status Process::commit(bool) {
  if (!is_alive_) return fail(ErrorCode::io, "dead");
  bool has_orders = false;
  for (const auto& [event, actions] : waiting_) {
    for (const Action& action : actions) has_orders = has_orders || std::holds_alternative<SubmitOrder>(action);
  }
  if (has_orders && world_.draw_crash(*this, 0.01)) return fail(ErrorCode::io, "killed before the commit");
  if (world_.options().sabotage == Sabotage::early_dispatch && has_orders) return ok();   // with the next turn
  AITRADE_TRY(Transaction transaction, Transaction::begin(ledger_));
  for (const auto& [event, actions] : waiting_) {
    if (is_ledger_worthy(event, actions)) AITRADE_TRY_STATUS(projections_->apply(event, actions));
  }
  AITRADE_TRY_STATUS(transaction.commit());
  waiting_.clear();
  if (has_orders && world_.draw_crash(*this, 0.03)) return fail(ErrorCode::io, "killed between commit and dispatch");
  return ok();
}

// ---- the turn ---------------------------------------------------------------------------------------------

EventBody Process::spoiled(EventBody body) {
  const Sabotage sabotage = world_.options().sabotage;
  if (auto* filled = std::get_if<OrderFilled>(&body)) {
    if (sabotage == Sabotage::fee_lost) filled->fill.fee = Money{};
  }
  if (const auto* news = std::get_if<OrderNews>(&body)) {
    const bool is_lost = news->trigger == OrderTrigger::lose;
    if (is_lost && sabotage == Sabotage::timeout_is_refusal) return OrderRejected{news->client_id, "no answer"};
  }
  return body;
}

void Process::post(EventBody body, Time when) {
  if (!is_alive_) return;
  const Sabotage sabotage = world_.options().sabotage;
  body = spoiled(std::move(body));
  if (const auto* filled = std::get_if<OrderFilled>(&body)) {
    if (sabotage == Sabotage::fills_dropped && is_terminal(account_->state_of(filled->fill.client_id)) &&
        !filled->is_last) {
      return;
    }
    if (sabotage == Sabotage::fills_twice && world_.chance().below(4) == 0) {
      OrderFilled again = *filled;
      again.fill.venue_fill_id += "+";
      inbox_.push_back({EventSeq{}, world_.now(), when, again});
    }
  }
  inbox_.push_back({EventSeq{}, world_.now(), when, std::move(body)});
  if (has_turn_) return;
  has_turn_ = true;
  const auto delay = Duration{static_cast<std::int64_t>(world_.chance().below(3'000'000))};
  world_.at(world_.now() + delay, [this] { turn(); });
}

void Process::turn() {
  if (!is_alive_) return;
  has_turn_ = false;
  clock_.set(world_.now());
  std::vector<Event> events = std::exchange(inbox_, {});
  const Status done = session_->turn(events);
  if (!is_alive_) return;
  if (!done) return world_.fail("the ledger refused a turn: " + done.error().what);
  const RunState& state = engine_->state();
  const bool forgets = world_.options().sabotage == Sabotage::pause_forgotten;
  account_->permit_entries(forgets || (!state.paused && !state.halted));
  pump();
}

void Process::pump() {
  if (!is_alive_) return;
  clock_.set(world_.now());
  kraken::LiveOutput out = account_->take();
  for (const Notify& note : out.notes) world_.note("account: " + note.text);
  for (const std::string& frame : out.frames) {
    world_.send_frame(frame);
    if (!is_alive_) return;
  }
  for (kraken::LiveCall& call : out.calls) world_.call(std::move(call));
  if (out.drop) world_.drop();
  if (out.connect) world_.connect();
  for (EventBody& body : out.events) post(std::move(body), world_.now());
  const Time wake = account_->wake_at();
  if (woken_at_ > world_.now() && woken_at_ <= wake) return;
  woken_at_ = std::max(wake, world_.now() + milliseconds{1});
  world_.at(woken_at_, [this, at = woken_at_] {
    if (!is_alive_ || at != woken_at_) return;
    account_->on_wake(world_.now());
    pump();
  });
}

}  // namespace aitrade::live_test
