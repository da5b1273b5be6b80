// What must hold in the world, at every moment and at its end.
#include "core/store/ledger_check.h"
#include "tests/live/world.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <unistd.h>

namespace aitrade::live_test {
namespace {

constexpr Duration bare_max = seconds{3};      // then the position must be on its way out (reliability.md P8)
constexpr Duration over_max = seconds{10};

bool is_of_ours_live(const loopback::VenueOrder& order, std::size_t pair) {
  return order.is_live() && order.terms.pair == pair && order.terms.side == Side::sell;
}

template <class T>
T sure(Result<T> result) {
  AITRADE_CHECK(result.has_value());
  return *std::move(result);
}

}  // namespace

std::optional<ClientOrderId> World::id_of(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const auto known = ids_.find(text);
  if (known != ids_.end()) return known->second;
  const ClientIdKey key{305419896, Secret(std::string(32, '\x77'))};
  const auto parsed = parse_client_id(text, key);
  return ids_[text] = parsed ? std::optional(*parsed) : std::nullopt;
}

bool World::is_healthy() const {
  if (!process_ || !process_->is_alive() || !wire_ || wire_->is_mute || rest_is_out_ || !hidden_.empty()) return false;
  if (now_ < faulty_until_ || market_.system() != "online") return false;
  const kraken::LiveAccount& account = process_->account();
  return account.is_synced() && account.is_reconciled() && account.undecided() == 0;
}

bool World::is_below_least(std::size_t pair, Quantity held) const {
  const Instrument& rules = cast.instruments[pair];
  if (held < rules.minimum) return true;
  if (!process_ || !process_->is_alive()) return false;
  const Price mark = process_->engine().desk().portfolio().mark(rules.id);
  return mark.is_positive() && notional(mark, held, Rounding::down) < rules.minimum_notional;
}

/// Follows what is held by the exchange's own fills, and what stands between it and a fall.
void World::watch() {
  if (!is_healthy()) healthy_since_ = now_;
  const loopback::Matching& matching = venue_->matching();
  for (; fills_seen_ < matching.fills().size(); ++fills_seen_) {
    const loopback::VenueFill& fill = matching.fills()[fills_seen_];
    if (!id_of(fill.client_id)) continue;
    ++report_.fills;
    Quantity& held = watched_[fill.pair].held;
    held += fill.side == Side::buy ? fill.quantity : -fill.quantity;
    // What the exchange sold behind an end that it had told cannot be made up for before it is known.
    if (const Quantity excess = -held; excess.is_positive() && excess <= watched_[fill.pair].late) {
      watched_[fill.pair].late -= excess;
      held = Quantity{};
    }
    if (held.is_negative()) fail("P2: more was sold than bought: " + fill.order_id);
  }
  for (std::size_t i = 0; i < watched_.size(); ++i) {
    Watched& w = watched_[i];
    Quantity covered, stops;
    for (const loopback::VenueOrder& order : matching.orders()) {
      if (!is_of_ours_live(order, i)) continue;
      const auto id = id_of(order.terms.client_id);
      if (!id) continue;
      covered += order.leaves();
      if (id->role == OrderRole::protect) stops += order.leaves();
    }
    const bool is_dust = is_below_least(i, w.held);
    if (covered >= w.held || is_dust) {
      w.bare_from = Time{};
    } else {
      if (w.bare_from.ns == 0) w.bare_from = now_;
      const Duration any = now_ - w.bare_from;
      const Duration healthy = now_ - std::max(w.bare_from, healthy_since_);
      report_.bare_any = std::max(report_.bare_any, any);
      if (healthy > bare_max && report_.bare_healthy <= bare_max) {
        fail("P8: " + to_string(w.held - covered) + " of pair " + std::to_string(i) + " without protection for " +
             std::to_string(healthy.count() / 1'000'000) + " ms");
      }
      report_.bare_healthy = std::max(report_.bare_healthy, healthy);
    }
    if (stops <= w.held) {
      w.over_since = Time{};
    } else {
      if (w.over_since.ns == 0) w.over_since = now_;
      if (now_ - std::max(w.over_since, healthy_since_) > over_max) {
        fail("P8: stops of " + to_string(stops) + " protect " + to_string(w.held) + " of pair " + std::to_string(i));
        w.over_since = now_;
      }
    }
  }
}

// ---- the end ----------------------------------------------------------------------------------------------

void World::check_end() {
  if (!process_ || !process_->is_alive()) return fail("no process at the end");
  watch();
  check_ids();
  check_fills();
  check_money();
  check_ledger();
  check_protection();
}

void World::check_ids() {
  std::set<std::string> seen;
  std::map<std::tuple<std::uint32_t, OrderRole>, Quantity> filled;
  for (const loopback::VenueOrder& order : venue_->matching().orders()) {
    const auto id = id_of(order.terms.client_id);
    if (!id) continue;
    if (!seen.insert(order.terms.client_id).second) fail("P3: " + to_string(*id) + " is twice at the exchange");
    filled[{id->sequence, id->role}] += order.filled;
  }
  Statement s = sure(process_->ledger().prepare(
      "SELECT i.sequence, i.role, i.quantity, max(o.quantity) FROM intents i JOIN orders o ON o.intent_id=i.id "
      "GROUP BY i.id"));
  std::map<std::pair<std::uint32_t, std::string>, Quantity> wanted;
  while (sure(s.step())) {
    const Quantity quantity = Quantity::parse_or_die(s.text(2));
    wanted[{static_cast<std::uint32_t>(s.integer(0)), std::string(s.text(1))}] = quantity;
  }
  for (const auto& [key, quantity] : filled) {
    const auto& [sequence, role] = key;
    const auto found = wanted.find({sequence, std::string(to_string(role))});
    if (found == wanted.end()) {
      fail("intent " + std::to_string(sequence) + " is not in the ledger");
    } else if (role == OrderRole::entry && quantity - late_[{sequence, role}] > found->second) {
      fail("P2: entry " + std::to_string(sequence) + " of " + to_string(found->second) + " filled " + to_string(quantity));
    }
  }
}

void World::check_fills() {
  struct Row {
    std::string order, words;
  };
  std::map<std::string, Row> ledger;
  Statement s = sure(process_->ledger().prepare(
      "SELECT f.exchange_fill_id, o.client_order_id, f.words FROM fills f JOIN orders o ON o.id=f.order_id"));
  while (sure(s.step())) ledger[std::string(s.text(0))] = {std::string(s.text(1)), std::string(s.text(2))};
  const auto same = [](const std::string& a, const std::string& b) {
    const auto x = Decimal::parse(a);
    const auto y = Decimal::parse(b);
    return x && y && *x == *y;
  };
  for (const loopback::VenueFill& fill : venue_->matching().fills()) {
    const auto id = id_of(fill.client_id);
    if (!id) continue;
    const auto found = ledger.find(fill.id);
    if (found == ledger.end()) {
      fail("P6: fill " + fill.id + " of " + to_string(*id) + " at " + to_string(fill.at) + " is not in the ledger");
      continue;
    }
    std::istringstream in(found->second.words);
    std::string price, quantity, cost, fee, asset;
    in >> price >> quantity >> cost >> fee >> asset;
    const bool fits = found->second.order == fill.client_id && same(price, to_string(fill.price)) &&
                      same(quantity, to_string(fill.quantity)) && same(cost, to_string(fill.cost)) &&
                      same(fee, to_string(fill.fee)) && asset == market_.pairs()[fill.pair].symbol.quote;
    if (!fits) fail("P6: fill " + fill.id + " is otherwise in the ledger: " + found->second.words);
    ledger.erase(found);
  }
  for (const auto& [id, row] : ledger) fail("P6: fill " + id + " was never at the exchange");
}

/// Per currency: the starting balance, the moves and the fills of the ledger are what the exchange holds.
void World::check_money() {
  std::map<std::string, Decimal> books;
  const auto add = [&](const std::string& asset, const Decimal& amount) { books[asset] = sure(sum(books[asset], amount)); };
  Statement moves = sure(process_->ledger().prepare("SELECT asset, amount FROM balance_moves"));
  while (sure(moves.step())) {
    ++report_.moves;
    add(std::string(moves.text(0)), sure(Decimal::parse(moves.text(1))));
  }
  Statement fills = sure(process_->ledger().prepare("SELECT pair, side, price, quantity, fee, cost FROM fills"));
  while (sure(fills.step())) {
    const Symbol symbol = sure(Symbol::parse(fills.text(0)));
    const bool is_buy = fills.text(1) == "buy";
    const Decimal quantity = sure(Decimal::parse(fills.text(3)));
    const Decimal cost = sure(Decimal::parse(fills.text(5)));
    add(symbol.base, is_buy ? quantity : -quantity);
    add(symbol.quote, is_buy ? -cost : cost);
    add(symbol.quote, -sure(Decimal::parse(fills.text(4))));
  }
  for (const Instrument& i : cast.instruments) {
    for (const Currency& asset : {i.symbol.base, i.symbol.quote}) {
      const Decimal held = sure(Decimal::parse(to_string(venue_->accounts().at(asset).balance)));
      if (held != books[asset]) fail("P6: " + asset + " is " + to_string(held) + ", the books say " + to_string(books[asset]));
    }
  }
}

void World::check_ledger() {
  const LedgerCheck check = sure(ledger_check(process_->ledger()));
  // A fill of an order that was over, beside an exit of our own: more was sold than was held. The ledger's check says so
  // and must, the desk has booked the money and stopped entries, and a person looks.
  const bool is_oversold = sure(process_->ledger().integer(
                               "SELECT count(*) FROM incidents WHERE what LIKE '%exceeds the position%'")) > 0;
  for (const std::string& problem : check.problems) {
    const bool is_told = is_oversold && problem.starts_with("holding of") && problem.find("imply -") != std::string::npos;
    if (!is_told) fail("ledger: " + problem);
  }
  if (process_->account().undecided() > 0) {
    ++report_.quarantined;
    fail("an order is undecided at the end");
  }
  for (const Instrument& i : cast.instruments) {
    const Quantity booked = process_->engine().desk().portfolio().at(i.id).quantity;
    const Quantity held = watched_[number(i.id)].held;
    if (booked != held) {
      fail("the desk holds " + to_string(booked) + " of " + to_string(i.symbol) + ", the exchange says " + to_string(held));
    }
  }
}

void World::check_protection() {
  const Desk& desk = process_->engine().desk();
  for (std::size_t i = 0; i < watched_.size(); ++i) {
    const Position& p = desk.portfolio().at(InstrumentId{static_cast<std::uint32_t>(i)});
    Quantity stops;
    for (const loopback::VenueOrder& order : venue_->matching().orders()) {
      const auto id = id_of(order.terms.client_id);
      if (!id || !order.is_live() || order.terms.pair != i) continue;
      if (id->role == OrderRole::protect) stops += order.leaves();
      const bool is_known = std::any_of(desk.orders().live().begin(), desk.orders().live().end(),
                                        [&](const TrackedOrder& t) { return t.order.client_id == *id; });
      if (!is_known) fail("order " + to_string(*id) + " lives at the exchange and not for us");
    }
    const Quantity held = watched_[i].held;
    const bool is_dust = is_below_least(i, held);
    if (is_dust && stops.is_zero()) continue;
    if (p.is_open() && p.closing != ExitReason::none) continue;   // on its way out
    if (stops != held) fail("P8: a position of " + to_string(held) + " has stops of " + to_string(stops) + " at the end");
  }
}

// ---- a whole seed -----------------------------------------------------------------------------------------

Report run_seed(const Options& options) {
  namespace fs = std::filesystem;
  const fs::path shared = "/dev/shm";
  const fs::path root = fs::is_directory(shared) ? shared : fs::temp_directory_path();
  std::string folder = (root / "aitrade-live-XXXXXX").string();
  AITRADE_CHECK(::mkdtemp(folder.data()) != nullptr);
  Report report;
  {
    World world(options, folder + "/trading.db");
    report = world.run();
  }
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  return report;
}

std::string describe(const Report& report, std::uint64_t seed) {
  std::string out = "seed " + std::to_string(seed) + ":\n";
  for (const std::string& failure : report.failures) out += "  " + failure + "\n";
  out += "the last events:\n";
  for (const std::string& line : report.timeline) out += "  " + line + "\n";
  return out;
}

}  // namespace aitrade::live_test
