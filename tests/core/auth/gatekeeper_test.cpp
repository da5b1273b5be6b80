#include <catch2/catch.hpp>

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "core/auth/gatekeeper.h"
#include "core/auth/password.h"
#include "core/store/ledger.h"
#include "core/store/queries.h"
#include "core/store/schema.h"

using namespace aitrade;

namespace {

struct Rig {
  std::filesystem::path folder;
  Moment now{Time::from_seconds(1'700'000'000), Time::from_seconds(1000)};

  Rig() {
    std::string pattern = (std::filesystem::temp_directory_path() / "aitrade-auth-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    folder = pattern;
  }

  Rig(const Rig&) = delete;
  Rig& operator=(const Rig&) = delete;
  ~Rig() { std::filesystem::remove_all(folder); }

  [[nodiscard]] std::filesystem::path file() const { return folder / "access.db"; }

  [[nodiscard]] AccessStore store() const { return AccessStore(file()); }

  [[nodiscard]] GateSettings settings() const {
    GateSettings settings;
    settings.access_db = file();
    return settings;
  }

  std::string key(Scope scope, std::optional<Duration> life = hours{24}) const {
    const auto made = store().create({{}, scope, "test", life}, "test", now.wall);
    REQUIRE(made);
    return std::string(made->text.reveal());
  }

  void pass(Duration time) {
    now.wall = now.wall + time;
    now.steady = now.steady + time;
  }
};

Identity::Answer answer_to(Gatekeeper& gate, const std::string& key, const Moment& now,
    const char* address = "1.1.1.1") {
  return gate.identify({key, {}, false, 0, address}, now).answer;
}

}  // namespace

TEST_CASE("gate: a key is what it was made for, until it expires or is revoked (N40)", "[auth][gate][N40]") {
  Rig rig;
  const std::string read = rig.key(Scope::read);
  const std::string brief = rig.key(Scope::admin, minutes{5});
  Gatekeeper gate(rig.settings());

  const Identity who = gate.identify({read, {}, false, 0, "1.1.1.1"}, rig.now);
  CHECK(who.answer == Identity::Answer::known);
  CHECK(who.principal.scope == Scope::read);
  CHECK(who.principal.actor() == "key:" + read.substr(4, 10));
  std::string wrong = read;
  wrong.back() = wrong.back() == 'A' ? 'B' : 'A';
  CHECK(answer_to(gate, wrong, rig.now) == Identity::Answer::unknown);
  CHECK(answer_to(gate, brief, rig.now) == Identity::Answer::known);
  rig.pass(minutes{5});
  CHECK(answer_to(gate, brief, rig.now) == Identity::Answer::unknown);

  REQUIRE(rig.store().revoke(read.substr(4, 10), "test", rig.now.wall));
  rig.pass(seconds{1});
  CHECK(answer_to(gate, read, rig.now) == Identity::Answer::unknown);
  CHECK_FALSE(gate.is_live(who.principal, rig.now));
  CHECK(rig.store().revoke(read.substr(4, 10), "test", rig.now.wall).error().code == ErrorCode::rejected);
  CHECK(rig.store().revoke("nothinghere", "test", rig.now.wall).error().code == ErrorCode::not_found);
}

TEST_CASE("gate: the store holds no key, and what it holds is no key (N41)", "[auth][gate][N41]") {
  Rig rig;
  const std::string key = rig.key(Scope::admin);
  const auto rows = rig.store().keys();
  REQUIRE(rows);
  REQUIRE(rows->size() == 1);
  const std::string mac = to_hex(view((*rows)[0].mac));
  Gatekeeper gate(rig.settings());
  CHECK(answer_to(gate, mac, rig.now) == Identity::Answer::unknown);
  CHECK(answer_to(gate, "atk_" + (*rows)[0].id + "_" + mac.substr(0, 43), rig.now) == Identity::Answer::unknown);

  for (const auto& entry : std::filesystem::directory_iterator(rig.folder)) {
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    CHECK(bytes.find(key.substr(15)) == std::string::npos);
    struct stat facts{};
    REQUIRE(::stat(entry.path().c_str(), &facts) == 0);
    if (entry.path().filename() == "access.pepper") CHECK((facts.st_mode & 0777) == 0600);
  }
}

TEST_CASE("gate: a pepper that others may read is not used", "[auth][gate]") {
  Rig rig;
  const std::string key = rig.key(Scope::admin);
  ::chmod((rig.folder / "access.pepper").c_str(), 0644);
  Gatekeeper gate(rig.settings());
  CHECK(answer_to(gate, key, rig.now) == Identity::Answer::unavailable);
}

TEST_CASE("gate: a store that cannot be read refuses, it does not open (HARD2)", "[auth][gate][HARD2]") {
  Rig rig;
  const std::string key = rig.key(Scope::read);
  std::ofstream(rig.file(), std::ios::trunc) << "this is no database";
  GateSettings settings = rig.settings();
  settings.reads_open = true;
  Gatekeeper gate(std::move(settings));
  CHECK(answer_to(gate, key, rig.now) == Identity::Answer::unavailable);
}

TEST_CASE("gate: wrong keys are limited by address, right ones never (N5)", "[auth][gate][N5]") {
  Rig rig;
  const std::string key = rig.key(Scope::read);
  const std::string wrong = std::string(make_key().text.reveal());
  Gatekeeper gate(rig.settings());
  for (int i = 0; i < 5; ++i) CHECK(answer_to(gate, wrong, rig.now) == Identity::Answer::unknown);
  CHECK(answer_to(gate, wrong, rig.now) == Identity::Answer::too_often);
  CHECK(answer_to(gate, key, rig.now) == Identity::Answer::known);
  CHECK(answer_to(gate, wrong, rig.now, "2.2.2.2") == Identity::Answer::unknown);
  CHECK(gate.identify({wrong, {}, true, 1000, ""}, rig.now).principal.kind == Principal::Kind::local);
}

TEST_CASE("gate: bootstrap keys have their scope, and open reads do not excuse a wrong one", "[auth][gate]") {
  Rig rig;
  GateSettings settings = rig.settings();
  const std::string admin = random_token(32), read = random_token(32);
  settings.admin_key = Secret(admin);
  settings.read_key = Secret(read);
  settings.reads_open = true;
  Gatekeeper gate(std::move(settings));
  CHECK(gate.identify({admin, {}, false, 0, ""}, rig.now).principal.scope == Scope::admin);
  CHECK(gate.identify({read, {}, false, 0, ""}, rig.now).principal.scope == Scope::read);
  CHECK(answer_to(gate, admin + "x", rig.now) == Identity::Answer::unknown);
  CHECK(gate.identify({{}, {}, false, 0, ""}, rig.now).principal.kind == Principal::Kind::anonymous);
  Gatekeeper bare(GateSettings{});
  CHECK(answer_to(bare, "", rig.now) == Identity::Answer::known);
  CHECK(bare.identify({{}, {}, false, 0, ""}, rig.now).principal.scope == Scope::none);
}

TEST_CASE("gate: a password opens a session, the sixth wrong one is refused with the right one too (N4)",
    "[auth][gate][N4]") {
  Rig rig;
  const auto record = make_password_record("seven green bottles");
  REQUIRE(record);
  REQUIRE(rig.store().set_password("admin", *record, "test", rig.now.wall));
  Gatekeeper gate(rig.settings());
  using Answer = Gatekeeper::Login::Answer;

  auto login = gate.log_in("admin", "seven green bottles", "1.1.1.1", rig.now);
  REQUIRE(login.answer == Answer::opened);
  const std::string cookie(login.cookie.reveal());
  const Identity who = gate.identify({{}, cookie, false, 0, ""}, rig.now);
  CHECK(who.principal.scope == Scope::admin);
  CHECK(who.csrf == login.csrf);
  CHECK(gate.log_in("root", "seven green bottles", "3.3.3.3", rig.now).answer == Answer::wrong);

  for (int i = 0; i < 5; ++i) CHECK(gate.log_in("admin", "wrong", "1.1.1.1", rig.now).answer == Answer::wrong);
  const auto sixth = gate.log_in("admin", "seven green bottles", "1.1.1.1", rig.now);
  CHECK(sixth.answer == Answer::too_often);
  CHECK(sixth.wait > Duration{minutes{14}});
  CHECK(gate.identify({{}, cookie, false, 0, ""}, rig.now).answer == Identity::Answer::known);

  const auto other = make_password_record("eight green bottles");
  REQUIRE(rig.store().set_password("admin", *other, "test", rig.now.wall));
  rig.pass(seconds{1});
  CHECK(gate.identify({{}, cookie, false, 0, ""}, rig.now).answer == Identity::Answer::unknown);
}

TEST_CASE("gate: a ticket is bound to its origin and to a session that lives (N23, N25)", "[auth][gate][N25]") {
  Rig rig;
  GateSettings settings;
  settings.password_record = *make_password_record("seven green bottles");
  Gatekeeper gate(std::move(settings));
  auto login = gate.log_in("admin", "seven green bottles", "1.1.1.1", rig.now);
  const Principal who = login.principal;

  CHECK_FALSE(gate.take_ticket(gate.issue_ticket(who, "http://a", rig.now), "http://b", rig.now));
  const std::string ticket = gate.issue_ticket(who, "http://a", rig.now);
  CHECK(gate.take_ticket(ticket, "http://a", rig.now));
  CHECK_FALSE(gate.take_ticket(ticket, "http://a", rig.now));
  const std::string late = gate.issue_ticket(who, "http://a", rig.now);
  gate.log_out(login.cookie.reveal(), rig.now);
  CHECK_FALSE(gate.take_ticket(late, "http://a", rig.now));
  CHECK_FALSE(gate.is_live(who, rig.now));
}

TEST_CASE("gate: the trail of keys and log-ins is a chain without secrets", "[auth][gate]") {
  Rig rig;
  const std::string key = rig.key(Scope::control);
  REQUIRE(rig.store().revoke(key.substr(4, 10), "local:1000", rig.now.wall));
  auto trail = open_reader(rig.file(), Profile::access);
  REQUIRE(trail);
  const auto rows = audit_rows(*trail, TenantId{}, newest(10));
  REQUIRE(rows);
  REQUIRE(rows->size() == 2);
  CHECK((*rows)[0].action == "key_revoked");
  CHECK((*rows)[0].actor == "local:1000");
  CHECK((*rows)[1].action == "key_created");
  auto database = open_reader(rig.file(), Profile::access);
  REQUIRE(database);
  CHECK(check_audit(*database));
}
