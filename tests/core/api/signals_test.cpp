// Signals from outside over HTTP: signatures, who may send, one event once, and what the sender is told.

#include <catch2/catch.hpp>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/api/signal_desk.h"
#include "tests/core/api/two_tenants.h"

using namespace aitrade;
using test::TwoTenants;

namespace {

constexpr const char* secret = "signal-test-secret-0123456789";
constexpr const char* path = "/api/v1/signals/webhook";

std::string signature(const std::string& key, std::int64_t second, const std::string& body) {
  return to_hex(view(hmac_sha256(key, std::to_string(second) + "." + body)));
}

/// The engine of a test: it judges at once.
struct Rig : TwoTenants {
  std::vector<ExternalSignal> judged;
  std::function<void()> on_signal;   // while a signal is under way
  bool takes{true}, keeps{true};
  Status outcome;
  Reason reason{Reason::entered};
  std::vector<std::string> secrets;
  std::unique_ptr<SignalDesk> desk;

  explicit Rig(std::vector<std::string> sources = {}, std::vector<std::string> with = {secret}) : secrets(std::move(with)) {
    SignalRules rules;
    rules.takes_any_source = sources.empty();
    rules.sources = std::move(sources);
    open(std::move(rules));
  }

  /// What a live run does without a list of sources.
  void restrict_sources() {
    SignalRules rules;
    rules.sources = sources_;
    open(std::move(rules));
  }

  [[nodiscard]] std::int64_t second() const { return (now + minutes{1}).seconds_floor(); }   // ask() lets one pass

  Response send(const std::string& body) { return send(body, signature(secret, second(), body)); }

  Response send(const std::string& body, const std::string& hex) {
    return ask("POST", path, {{"X-Signal-Timestamp", std::to_string(second())}, {"X-Signal-Signature", hex}}, body);
  }

 private:
  void open(SignalRules rules) {
    sources_ = rules.sources;
    for (const std::string& one : secrets) rules.secrets.emplace_back(std::string(one));
    EngineView view = test::sample_view(now);   // of an engine that is not held back
    views.publish(std::make_shared<const EngineView>(std::move(view)));
    desk = std::make_unique<SignalDesk>(std::move(rules), [this](std::size_t, const ExternalSignal& signal, auto done) {
      if (!takes) return false;
      if (on_signal) std::exchange(on_signal, {})();
      judged.push_back(signal);
      if (keeps) keep(signal);
      done(outcome);
      return true;
    });
    context.signals = desk.get();
  }

  /// What the journal does in the turn of the signal.
  void keep(const ExternalSignal& signal) const {
    auto ledger = open_writer(file(Profile::ledger), Profile::ledger, now);
    REQUIRE(ledger);
    auto insert = ledger->prepare("INSERT INTO external_signals VALUES('default',?,'default','kraken',?,?,'BTC/USD',?,?,'r',1,?)");
    REQUIRE(insert);
    REQUIRE(insert->bind_all(signal.id, signal.source, signal.body_hash, to_string(signal.direction), to_string(reason), now).run());
  }

  std::vector<std::string> sources_;
};

std::string order(const std::string& more = "", const std::string& price = "36590.2") {
  return R"({"event_id":"evt-1","pair":"BTC/USD","direction":"long","entry_price":)" + price + more + "}";
}

bool says(const Response& reply, const std::string& text) { return reply.body.find(text) != std::string::npos; }

}  // namespace

TEST_CASE("signals: off unless configured", "[api][signals]") {
  TwoTenants rig;
  const Response reply = rig.ask("POST", path, {}, "{}");
  CHECK(reply.status == 503);
  CHECK(reply.error_code == "webhooks_off");
}

TEST_CASE("signals: one that is signed reaches the engine as it was said", "[api][signals]") {
  Rig rig;
  const Response reply = rig.send(order(R"(,"stop_loss":36000,"take_profit":"37500.5","confidence":0.7,"strength":0.6,)"
                                        R"("confluence":3,"stop_pct":0.02,"risk_reward":1.5,"source":"desk-one")"));
  CHECK(reply.status == 200);
  CHECK(says(reply, R"("ok":true,"duplicate":false,"event_id":"evt-1","result":{"status":"entered","reason":"entered")"));
  REQUIRE(rig.judged.size() == 1);
  const ExternalSignal& signal = rig.judged[0];
  CHECK(signal.instrument == InstrumentId{0});
  CHECK(signal.direction == Direction::long_);
  CHECK(signal.stop == Price::parse_or_die("36000"));
  CHECK(signal.target == Price::parse_or_die("37500.5"));
  CHECK(signal.confidence == Approx(0.7));
  CHECK(signal.families == 3);
  CHECK(signal.source == "desk-one");
  SECTION("what the engine refuses is told, and is done all the same") {
    rig.reason = Reason::quiet_hour;
    std::string other = order();
    other.replace(other.find("evt-1"), 5, "evt-2");
    const Response refused = rig.send(other);
    CHECK(refused.status == 200);
    CHECK(says(refused, R"("ok":false)"));
    CHECK(says(refused, R"("status":"refused","reason":"quiet_hour")"));
  }
}

TEST_CASE("signals: the same event comes twice and happens once (X9)", "[api][signals][X9]") {
  Rig rig;
  CHECK(rig.send(order()).status == 200);
  const Response again = rig.send(order());
  CHECK(again.status == 200);
  CHECK(says(again, R"("duplicate":true)"));
  CHECK(says(again, R"("status":"entered")"));
  CHECK(rig.judged.size() == 1);
  SECTION("the same id with another body is a mistake of the sender") {
    CHECK(rig.send(order(R"(,"confidence":0.9)")).status == 409);
    CHECK(rig.judged.size() == 1);
  }
  SECTION("without an id the bytes are the id") {
    const std::string bare = R"({"pair":"BTC/USD","direction":"buy","entry_price":36590.2})";
    CHECK(rig.send(bare).status == 200);
    CHECK(says(rig.send(bare), R"("duplicate":true)"));
    CHECK(rig.judged.size() == 2);
  }
  SECTION("paused meanwhile: what was judged is still told") {
    EngineView view = test::sample_view(rig.now);
    view.paused = true;
    rig.views.publish(std::make_shared<const EngineView>(std::move(view)));
    CHECK(says(rig.send(order()), R"("duplicate":true)"));
    std::string other = order();
    other.replace(other.find("evt-1"), 5, "evt-3");
    CHECK(rig.send(other).status == 409);
  }
}

TEST_CASE("signals: an id is claimed before it is executed (X9)", "[api][signals][X9]") {
  Rig rig;
  Response meanwhile;
  rig.on_signal = [&] { meanwhile = rig.send(order()); };   // comes again while the first is under way
  CHECK(rig.send(order()).status == 200);
  CHECK(meanwhile.status == 409);
  CHECK(meanwhile.error_code == "processing");
  CHECK(rig.judged.size() == 1);
  CHECK(says(rig.send(order()), R"("duplicate":true)"));
}

TEST_CASE("signals: another tenant's event of the same id says nothing of ours (X9)", "[api][signals][X9]") {
  Rig rig;
  auto ledger = open_writer(rig.file(Profile::ledger), Profile::ledger, rig.now);
  REQUIRE(ledger);
  REQUIRE(ledger->execute("INSERT INTO external_signals VALUES('alpha','evt-1','a','kraken','s','h','BTC/USD','long',"
                          "'entered','r',1,1)"));
  CHECK(says(rig.send(order()), R"("duplicate":false)"));
  CHECK(rig.judged.size() == 1);
}

TEST_CASE("signals: what the engine cannot take is not done, and may come again", "[api][signals]") {
  Rig rig;
  SECTION("it takes none") {
    rig.takes = false;
    CHECK(rig.send(order()).status == 503);
    rig.takes = true;
  }
  SECTION("its turn could not be kept") {
    rig.keeps = false;
    rig.outcome = fail(ErrorCode::full, "no space");
    CHECK(rig.send(order()).status == 503);
    rig.keeps = true;
    rig.outcome = ok();
  }
  CHECK(says(rig.send(order()), R"("duplicate":false)"));
}

TEST_CASE("signals: nothing is taken that is not signed, just now, over these bytes", "[api][signals][A5]") {
  Rig rig;
  const std::string body = order();
  const auto now_second = [&] { return rig.second(); };
  const auto ask = [&](std::vector<HttpHeader> headers) { return rig.ask("POST", path, std::move(headers), body); };
  const auto plain = [&](const std::string& time, const std::string& hex) {
    return ask({{"X-Signal-Timestamp", time}, {"X-Signal-Signature", hex}});
  };
  std::vector<Response> refused;
  const std::string t = std::to_string(now_second());
  SECTION("wrong ones") {
    const std::string right = signature(secret, now_second(), body);
    refused.push_back(ask({}));
    refused.push_back(plain(t, ""));
    refused.push_back(plain(t, right.substr(1)));
    refused.push_back(plain(t, right + "0"));
    refused.push_back(plain(t, signature("another-secret-0123456789abcd", now_second(), body)));
    refused.push_back(plain(t, signature(secret, now_second(), body + " ")));
    refused.push_back(plain("", right));                          // the time is mandatory
    refused.push_back(plain(std::to_string(now_second() + 7), right));   // and signed
    refused.push_back(ask({{"X-Signal-Signature", "v1=" + right}}));
  }
  SECTION("old ones, and ones of the future") {
    for (const std::int64_t off : {-301, 301}) {
      const std::int64_t at = now_second() + off;
      refused.push_back(plain(std::to_string(at), signature(secret, at, body)));
      CHECK(refused.back().error_code == "stale");
    }
  }
  for (const Response& one : refused) CHECK(one.status == 401);
  CHECK(rig.judged.empty());
}

TEST_CASE("signals: the form with everything in one header, and two secrets while one is changed", "[api][signals]") {
  Rig rig({}, {secret, "the-new-one-0123456789abcdefgh"});
  const auto send = [&](const std::string& key, const std::string& more) {
    const std::int64_t at = rig.second();
    return rig.ask("POST", path, {{"X-Signal-Signature", "t=" + std::to_string(at) + more + ",v1=" + signature(key, at, order())}},
                   order());
  };
  CHECK(send(secret, "").status == 200);
  CHECK(send("the-new-one-0123456789abcdefgh", ",v1=" + std::string(64, 'a')).status == 200);   // one of several is right
  CHECK(send(secret, ",v0=abc").status == 200);
  CHECK(send("neither-0123456789abcdefghijk", "").status == 401);
}

TEST_CASE("signals: wrong signatures are counted before anything is computed (A5)", "[api][signals][A5]") {
  Rig rig;
  int unauthorized = 0, limited = 0;
  for (int i = 0; i < 100; ++i) {
    rig.now = test::two_tenants_now;   // all at once
    const Response reply = rig.send(order(), std::string(64, 'a'));
    unauthorized += reply.status == 401 ? 1 : 0;
    limited += reply.status == 429 ? 1 : 0;
  }
  CHECK(unauthorized == 10);
  CHECK(limited == 90);
  rig.now = test::two_tenants_now;
  CHECK(rig.send(order()).status == 429);   // a right one from there as well
  rig.now = test::two_tenants_now + minutes{11};
  CHECK(rig.send(order()).status == 200);
}

TEST_CASE("signals: only sources that are named may send, none where none are", "[api][signals]") {
  const auto status = [](std::vector<std::string> sources, bool takes_any, const std::string& more) {
    Rig rig(std::move(sources));
    if (!takes_any) rig.restrict_sources();
    const Response reply = rig.send(order(more));
    CHECK(rig.judged.size() == (reply.status == 200 ? 1U : 0U));
    return reply.status;
  };
  CHECK(status({}, true, "") == 200);
  CHECK(status({}, true, R"(,"source":"anybody")") == 200);
  CHECK(status({}, false, R"(,"source":"anybody")") == 403);   // live: none are allowed by default
  CHECK(status({}, false, "") == 403);
  CHECK(status({"desk-one"}, false, R"(,"source":"desk-one")") == 200);
  CHECK(status({"desk-one"}, false, R"(,"source":"desk-two")") == 403);
  CHECK(status({"desk-one"}, false, "") == 403);
}

TEST_CASE("signals: what makes no sense is refused in words, and not remembered", "[api][signals]") {
  Rig rig;
  const std::vector<std::string> bad{
      "", "[]", "nonsense", order(R"(,"unknown":1)"), order(R"(,"id":{})"), order(R"(,"stop_loss":37000)"),
      order(R"(,"take_profit":36000)"), order(R"(,"confidence":1.5)"), order(R"(,"confidence":"NaN")"),
      order(R"(,"strength":-1)"), order(R"(,"stop_pct":0.0001)"), order(R"(,"confluence":2.5)"),
      order(R"(,"risk_reward":1e9)"), order("", "37500"), order("", "35000"), order("", "0"), order("", "-5"),
      order("", R"("1e999")"), R"({"pair":"DOGE/USD","direction":"long","entry_price":1})",
      R"({"pair":"BTC/USD","direction":"up","entry_price":36590.2})",
      R"({"pair":"BTC/USD","direction":"long"})", R"({"event_id":"sig:abc","pair":"BTC/USD","direction":"long","entry_price":36590.2})",
      R"({"event_id":"a b","pair":"BTC/USD","direction":"long","entry_price":36590.2})"};
  for (const std::string& body : bad) {
    INFO(body);
    CHECK(rig.send(body).status == (body.empty() ? 415 : 400));
  }
  CHECK(rig.judged.empty());
  CHECK(rig.send(order()).status == 200);
  CHECK(rig.ask("POST", path, {{"X-Signal-Signature", "x"}}, std::string(300 << 10, 'x')).status == 413);
}

TEST_CASE("signature: the vector of the design, and headers that are none (N87 to N91)", "[api][signature][N87][N88][N89][N90][N91]") {
  // security.md 9.3; the secret of the vector in two parts, so that no scanner takes it for one of ours.
  const std::vector<Secret> secrets{Secret("whsec" + std::string("_test_0123456789abcdef"))};
  const std::string body = R"({"id":"evt_1AbCdEfGhIjKlMnO","object":"event","type":"invoice.paid","livemode":false})";
  const std::string mac = "87afdda27fa1777aeddc43d17d8a570b5288ffd8a8b9b38ac88edfabd62b7f73";
  const Time at = Time::from_seconds(1'700'000'000);
  const auto verdict = [&](const std::string& header, const std::string& text, Time now) {
    const auto stamp = parse_stamp(header);
    return stamp ? judge_signature(*stamp, text, secrets, now, minutes{5}) : SignatureVerdict::wrong;
  };
  const std::string right = "t=1700000000,v1=" + mac;
  CHECK(verdict(right, body, at) == SignatureVerdict::right);
  CHECK(verdict(" t = 1700000000 , v1 = " + mac, body, at) == SignatureVerdict::right);
  CHECK(verdict("t=1700000000,v1=" + std::string(64, '0') + ",v1=" + mac, body, at) == SignatureVerdict::right);
  CHECK(verdict(right, body, at + seconds{300}) == SignatureVerdict::right);
  CHECK(verdict(right, body, at + seconds{301}) == SignatureVerdict::stale);
  CHECK(verdict(right, body, at - seconds{301}) == SignatureVerdict::stale);
  CHECK(verdict(right, body + " ", at) == SignatureVerdict::wrong);
  CHECK(verdict("t=1700000000,v1=" + std::string(64, '0'), body, at + seconds{999}) == SignatureVerdict::wrong);
  const std::string many = ",v1=" + mac;
  std::string nine = "t=1700000000";
  for (int i = 0; i < 9; ++i) nine += many;
  for (const std::string& header :
       {std::string(), std::string("t=1700000000"), "v1=" + mac, "t=1700000000,t=1700000000,v1=" + mac,
        "t=1700000000,v0=" + mac, "t=1700000000,v1=" + mac.substr(1), "t=1700000000,v1=" + mac + "0",
        "t=17000000000000,v1=" + mac, "t=-1,v1=" + mac, "t=1e9,v1=" + mac, "t=,v1=" + mac, "t=1700000000;v1=" + mac, nine,
        right + "," + std::string(1024, ' ')}) {
    INFO(header);
    CHECK_FALSE(parse_stamp(header).has_value());
  }
  CHECK(judge_signature(*parse_stamp(right), body, std::vector<Secret>{}, at, minutes{5}) == SignatureVerdict::wrong);
  CHECK(judge_signature(*parse_stamp(right), body, std::vector<Secret>{Secret()}, at, minutes{5}) == SignatureVerdict::wrong);
}

namespace {

constexpr const char* own_secret = "signal-test-secret-of-account-two";

/// Three accounts: "one" of alpha and "three" of beta have no secret of their own, "two" of beta has.
struct Accounts : TwoTenants {
  ViewBoard boards[3];
  std::vector<std::pair<std::size_t, ExternalSignal>> judged;
  std::unique_ptr<SignalDesk> desk;

  Accounts() {
    std::vector<EngineSeat> seats;
    const std::pair<const char*, const char*> whose[] = {{"alpha", "one"}, {"beta", "two"}, {"beta", "three"}};
    for (std::size_t i = 0; i < 3; ++i) {
      show(i, "");
      seats.push_back({TenantId{whose[i].first}, whose[i].second, "kraken", &boards[i]});
      EngineDoor door;
      door.store = [this, i] { return StorePlace{ledger_of(i), file(Profile::telemetry)}; };
      auto ledger = open_writer(ledger_of(i), Profile::ledger, now);
      REQUIRE(ledger);
      REQUIRE(ledger->execute("INSERT OR IGNORE INTO tenants VALUES('" + std::string(whose[i].first) +
                              "','x','active','free',0,0)"));
      context.doors.push_back(std::move(door));
    }
    context.views = TenantViews(std::move(seats));
    SignalRules rules;
    rules.takes_any_source = true;
    rules.secrets.emplace_back(std::string(secret));
    rules.account_secrets["two"].emplace_back(std::string(own_secret));
    desk = std::make_unique<SignalDesk>(std::move(rules), [this](std::size_t seat, const ExternalSignal& signal, auto done) {
      judged.emplace_back(seat, signal);
      keep(seat, signal);
      done(ok());
      return true;
    });
    context.signals = desk.get();
  }

  /// Each engine has one of its own.
  [[nodiscard]] std::filesystem::path ledger_of(std::size_t seat) const {
    return folder / ("trading-" + std::to_string(seat) + ".db");
  }

  void show(std::size_t seat, const std::string& held) {
    EngineView view = test::sample_view(now);
    view.entries_held = held;
    boards[seat].publish(std::make_shared<const EngineView>(std::move(view)));
  }

  Response send(const char* key, const std::string& body) {
    const std::int64_t second = (now + minutes{1}).seconds_floor();
    return ask("POST", path, {{"X-Signal-Timestamp", std::to_string(second)},
                              {"X-Signal-Signature", signature(key, second, body)}}, body);
  }

  /// What the journal of that engine does in the turn of the signal.
  void keep(std::size_t seat, const ExternalSignal& signal) const {
    const EngineSeat& whose = context.views.seats()[seat];
    auto ledger = open_writer(ledger_of(seat), Profile::ledger, now);
    REQUIRE(ledger);
    auto insert = ledger->prepare("INSERT INTO external_signals VALUES(?,?,?,'kraken',?,?,'BTC/USD',?,'entered','r',1,?)");
    REQUIRE(insert);
    REQUIRE(insert->bind_all(whose.tenant.name, signal.id, whose.account, signal.source, signal.body_hash,
                             to_string(signal.direction), now).run());
  }
};

}  // namespace

TEST_CASE("signals: with several accounts one is for the account it names, else for the first", "[api][signals][accounts]") {
  Accounts rig;
  CHECK(rig.send(secret, order()).status == 200);
  CHECK(rig.send(secret, order(R"(,"account":"three")")).status == 200);
  CHECK(rig.send(own_secret, order()).status == 200);   // whose secret, his account
  REQUIRE(rig.judged.size() == 3);
  CHECK(rig.judged[0].first == 0);
  CHECK(rig.judged[1].first == 2);
  CHECK(rig.judged[2].first == 1);
  // The id is one of each account's.
  const Response again = rig.send(own_secret, order());
  CHECK(again.status == 200);
  CHECK(says(again, R"("duplicate":true)"));
  CHECK(rig.judged.size() == 3);
}

TEST_CASE("signals: a secret signs for its account and no other; the answer does not tell which there are [N34]",
          "[api][signals][accounts][N34]") {
  Accounts rig;
  const std::pair<const char*, const char*> refused[] = {
      {own_secret, R"(,"account":"one")"},     // another's
      {own_secret, R"(,"account":"three")"},   // of the same tenant, and still not his
      {secret, R"(,"account":"two")"},         // has a secret of its own
      {secret, R"(,"account":"nobody")"},
      {own_secret, R"(,"account":"nobody")"}};
  std::string said;
  for (const auto& [key, account] : refused) {
    INFO(account);
    const Response reply = rig.send(key, order(account));
    CHECK(reply.status == 403);
    CHECK(reply.error_code == "account_refused");
    if (!said.empty()) CHECK(reply.error_message == said);
    said = reply.error_message;
  }
  CHECK(rig.send("another-secret-0123456789", order(R"(,"account":"two")")).status == 401);
  CHECK(rig.judged.empty());
}

TEST_CASE("signals: an account that is held back takes none, and the others do", "[api][signals][accounts]") {
  Accounts rig;
  rig.show(0, "the tenant is suspended");
  const Response reply = rig.send(secret, order());
  CHECK(reply.status == 409);
  CHECK(reply.error_code == "held");
  CHECK(rig.send(secret, order(R"(,"account":"three")")).status == 200);
  rig.show(0, "");
  CHECK(rig.send(secret, order()).status == 200);   // nothing was remembered of the first
}
