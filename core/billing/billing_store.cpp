#include "core/billing/billing_store.h"

#include <utility>

#include "core/store/database.h"

namespace aitrade {

Result<BillingStore::Kept> BillingStore::keep(const PaymentEvent& event, const std::string& body_hash, Time now) const {
  Kept kept = Kept::fresh;
  const auto insert_once = [&](Database& database) -> Status {
    AITRADE_TRY(Statement insert,
                database.prepare("INSERT INTO billing_events(id, type, created_ns, received_ns, body_sha256, named_tenant, "
                                 "customer_id, subscription_id, plan, is_paid, state) VALUES(?,?,?,?,?,?,?,?,?,?,?) "
                                 "ON CONFLICT(id) DO NOTHING"));
    AITRADE_TRY_STATUS(insert
                           .bind_all(event.id, event.type, event.created, now, body_hash, event.tenant, event.customer,
                                     event.subscription, event.plan, event.is_paid,
                                     event.is_known() ? "waiting" : "ignored")
                           .run());
    if (database.changes() == 1) return ok();
    // every tenant: events are found by their unique ids
    AITRADE_TRY(Statement known, database.prepare("SELECT body_sha256 FROM billing_events WHERE id = ?"));
    AITRADE_TRY(const bool has_row, known.bind_all(event.id).step());
    kept = has_row && known.text(0) == body_hash ? Kept::duplicate : Kept::other_body;
    return ok();
  };
  AITRADE_TRY_STATUS(access_.change(now, insert_once));
  return kept;
}

Result<std::vector<PaymentEvent>> BillingStore::waiting() const {
  std::vector<PaymentEvent> events;
  AITRADE_TRY(std::optional<Database> database, access_.reader());
  if (!database) return events;
  // every tenant: the worker serves all
  AITRADE_TRY(Statement select, database->prepare("SELECT id, type, created_ns, named_tenant, customer_id, subscription_id, "
                                                  "plan, is_paid FROM billing_events WHERE state = 'waiting' "
                                                  "ORDER BY received_ns, id LIMIT 100"));
  for (;;) {
    AITRADE_TRY(const bool has_row, select.step());
    if (!has_row) return events;
    PaymentEvent event;
    event.id = select.text(0);
    event.type = select.text(1);
    event.created = select.time(2);
    event.tenant = select.text(3);
    event.customer = select.text(4);
    event.subscription = select.text(5);
    event.plan = select.text(6);
    event.is_paid = select.integer(7) != 0;
    events.push_back(std::move(event));
  }
}

Status BillingStore::finish(const std::string& id, const char* state, const std::string& detail, Time now) const {
  return access_.change(now, [&](Database& database) -> Status {
    // every tenant: events are found by their unique ids
    AITRADE_TRY(Statement update, database.prepare("UPDATE billing_events SET state = ?2, detail = ?3 WHERE id = ?1"));
    return update.bind_all(id, state, detail).run();
  });
}

Result<std::optional<BillingAccount>> BillingStore::find(const char* sql, const std::string& value) const {
  if (value.empty()) return std::optional<BillingAccount>();
  AITRADE_TRY(std::optional<Database> database, access_.reader());
  if (!database) return std::optional<BillingAccount>();
  AITRADE_TRY(Statement select, database->prepare(sql));
  AITRADE_TRY(const bool has_row, select.bind_all(value).step());
  if (!has_row) return std::optional<BillingAccount>();
  return std::optional(BillingAccount{TenantId{std::string(select.text(0))}, std::string(select.text(1)),
                                      std::string(select.text(2))});
}

Result<std::optional<BillingAccount>> BillingStore::of_tenant(const TenantId& tenant) const {
  return find("SELECT tenant_id, coalesce(customer_id, ''), coalesce(subscription_id, '') FROM billing_accounts "
              "WHERE tenant_id = ?", tenant.name);
}

Result<std::optional<BillingAccount>> BillingStore::of_subscription(const std::string& id) const {
  return find("SELECT tenant_id, coalesce(customer_id, ''), coalesce(subscription_id, '') FROM billing_accounts "
              "WHERE subscription_id = ?", id);   // every tenant: whose it is, is the question
}

Result<std::optional<BillingAccount>> BillingStore::of_customer(const std::string& id) const {
  return find("SELECT tenant_id, coalesce(customer_id, ''), coalesce(subscription_id, '') FROM billing_accounts "
              "WHERE customer_id = ?", id);   // every tenant: whose it is, is the question
}

Status BillingStore::put(const BillingAccount& account, Time now) const {
  for (const auto& found : {of_customer(account.customer), of_subscription(account.subscription)}) {
    if (!found) return Error(found.error());
    if (*found && (*found)->tenant != account.tenant) return fail(ErrorCode::rejected, "another tenant pays with this");
  }
  return access_.change(now, [&](Database& database) -> Status {
    AITRADE_TRY(Statement upsert,
                database.prepare("INSERT INTO billing_accounts(tenant_id, customer_id, subscription_id, updated_ns) "
                                 "VALUES(?1, nullif(?2, ''), nullif(?3, ''), ?4) ON CONFLICT(tenant_id) DO UPDATE SET "
                                 "customer_id = coalesce(excluded.customer_id, customer_id), "
                                 "subscription_id = coalesce(excluded.subscription_id, subscription_id), "
                                 "updated_ns = excluded.updated_ns"));
    return upsert.bind_all(account.tenant.name, account.customer, account.subscription, now).run();
  });
}

}  // namespace aitrade
