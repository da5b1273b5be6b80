// The live venue against the exchange over real sockets: threads, private stream, REST, and what comes home.
#include "core/ports/notifier.h"
#include "exchanges/kraken/venue.h"
#include "exchanges/loopback/exchange.h"

#include <catch2/catch.hpp>

#include <condition_variable>
#include <cstdio>
#include <map>
#include <mutex>

using namespace aitrade;

namespace {

class MemoryNonces final : public NonceStore {
 public:
  Result<std::uint64_t> high_water(std::string_view key) override { return marks_[std::string(key)]; }

  Status raise(std::string_view key, std::uint64_t mark, Time) override {
    std::uint64_t& kept = marks_[std::string(key)];
    kept = std::max(kept, mark);
    return ok();
  }

 private:
  std::map<std::string, std::uint64_t> marks_;
};

/// What the engine would have been told.
class Inbox {
 public:
  void put(Event&& event) {
    const std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
    came_.notify_all();
  }

  /// Waits for an event of a kind that fits; the test fails without one.
  template <class T>
  T wait(const std::function<bool(const T&)>& fits = [](const T&) { return true; }) {
    std::unique_lock lock(mutex_);
    std::size_t seen = 0;
    std::optional<T> found;
    const bool came = came_.wait_for(lock, std::chrono::seconds{20}, [&] {
      for (; seen < events_.size() && !found; ++seen) {
        const auto* body = std::get_if<T>(&events_[seen].body);
        if (body != nullptr && fits(*body)) found = *body;
      }
      return found.has_value();
    });
    for (const Event& event : events_) UNSCOPED_INFO("event " << event.body.index() << " " << why_of(event));
    REQUIRE(came);
    return *found;
  }

  /// Waits for one of the two: true when it was filled.
  bool is_filled_or_absent(const ClientOrderId& id) {
    std::unique_lock lock(mutex_);
    std::optional<bool> fate;
    const bool came = came_.wait_for(lock, std::chrono::seconds{20}, [&] {
      for (const Event& event : events_) {
        const auto* filled = std::get_if<OrderFilled>(&event.body);
        const auto* news = std::get_if<OrderNews>(&event.body);
        if (filled != nullptr && filled->fill.client_id == id) fate = true;
        if (news != nullptr && news->client_id == id && news->trigger == OrderTrigger::find_absent) fate = false;
      }
      return fate.has_value();
    });
    REQUIRE(came);
    return *fate;
  }

  static std::string why_of(const Event& event) {
    if (const auto* news = std::get_if<OrderNews>(&event.body)) return std::string(to_string(news->trigger)) + " " + news->why;
    if (const auto* refused = std::get_if<OrderRejected>(&event.body)) return refused->why;
    return {};
  }

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<Event> events_;
};

/// Shows what people would be told when the test fails.
class Notes final : public Notifier {
 public:
  void notify(const Notify& notice) override {
    const std::lock_guard lock(mutex_);
    text_ += notice.text + "\n";
  }

  std::string text() {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  std::mutex mutex_;
  std::string text_;
};

std::string text_of(const ClientOrderId& id) {
  char text[40];
  std::snprintf(text, sizeof text, "00000000-0001-8%01x%02x-8000-0000%08x", static_cast<unsigned>(id.role),
                static_cast<unsigned>(id.attempt), static_cast<unsigned>(id.sequence));
  return text;
}

/// An exchange with one account, and the venue on it.
struct Rig {
  Rig() {
    loopback::LoopbackOptions options;
    loopback::Synthetic made;
    made.symbols = {*Symbol::parse("BTC/USD")};
    made.history = hours{1};
    options.synthetic = made;
    loopback::ApiKey key = loopback::random_key();
    const kraken::ApiKey ours{key.id, key.secret};
    options.account.keys = {key};
    options.account.deposits = {{"USD", Money::parse_or_die("10000")}};
    auto started = loopback::LoopbackExchange::start(std::move(options));
    REQUIRE(started.has_value());
    exchange = std::move(*started);

    kraken::VenueOptions venue_options;
    venue_options.client.url = exchange->rest_url();
    venue_options.ws_url = exchange->ws_url();
    kraken::LiveOptions& account = venue_options.account;
    account.pairs = {{InstrumentId{0}, *Symbol::parse("BTC/USD"), "XBTUSD", "XXBTZUSD", "XXBT", "ZUSD"}};
    account.id_text = text_of;
    account.read_id = [](std::string_view) { return std::nullopt; };
    account.read_lag_max = milliseconds{200};
    account.tier = venue_options.client.tier = kraken::Tier::pro;   // its counter of reads decays fast
    auto signer = kraken::Signer::make(ours);
    REQUIRE(signer.has_value());
    venue = std::make_unique<kraken::KrakenVenue>(venue_options, kraken::LiveMemory{}, *std::move(signer), Secret(), nonces,
                                                  exchange->clock(), notifier,
                                                  [this](Event&& event) { inbox.put(std::move(event)); });
    venue->start();
    // Both starting balances are booked: entries may leave.
    for (const char* asset : {"USD", "BTC"}) {
      inbox.wait<BalanceMoved>([&](const BalanceMoved& moved) { return moved.asset == asset; });
    }
  }

  ~Rig() {
    UNSCOPED_INFO(notifier.text());
    venue->stop(seconds{2});
  }

  Order order(std::uint32_t sequence, OrderRole role, Side side, OrderType type, const char* quantity) {
    Order out;
    out.client_id = {sequence, 1, role, 0};
    out.side = side;
    out.type = type;
    out.quantity = Quantity::parse_or_die(quantity);
    out.created_at = exchange->clock().now();
    return out;
  }

  std::unique_ptr<loopback::LoopbackExchange> exchange;
  MemoryNonces nonces;
  Notes notifier;
  Inbox inbox;
  std::unique_ptr<kraken::KrakenVenue> venue;
};

}  // namespace

TEST_CASE("venue: an entry fills, its stop rests, moves and goes, over real sockets", "[kraken][venue]") {
  Rig rig;
  const Time now = rig.exchange->clock().now();
  rig.venue->submit(rig.order(1, OrderRole::entry, Side::buy, OrderType::market, "0.01"), now);
  const auto filled = rig.inbox.wait<OrderFilled>([](const OrderFilled& e) { return e.is_last; });
  CHECK(filled.fill.cost.is_positive());
  CHECK_FALSE(filled.fill.words.empty());

  Order stop = rig.order(2, OrderRole::protect, Side::sell, OrderType::stop, "0.01");
  stop.trigger = Price::parse_or_die("1000");
  rig.venue->submit(stop, now);
  const auto of_stop = [&](const auto& e) { return e.client_id == stop.client_id; };
  rig.inbox.wait<OrderAccepted>(of_stop);
  rig.venue->replace({stop.client_id, InstrumentId{0}, {}, Price::parse_or_die("1100"), stop.quantity}, now);
  CHECK(rig.inbox.wait<OrderReplaced>(of_stop).trigger == Price::parse_or_die("1100"));
  rig.venue->cancel({stop.client_id, InstrumentId{0}}, now);
  rig.inbox.wait<OrderCanceled>(of_stop);
  CHECK(rig.venue->health().undecided == 0);
  CHECK(rig.exchange->private_books().doubled().empty());
}

TEST_CASE("venue: no entry leaves once entries are stopped; a cut connection heals and an exit leaves", "[kraken][venue]") {
  Rig rig;
  const Time now = rig.exchange->clock().now();
  rig.venue->permit_entries(false);
  const Order entry = rig.order(1, OrderRole::entry, Side::buy, OrderType::market, "0.01");
  rig.venue->submit(entry, now);
  const auto news = rig.inbox.wait<OrderNews>();
  CHECK(news.trigger == OrderTrigger::withdraw);
  CHECK_THAT(news.why, Catch::Contains("entries are stopped"));
  CHECK(rig.exchange->private_books().orders.empty());

  rig.venue->permit_entries(true);
  rig.venue->submit(rig.order(2, OrderRole::entry, Side::buy, OrderType::market, "0.01"), now);
  rig.inbox.wait<OrderFilled>();
  rig.exchange->drop_connections();
  const Order exit = rig.order(3, OrderRole::exit, Side::sell, OrderType::market, "0.01");
  rig.venue->submit(exit, now);
  // It leaves over REST, or dies with the connection that it was written to: then it is proved absent, and sent anew.
  if (!rig.inbox.is_filled_or_absent(exit.client_id)) {
    Order again = exit;
    ++again.client_id.attempt;
    rig.venue->submit(again, now);
    CHECK(rig.inbox.is_filled_or_absent(again.client_id));
  }
  CHECK(rig.exchange->private_books().fills.size() >= 2);
  CHECK(rig.exchange->private_books().doubled().empty());
}
