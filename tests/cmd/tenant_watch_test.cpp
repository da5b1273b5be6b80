// Whether a tenant may trade, by its row in access.db, over changes of the row and of time.
#include "cmd/tenant_watch.h"

#include <catch2/catch.hpp>

#include "tests/support/process.h"

using namespace aitrade;
using namespace aitrade::cli;
using namespace aitrade::test;

namespace {

const Time noon = Time::from_seconds(1'700'000'000);
const TenantId acme{"acme"};

struct Watched {
  TempFolder folder;
  AccessStore access{folder / "access.db"};
  TenantWatch watch{folder / "access.db", hours{72}};

  Watched() { REQUIRE(TenantStore(access).add(acme, "Acme Ltd", "free", "test", noon)); }

  /// Gives it a status at noon, and says why it may not trade at a moment.
  std::string why(const std::string& status, Time now = noon) {
    TenantStore::Change change;
    change.status = status;
    REQUIRE(TenantStore(access).change(acme, change, "test", noon));
    REQUIRE(watch.look());
    return watch.why_held(acme, now);
  }
};

}  // namespace

TEST_CASE("tenant watch: who pays trades, who does not enters nothing, the owner always may", "[cmd][tenants][billing]") {
  Watched tenants;
  for (const char* status : {"suspended", "canceled", "incomplete"}) {
    INFO(status);
    CHECK(tenants.why(status) == std::string("the tenant is ") + status);
    CHECK(tenants.why("active").empty());   // and back
  }
  CHECK(tenants.why("trialing").empty());
  CHECK(tenants.watch.why_held(TenantId{}, noon).empty());
}

TEST_CASE("tenant watch: past due goes on for the days of grace, without anybody changing a row", "[cmd][tenants][billing]") {
  Watched tenants;
  CHECK(tenants.why("past_due").empty());
  CHECK(tenants.watch.why_held(acme, noon + hours{72} - seconds{1}).empty());
  CHECK(tenants.watch.why_held(acme, noon + hours{72}) == "the tenant is past due, and the days of grace are over");
}

TEST_CASE("tenant watch: who was never read may not enter; what cannot be read leaves what was known",
          "[cmd][tenants][billing]") {
  Watched tenants;
  CHECK_FALSE(tenants.watch.why_held(acme, noon).empty());   // not looked yet
  CHECK(tenants.why("active").empty());
  CHECK_FALSE(tenants.watch.why_held(TenantId{"nobody"}, noon).empty());
  tenants.folder.write("access.db", "no database at all, by no means, but long enough to be taken for one");
  CHECK_FALSE(tenants.watch.look());
  CHECK(tenants.watch.why_held(acme, noon).empty());
}
