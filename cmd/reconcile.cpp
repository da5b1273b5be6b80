// `aitrade reconcile`: the books against the exchange, to the last digit.
//
// Reads orders, fills and balances of the account as a start would, compares, and changes nothing unless a balance is
// adopted by name. A running daemon does all this by itself; the command is for when none runs.

#include <CLI/CLI.hpp>

#include <algorithm>
#include <ostream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "cmd/client.h"
#include "cmd/commands.h"
#include "cmd/live_venue.h"
#include "cmd/output.h"
#include "core/store/instance_lock.h"
#include "core/store/ledger.h"
#include "core/store/schema.h"

namespace aitrade::cli {
namespace {

constexpr int fee_digits = 8;

struct ReconcileOptions {
  VaultOptions vault;
  std::string account;
  std::vector<std::string> adopt;
};

struct Finding {
  std::string what;     // balance, order, fill, fee
  std::string name;     // currency, or an id
  std::string books, venue;
  std::string verdict;  // agrees, or what to think of it
  bool is_difference{false};
};

DeskNames desk_of(const Config& config, const TenantId& tenant) {
  DeskNames desk;
  desk.tenant = tenant;
  desk.account = config.app.account_id;
  desk.exchange = "kraken";
  desk.mode = "live";
  return desk;
}

/// Balances: the sum of the books and what the venue's ledger names, against the venue.
Result<std::vector<Finding>> compare_balances(const std::vector<kraken::LivePair>& pairs, const VenueBooks& books,
                                              const kraken::AccountReading& reading) {
  std::vector<Finding> out;
  std::set<std::string> done;
  for (const kraken::LivePair& pair : pairs) {
    for (const auto& [asset, id] : {std::pair{pair.symbol.base, pair.base_id}, {pair.symbol.quote, pair.quote_id}}) {
      if (!done.insert(asset).second) continue;
      const auto balance = reading.balances.find(id);
      const Decimal found = balance == reading.balances.end() ? Decimal{} : balance->second.total.value;
      Finding row{"balance", asset, "", to_string(found.trimmed()), "", false};
      const auto baseline = books.baselines.find(asset);
      if (baseline == books.baselines.end()) {
        row.verdict = "not in the books yet: the first live run begins with it";
        out.push_back(std::move(row));
        continue;
      }
      Decimal expected = books.expected.at(asset);
      int unbooked = 0;
      for (const kraken::LedgerInfo& entry : reading.ledgers) {
        const bool is_booked = books.moves.contains(entry.id) || books.fills.contains(entry.reference);
        if (entry.asset != id || is_booked || entry.time <= baseline->second) continue;
        AITRADE_TRY(const Decimal amount, difference(entry.amount.value, entry.fee.value));
        AITRADE_TRY(expected, sum(expected, amount));
        ++unbooked;
      }
      row.books = to_string(expected.trimmed());
      row.is_difference = expected != found;
      row.verdict = row.is_difference ? "differs, and nothing explains it"
                    : unbooked > 0    ? "agrees with " + std::to_string(unbooked) + " moves that a start will book"
                                      : "agrees";
      out.push_back(std::move(row));
    }
  }
  return out;
}

/// Open orders of either side, by our id.
Result<std::vector<Finding>> compare_orders(Database& ledger, const DeskNames& desk, const ClientIdKey& key,
                                            const kraken::AccountReading& reading) {
  std::vector<Finding> out;
  std::set<std::string> ours;
  // every tenant: the account is compared with the exchange, whoever owns it
  AITRADE_TRY(Statement open, ledger.prepare("SELECT client_order_id, status, exchange_order_id FROM orders "
                                             "WHERE is_open=1 AND account_id=? AND exchange=?"));
  open.bind_all(desk.account, desk.exchange);
  for (;;) {
    AITRADE_TRY(const bool has_row, open.step());
    if (!has_row) break;
    const std::string id(open.text(0));
    ours.insert(id);
    const auto by_id = [&](const kraken::OrderInfo& order) { return order.client_id == id; };
    const bool lives = std::any_of(reading.open.begin(), reading.open.end(), by_id);
    const bool is_over = std::any_of(reading.ended.begin(), reading.ended.end(), by_id);
    Finding row{"order", id, std::string(open.text(1)), lives ? "open" : is_over ? "over" : "not found", "", !lives};
    row.verdict = lives ? "agrees" : is_over ? "ended meanwhile: a start will book it" : "a start will decide it";
    out.push_back(std::move(row));
  }
  for (const kraken::OrderInfo& order : reading.open) {
    if (ours.contains(order.client_id)) continue;
    const bool is_ours = parse_client_id(order.client_id, key).has_value();
    out.push_back({"order", order.venue_id, "none", "open",
                   is_ours ? "ours and of no intent that is known" : "not ours: left alone", is_ours});
  }
  return out;
}

std::vector<Finding> compare_fills(const VenueBooks& books, const ClientIdKey& key,
                                   const kraken::AccountReading& reading) {
  std::vector<Finding> out;
  std::set<std::string> our_orders;
  for (const auto* orders : {&reading.open, &reading.ended}) {
    for (const kraken::OrderInfo& order : *orders) {
      if (parse_client_id(order.client_id, key)) our_orders.insert(order.venue_id);
    }
  }
  for (const kraken::TradeInfo& trade : reading.trades) {
    if (!our_orders.contains(trade.order_id) || books.fills.contains(trade.id)) continue;
    out.push_back({"fill", trade.id, "none", trade.quantity.text + " at " + trade.price.text,
                   "missing here: a start will book it", true});
  }
  return out;
}

/// What the newest fill of each pair paid, against what the venue says that the account pays. A tier changes with the
/// volume of thirty days, so that another rate is told and counts as no difference.
Result<std::vector<Finding>> compare_fees(Database& ledger, const DeskNames& desk, const LiveFindings& venue) {
  std::vector<Finding> out;
  for (std::size_t i = 0; i < venue.pairs.size(); ++i) {
    const std::string pair = to_string(venue.pairs[i].symbol);
    // every tenant: the account is compared with the exchange, whoever owns it
    AITRADE_TRY(Statement newest, ledger.prepare("SELECT fee, cost FROM fills WHERE pair=? AND account_id=? AND exchange=? "
                                                 "ORDER BY filled_ns DESC LIMIT 1"));
    newest.bind_all(pair, desk.account, desk.exchange);
    AITRADE_TRY(const bool has_row, newest.step());
    if (!has_row) continue;
    AITRADE_TRY(const Decimal fee, Decimal::parse(newest.text(0)));
    AITRADE_TRY(const Decimal cost, Decimal::parse(newest.text(1)));
    const kraken::FeeTier& tier = venue.fees.at(i);
    const Decimal fee_rounding = Decimal::from_parts(1, 4);   // the venue keeps four digits of a fee in dollars
    const auto is_rate = [&](Rate rate) -> Result<bool> {
      AITRADE_TRY(const Decimal told, Decimal::parse(to_string(rate)));
      AITRADE_TRY(const Decimal due, product(cost, told, fee_digits, Rounding::half_even));
      AITRADE_TRY(const Decimal off, difference(fee, due));
      return off <= fee_rounding && off >= -fee_rounding;
    };
    AITRADE_TRY(const bool is_maker, is_rate(tier.maker));
    AITRADE_TRY(const bool is_taker, is_rate(tier.taker));
    const std::string verdict = is_maker && is_taker ? "agrees"
                                : is_maker           ? "agrees: the newest fill paid as maker"
                                : is_taker           ? "agrees: the newest fill paid as taker"
                                                     : "the newest fill paid another rate: the tier has changed since";
    out.push_back({"fee", pair, to_string(fee.trimmed()) + " of " + to_string(cost.trimmed()),
                   to_string(tier.maker) + " maker, " + to_string(tier.taker) + " taker", verdict, false});
  }
  return out;
}

Status adopt(Database& ledger, const DeskNames& desk, const std::vector<std::string>& assets,
             const std::vector<Finding>& findings, Time now) {
  AITRADE_TRY(Transaction transaction, Transaction::begin(ledger));
  for (const std::string& asset : assets) {
    const auto found = std::find_if(findings.begin(), findings.end(), [&](const Finding& row) {
      return row.what == "balance" && row.name == asset && row.is_difference;
    });
    if (found == findings.end()) return fail(ErrorCode::not_found, "no difference in " + asset + " to adopt");
    AITRADE_TRY(const Decimal books, Decimal::parse(found->books));
    AITRADE_TRY(const Decimal venue, Decimal::parse(found->venue));
    AITRADE_TRY(const Decimal amount, difference(venue, books));
    AITRADE_TRY(Statement insert, ledger.prepare("INSERT INTO balance_moves(tenant_id, account_id, exchange, asset, "
                                                 "amount, kind, reference, moved_ns) VALUES(?,?,?,?,?,'adopted',?,?)"));
    AITRADE_TRY_STATUS(insert
                           .bind_all(desk.tenant.name, desk.account, desk.exchange, asset, to_string(amount),
                                     "adopted-" + std::to_string(now.ns), now)
                           .run());
    AITRADE_TRY_STATUS(append_audit(ledger, desk.tenant, {"local", "reconcile.adopt", asset, to_string(amount)}, now));
  }
  return transaction.commit();
}

void print(const std::vector<Finding>& findings, Context& context) {
  Table table({{"what"}, {"name"}, {"books", true}, {"exchange", true}, {"verdict"}, {"difference"}});
  for (const Finding& row : findings) {
    table.add({Cell::of(row.what), Cell::of(row.name), Cell::of(row.books), Cell::of(row.venue), Cell::of(row.verdict),
               Cell::of(row.is_difference)});
  }
  table.print(context, resolve_format(context, Format::table), "reconcile");
}

/// With a daemon, which holds the ledger: it books what its own readings found.
Result<ExitCode> adopt_by_daemon(const ReconcileOptions& options, const OwnSettings& own, Context& context) {
  Daemon daemon{own.settings.paths.socket().string(), ""};
  if (!options.account.empty()) {
    daemon.tenant = own.tenant.name;
    daemon.account = options.account;
  }
  std::vector<Finding> findings;
  for (const std::string& asset : options.adopt) {
    const auto reply = control(daemon, "adopt/" + asset, "reconcile");
    if (!reply) return report_failure(context, reply.error(), exit_code_for(reply.error().code), "");
    findings.push_back({"balance", asset, "", "", "booked by the daemon as the owner's doing", false});
  }
  print(findings, context);
  return ExitCode::done;
}

Result<ExitCode> run_reconcile(const ReconcileOptions& options, Context& context) {
  const auto loaded = load_settings(context);
  if (!loaded) return report_failure(context, loaded.error(), ExitCode::unsafe);
  AITRADE_TRY(const OwnSettings own, own_settings(*loaded, options.account));
  const Settings* settings = &own.settings;
  const Config& config = *settings->config;
  auto lock = InstanceLock::take(settings->paths.lock_file(), wall_now());
  if (!lock && !options.adopt.empty()) return adopt_by_daemon(options, own, context);
  if (!lock) {
    return report_failure(context, lock.error(), exit_code_for(lock.error().code),
                          "a running daemon reconciles by itself; `aitrade status` says what it found");
  }
  const Log log;
  auto accounts = load_venue_credentials(*settings, options.vault, log, context);
  if (!accounts) {
    return report_failure(context, accounts.error(), credentials_exit_code(accounts.error()),
                          credentials_hint(accounts.error()));
  }
  AITRADE_TRY(Database ledger, open_writer(settings->paths.trading_db(), Profile::ledger, wall_now()));
  MarketLinkOptions how;
  how.live = true;
  AITRADE_TRY(MarketLink market, MarketLink::open(config, how));
  AITRADE_TRY(const LiveFindings venue, look_at_venue(config, market, market.symbols(), accounts->front(), ledger));
  const DeskNames desk = desk_of(config, own.tenant);
  AITRADE_TRY(const VenueBooks books, venue_books(ledger, desk));
  AITRADE_TRY(const LedgerIdentity identity, ledger_identity(ledger));
  AITRADE_TRY(const kraken::AccountReading reading,
              read_account(config, market, accounts->front(), ledger, books.newest_fill));
  AITRADE_TRY(std::vector<Finding> findings, compare_balances(venue.pairs, books, reading));
  AITRADE_TRY(auto orders, compare_orders(ledger, desk, identity.key, reading));
  findings.insert(findings.end(), orders.begin(), orders.end());
  const auto fills = compare_fills(books, identity.key, reading);
  findings.insert(findings.end(), fills.begin(), fills.end());
  AITRADE_TRY(const auto fees, compare_fees(ledger, desk, venue));
  findings.insert(findings.end(), fees.begin(), fees.end());
  if (!options.adopt.empty()) AITRADE_TRY_STATUS(adopt(ledger, desk, options.adopt, findings, market.clock().now()));
  print(findings, context);
  const bool differs = std::any_of(findings.begin(), findings.end(), [&](const Finding& row) {
    const bool is_adopted = std::find(options.adopt.begin(), options.adopt.end(), row.name) != options.adopt.end();
    return row.is_difference && !is_adopted;
  });
  return differs ? ExitCode::negative : ExitCode::done;
}

}  // namespace

void add_reconcile(CommandList& commands) {
  auto [app, options] = commands.add<ReconcileOptions>(
      {.name = "reconcile",
       .group = "live",
       .summary = "compare the books with the exchange, to the last digit",
       .examples = {"aitrade reconcile", "aitrade reconcile --adopt USD", "aitrade reconcile --json"},
       .details = "Reads orders, fills and balances of the live account and says what differs; exit 3 when something "
                  "does. Nothing is changed but with --adopt, which books the unexplained difference of a currency as "
                  "the owner's doing, so that entries in it go on. A daemon that runs does all this by itself, and is told "
                  "what --adopt says."},
      run_reconcile);
  app.add_option("--account", options.account, "one of [[accounts]]; needed where there are several");
  app.add_option("--adopt", options.adopt, "book the difference of this currency as the owner's doing");
  add_vault_options(app, options.vault);
}

}  // namespace aitrade::cli
