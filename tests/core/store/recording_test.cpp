#include "core/store/recording.h"

#include "core/store/packing.h"
#include "core/store/recording_codec.h"
#include "tests/core/store/scratch.h"
#include "tests/core/store/script.h"

#include <catch2/catch.hpp>

#include <bit>
#include <cmath>
#include <csignal>
#include <fstream>
#include <limits>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace aitrade;

namespace {

std::vector<Action> actions_of(const ActionList& list) {
  return {list.begin(), list.end()};
}

Candle sample_candle() {
  Candle candle;
  candle.open_time = script_start;
  candle.interval = minutes{1};
  candle.open = Price::parse_or_die("0.0000000001");
  candle.high = Price::from_raw(std::numeric_limits<std::int64_t>::max());
  candle.low = Price::from_raw(1);
  candle.close = Price::parse_or_die("5");
  candle.volume = 0.1;
  candle.synthetic = true;
  return candle;
}

std::vector<Event> sample_events() {
  Order order;
  order.client_id = {7, 3, OrderRole::protect, 2};
  order.venue_id = "OABC-1";
  order.trigger = Price::parse_or_die("36000.1");
  order.quantity = Quantity::parse_or_die("0.12345678");
  Fill fill;
  fill.venue_fill_id = "T-1";
  fill.price = Price::parse_or_die("36000.1234567891");
  fill.fee = Money::parse_or_die("-0.00000001");
  const Candle candle = sample_candle();
  BookTop top{Price::parse_or_die("100"), Price::parse_or_die("100.1"), Quantity::parse_or_die("1"),
              Quantity::parse_or_die("2"), -1.0 / 3};
  std::vector<EventBody> bodies{CandleClosed{InstrumentId{1}, candle, true},
                                HistoryLoaded{InstrumentId{1}, candle},
                                BookSummary{InstrumentId{2}, top},
                                BookSummary{InstrumentId{2}, top},
                                FeedUp{VenueId{1}},
                                FeedDown{VenueId{1}},
                                SeriesBroken{InstrumentId{3}},
                                Tick{},
                                InstantClosed{},
                                OrderNews{order.client_id, OrderTrigger::find_absent, "OABC-1", "no trace"},
                                BalanceMoved{VenueId{1}, "USD", "-12.50", "withdrawal", "L1", script_start,
                                             Quantity::from_raw(7), Price::from_raw(99), Money::from_raw(2)},
                                OrderAccepted{order.client_id, "OABC-1"},
                                OrderRejected{order.client_id, "no"},
                                OrderFilled{fill, true},
                                OrderCanceled{order.client_id, "user"},
                                OrderExpired{order.client_id},
                                OrderReplaced{order.client_id, {}, order.trigger, order.quantity},
                                AccountRestored{DeskId{1},
                                                Money::parse_or_die("9999.99"),
                                                {},
                                                {},
                                                script_start,
                                                -1,
                                                5,
                                                2,
                                                true,
                                                false,
                                                script_start,
                                                "x",
                                                script_start,
                                                3},
                                PositionAdopted{},
                                OrderAdopted{order},
                                CooldownRestored{},
                                OperatorCommand{OperatorAction::close_all, "cli:1", "why"},
                                RulesChanged{{{"risk.positions_max", "3"}}, "key:a", "trading.max = 3"},
                                OperatorCommand{OperatorAction::close_position, "key:a", "", InstrumentId{7}},
                                TradesRestored{DeskId{1}, std::vector<TradeResult>(2)},
                                ExternalSignal{InstrumentId{2}, Direction::short_, order.trigger, {}, 0.01, 1.5, 0.7, 0.8, 3,
                                               "desk-one", "evt-1", "ab"},
                                GateRestored{DeskId{1}, GateState{.model = 9, .outcomes = 3, .alive = {GateCandidate{}}, .learner = {}}},
                                ModelActivated{"0123456789ab", true, "cli:1000"},
                                EntriesHeld{"the tenant is suspended"}};
  std::vector<Event> events;
  std::uint64_t seq = 100;
  for (EventBody& body : bodies) {
    events.push_back({EventSeq{seq}, script_start + Duration{static_cast<std::int64_t>(seq) * 7},
                      script_start - minutes{2}, std::move(body)});
    seq += 3;
  }
  return events;
}

std::string packed(const Event& event) {
  EventContext fresh;
  std::string out;
  encode_event(event, fresh, out);
  return out;
}

/// Writes a scripted run with small blocks and returns how many events it holds.
int write_run(const std::filesystem::path& directory, int steps) {
  auto writer = must(RecordingWriter::create(directory, script_header("r"), {2000, 20'000}));
  Script script(5);
  for (int i = 0; i < steps; ++i) {
    const ScriptStep step = script.next();
    writer->append(step.event, actions_of(step.actions));
    must(writer->write_if_large());
  }
  must(writer->flush(true));
  return steps;
}

/// Reads until the end or the first damage; returns how many events came out whole.
std::uint64_t read_run(const std::filesystem::path& directory,
                       std::optional<RecordingDamage>& damage, std::uint64_t* torn = nullptr) {
  damage.reset();
  auto reader = RecordingReader::open(directory);
  if (!reader) {
    damage = RecordingDamage{0, EventSeq{0}};
    return 0;
  }
  std::uint64_t count = 0;
  for (;;) {
    auto next = (*reader)->next();
    if (!next) {
      REQUIRE(next.error().code == ErrorCode::corrupt);
      damage = (*reader)->damage();
      REQUIRE(damage.has_value());
      return count;
    }
    if (!*next) {
      if (torn != nullptr) *torn = (*reader)->torn_bytes();
      return count;
    }
    ++count;
  }
}

void flip(const std::filesystem::path& file, std::uint64_t at) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekg(static_cast<std::streamoff>(at));
  const char c = static_cast<char>(stream.get());
  stream.seekp(static_cast<std::streamoff>(at));
  stream.put(static_cast<char>(c ^ 0x10));
}

}  // namespace

TEST_CASE("recording: numbers of every size survive packing") {
  Random random(1);
  std::string bytes;
  PackWriter out(bytes);
  std::vector<std::int64_t> values{0,
                                   1,
                                   -1,
                                   std::numeric_limits<std::int64_t>::max(),
                                   std::numeric_limits<std::int64_t>::min(),
                                   5'800'000'000'000'000'000,
                                   -9'000'000'000'000'000'000,
                                   100'000'000'000'000'000};
  for (int i = 0; i < 5000; ++i) {
    const std::uint64_t of_any_size = random.next() >> random.below(64);
    values.push_back(static_cast<std::int64_t>(of_any_size * (random.below(2) == 0 ? 1 : 10)));
  }
  for (const std::int64_t value : values)
    out.scaled(value);
  PackReader in(bytes);
  for (const std::int64_t value : values)
    REQUIRE(in.scaled() == value);
  CHECK(in.at_end());
  for (const double value : {0.1, -0.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
    std::string eight;
    PackWriter eight_out(eight);
    eight_out(value);
    double back = 0;
    PackReader eight_in(eight);
    eight_in(back);
    CHECK(std::bit_cast<std::uint64_t>(back) == std::bit_cast<std::uint64_t>(value));
  }
}

TEST_CASE("recording: every kind of event and action comes back as it went in") {
  const std::vector<Event> events = sample_events();
  CHECK(events.size() == std::variant_size_v<EventBody> + 2);
  EventContext writing;
  std::string bytes;
  for (const Event& event : events)
    encode_event(event, writing, bytes);
  PackReader in(bytes);
  EventContext reading;
  for (const Event& event : events) {
    const Event back = must(decode_event(in, reading));
    CHECK(back.seq == event.seq);
    CHECK(back.at == event.at);
    CHECK(back.when == event.when);
    CHECK(packed(back) == packed(event));
  }
  CHECK(in.at_end());
  Decision decision;
  decision.opinion.votes_count = 3;
  decision.opinion.votes[2].log_odds = -1.0 / 3;
  decision.opinion.terms = {0.12, -0.2, 1.0 / 3, -0.3, 0.1, 0.4};
  decision.score = 0.7;
  RunStateChanged state{true, false, "r", "a"};
  TradeClosed trade;
  trade.r_multiple = std::nan("");
  const std::vector<Action> actions{SubmitOrder{},
                                    CancelOrder{},
                                    ReplaceOrder{},
                                    decision,
                                    PositionChanged{},
                                    trade,
                                    AccountChanged{},
                                    CooldownSet{},
                                    state,
                                    Incident{{}, "odd"},
                                    OrderChanged{},
                                    Notify{Notify::Level::critical, "text"},
                                    SignalJudged{DeskId{1}, InstrumentId{2}, Direction::long_, Reason::entered, "desk-one",
                                                 "evt-1", "ab"},
                                    GateChanged{DeskId{1}, GateState{.model = ~0ULL, .is_off = true, .alive = {{}, {}}, .learner = {}}},
                                    HoldingTaken{DeskId{1}, {}, Quantity::parse_or_die("2"), Price::parse_or_die("99"),
                                                 Money::parse_or_die("0.5"), {}, "T1", script_start}};
  CHECK(actions.size() == std::variant_size_v<Action>);
  for (const Action& action : actions) {
    const std::string once = encode_action(action);
    const Action back = must(decode_action(once));
    CHECK(back.index() == action.index());
    CHECK(encode_action(back) == once);
    CHECK_FALSE(decode_action(once.substr(0, once.size() - 1)).has_value());
    CHECK_FALSE(decode_action(once + "x").has_value());
  }
  CHECK_FALSE(decode_action("\xff").has_value());
}

TEST_CASE("recording: header, events and actions are read back over several segments") {
  Scratch scratch;
  const int steps = write_run(scratch / "r", 800);
  CHECK(std::filesystem::exists(scratch / "r/000002.rec"));
  auto reader = must(RecordingReader::open(scratch / "r"));
  const RecordingHeader header = script_header("r");
  CHECK(reader->header().config_text == header.config_text);
  CHECK(reader->header().seed == 42);
  CHECK(reader->header().instruments.size() == 2);
  CHECK(reader->header().instruments[1].symbol == header.instruments[1].symbol);
  CHECK(reader->header().strategies == header.strategies);
  Script script(5);
  for (int i = 0; i < steps; ++i) {
    const auto record = must(reader->next());
    REQUIRE(record.has_value());
    const ScriptStep step = script.next();
    REQUIRE(packed(record->event) == packed(step.event));
    REQUIRE(record->actions.size() == step.actions.size());
    for (std::size_t k = 0; k < record->actions.size(); ++k) {
      REQUIRE(record->actions[k] == encode_action(step.actions[k]));
    }
  }
  CHECK_FALSE(must(reader->next()).has_value());
}

TEST_CASE("recording: equal runs have equal chains") {
  Scratch scratch;
  write_run(scratch / "a", 200);
  write_run(scratch / "b", 200);
  const auto chain_of = [&](const char* name) {
    auto reader = must(RecordingReader::open(scratch / name));
    while (must(reader->next())) {
    }
    return reader->chain();
  };
  CHECK(chain_of("a") == chain_of("b"));
}

TEST_CASE("recording: a flipped byte is found wherever it is, at its block") {
  Scratch scratch;
  write_run(scratch / "r", 800);
  std::optional<RecordingDamage> damage;
  for (const char* name : {"000001.rec", "000002.rec"}) {
    const auto file = scratch / (std::string("r/") + name);
    const auto size = std::filesystem::file_size(file);
    std::uint64_t last_block = 0;
    std::uint64_t last_seq = 0;
    for (std::uint64_t at = 0; at < size; at += 197) {
      flip(file, at);
      const std::uint64_t good = read_run(scratch / "r", damage);
      INFO("byte " << at << " of " << name);
      REQUIRE(damage.has_value());
      CHECK(number(damage->first_event) == (good == 0 ? number(damage->first_event) : good + 1));
      CHECK(damage->block >= last_block);
      CHECK(good >= last_seq);
      last_block = damage->block;
      last_seq = good;
      flip(file, at);
    }
  }
  CHECK(read_run(scratch / "r", damage) == 800);
  CHECK_FALSE(damage.has_value());
}

TEST_CASE("recording: a tail torn off at any byte keeps the complete blocks") {
  Scratch scratch;
  write_run(scratch / "r", 40);
  const auto file = scratch / "r/000001.rec";
  std::optional<RecordingDamage> damage;
  std::uint64_t before = 40;
  bool has_header = true;
  for (auto size = std::filesystem::file_size(file); size > 0 && has_header; size -= 1) {
    std::filesystem::resize_file(file, size);
    std::uint64_t torn = 0;
    const std::uint64_t kept = read_run(scratch / "r", damage, &torn);
    has_header = RecordingReader::open(scratch / "r").has_value();
    if (!has_header) break;
    REQUIRE_FALSE(damage.has_value());
    REQUIRE(kept <= before);
    before = kept;
  }
  CHECK(before == 0);
}

TEST_CASE("recording: a disk that is full keeps the block for later") {
  Scratch scratch;
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    auto writer = RecordingWriter::create(scratch / "r", script_header("r"));
    if (!writer) ::_exit(1);
    Script script;
    const rlimit small{2000, RLIM_INFINITY};
    ::setrlimit(RLIMIT_FSIZE, &small);
    for (int i = 0; i < 300; ++i) {
      const ScriptStep step = script.next();
      (*writer)->append(step.event, actions_of(step.actions));
    }
    const Status refused = (*writer)->flush(true);
    if (refused || refused.error().code != ErrorCode::full) ::_exit(2);
    const rlimit large{RLIM_INFINITY, RLIM_INFINITY};
    ::setrlimit(RLIMIT_FSIZE, &large);
    ::_exit((*writer)->flush(true) ? 0 : 3);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  REQUIRE(WIFEXITED(status));
  REQUIRE(WEXITSTATUS(status) == 0);
  std::optional<RecordingDamage> damage;
  CHECK(read_run(scratch / "r", damage) == 300);
  CHECK_FALSE(damage.has_value());
}

namespace {

/// An analysis as the analyser rounds it.
BookAnalysis analysis_of(const BookTop& top, Random& random) {
  const auto ratio = [&] {
    return std::round((random.uniform() * 2 - 1) * 1e3) / 1e3 + 0.0;
  };
  const auto amount = [&] { return static_cast<double>(100 + random.below(900)) * 1000; };
  BookAnalysis x;
  x.score = std::round(ratio() * 250) / 1e3 + 0.0;
  x.score_now = ratio();
  x.imbalance_5 = ratio();
  x.imbalance_25 = x.imbalance_50 = ratio();
  x.imbalance_trend = std::round(ratio() * 500) / 1e4 + 0.0;
  x.micro_price = micro_price_of(top);
  x.spread = spread_of(top);
  x.depth_bid = amount();
  x.depth_ask = amount();
  x.liquidity = 0.9;
  x.whales_bid = static_cast<std::uint16_t>(random.below(3));
  return x;
}

void check_same(const BookAnalysis& a, const BookAnalysis& b) {
  const auto bits = [](double x) { return std::bit_cast<std::uint64_t>(x); };
  CHECK(bits(a.score) == bits(b.score));
  CHECK(bits(a.score_now) == bits(b.score_now));
  CHECK(bits(a.imbalance_5) == bits(b.imbalance_5));
  CHECK(bits(a.imbalance_25) == bits(b.imbalance_25));
  CHECK(bits(a.imbalance_50) == bits(b.imbalance_50));
  CHECK(bits(a.imbalance_trend) == bits(b.imbalance_trend));
  CHECK(bits(a.micro_price) == bits(b.micro_price));
  CHECK(bits(a.spread) == bits(b.spread));
  CHECK(bits(a.depth_bid) == bits(b.depth_bid));
  CHECK(bits(a.depth_ask) == bits(b.depth_ask));
  CHECK(bits(a.whale_bias) == bits(b.whale_bias));
  CHECK(bits(a.liquidity) == bits(b.liquidity));
  CHECK(a.whales_bid == b.whales_bid);
  CHECK(a.whales_ask == b.whales_ask);
  CHECK(a.voids == b.voids);
  CHECK(a.is_spoofed == b.is_spoofed);
}

}  // namespace

TEST_CASE("recording: the analysis of a book comes back bit for bit") {
  Random random(3);
  const BookTop top{Price::parse_or_die("36000.1"), Price::parse_or_die("36000.3"),
                    Quantity::parse_or_die("0.7"), Quantity::parse_or_die("2.5"), 0.25};
  std::vector<std::optional<BookAnalysis>> said;
  for (int i = 0; i < 50; ++i) said.emplace_back(analysis_of(top, random));
  said[3]->imbalance_trend = std::numeric_limits<double>::quiet_NaN();
  said[7]->score = 1.0 / 3;                // no decimal
  said[9]->depth_bid = 0.1 + 0.2;
  said[11]->liquidity = -0.0;
  said[13]->micro_price += 1e-9;           // not that of the top
  said[15]->spread = std::numeric_limits<double>::infinity();
  said[17]->is_spoofed = true;
  said[17]->whales_ask = 65'535;
  said[17]->voids = 50;
  said[19].reset();
  said[21]->depth_ask = 1e300;
  said[23]->whale_bias = std::numeric_limits<double>::denorm_min();

  std::string bytes;
  EventContext writing;
  std::size_t plain = 0;
  for (std::size_t i = 0; i < said.size(); ++i) {
    const std::size_t before = bytes.size();
    encode_event({EventSeq{i + 1}, script_start, script_start, BookSummary{InstrumentId{1}, top, said[i]}},
                 writing, bytes);
    if (i == 30) plain = bytes.size() - before;
  }
  CHECK(plain < 40);  // most of it the summary itself: small enough for one a second and pair
  PackReader reader(bytes);
  EventContext reading;
  for (const auto& expected : said) {
    const Event event = must(decode_event(reader, reading));
    const auto& summary = std::get<BookSummary>(event.body);
    CHECK(summary.top.bid == top.bid);
    REQUIRE(summary.analysis.has_value() == expected.has_value());
    if (expected) check_same(*summary.analysis, *expected);
  }
  CHECK(reader.at_end());
}

TEST_CASE("recording: eight pairs stay under 20 MB a day") {
  Scratch scratch;
  auto writer = must(RecordingWriter::create(scratch / "r", script_header("r")));
  Random random(11);
  std::array<std::int64_t, 8> price{};
  price.fill(36'000'0);  // in ticks of 0.1
  std::uint64_t seq = 0;
  const int seconds_simulated = 7200;
  for (int second = 0; second < seconds_simulated; ++second) {
    const Time now = script_start + seconds{second};
    const auto jitter = [&] {
      return Duration{static_cast<std::int64_t>(random.below(900'000'000))};
    };
    for (std::uint32_t i = 0; i < 8; ++i) {
      if (random.below(10) < 3) continue;  // the top of a pair does not change every second
      price[i] += static_cast<std::int64_t>(random.below(21)) - 10;
      BookTop top;
      top.bid = Price::from_raw(price[i] * (Price::scale / 10));
      top.ask = top.bid + Price::from_raw(Price::scale / 10);
      top.bid_size = Quantity::from_raw(static_cast<std::int64_t>(random.below(500'000'000)));
      top.ask_size = Quantity::from_raw(static_cast<std::int64_t>(random.below(500'000'000)));
      top.imbalance = std::round((random.uniform() * 2 - 1) * 1e4) / 1e4 + 0.0;
      const Time at = now + jitter();
      writer->append({EventSeq{++seq}, at, at - milliseconds{40},
                      BookSummary{InstrumentId{i}, top, analysis_of(top, random)}},
                     {});
      if (second % 60 != 0) continue;
      Decision decision;
      decision.opinion.votes_count = 3;
      for (std::size_t v = 0; v < 3; ++v) {
        decision.opinion.votes[v].confidence = random.uniform();
        decision.opinion.votes[v].strength = random.uniform();
      }
      Candle c;
      c.open_time = now - minutes{1};
      c.interval = minutes{1};
      c.open = c.high = c.low = c.close = top.bid;
      c.volume = random.uniform();
      writer->append({EventSeq{++seq}, at, now, CandleClosed{InstrumentId{i}, c, false}},
                     {decision});
    }
    writer->append({EventSeq{++seq}, now, now, Tick{}}, {});
    must(writer->write_if_large());
  }
  must(writer->flush(true));
  const double day = static_cast<double>(writer->bytes_written()) * 86400 / seconds_simulated / 1e6;
  WARN("a day of eight pairs: " << day << " MB");
  CHECK(day < 20);
}
