#include "core/auth/gatekeeper.h"

#include <algorithm>
#include <utility>

#include "core/auth/client_address.h"
#include "core/auth/password.h"
#include "core/vault/secret_bytes.h"

namespace aitrade {
namespace {

constexpr Duration refresh_every{milliseconds{500}};   // a key that is revoked ends within a second

}  // namespace

std::string Principal::actor() const {
  switch (kind) {
    case Kind::nobody: return "nobody";
    case Kind::anonymous: return "anonymous";
    case Kind::local: return "local:" + id;
    case Kind::bootstrap: return "bootstrap:" + id;
    case Kind::key: return "key:" + id;
    case Kind::session: return "session:" + id;
  }
  return "";
}

Gatekeeper::Gatekeeper(GateSettings settings)
    : settings_(std::move(settings)), tenant_keys_control_(settings_.tenant_keys_control), process_key_(random_bytes(32)), sessions_(settings_.sessions),
        guard_(settings_.guard) {
  if (settings_.access_db) store_.emplace(*settings_.access_db);
  absent_record_ = "scrypt$15$8$1$" + to_hex(random_bytes(16)) + "$" + to_hex(random_bytes(32));
}

bool Gatekeeper::is_bootstrap(std::string_view key, const Secret& expected) const {
  const bool is_equal = equal_digests(hmac_sha256(process_key_, key), hmac_sha256(process_key_, expected.reveal()));
  return is_equal && !expected.empty();
}

/// Reads keys and password again when that was a while ago. Call with the mutex held.
Status Gatekeeper::refresh(const Moment& now) {
  if (loaded_at_ && now.steady - *loaded_at_ < refresh_every) return ok();
  std::string record = settings_.password_record;
  if (store_) {
    AITRADE_TRY(std::vector<ApiKeyRow> rows, store_->keys());
    AITRADE_TRY(pepper_, store_->pepper());
    if (record.empty()) {
      AITRADE_TRY(const auto stored, store_->password(settings_.username));
      record = stored.value_or("");
    }
    AITRADE_TRY(std::vector<TenantRow> tenants, TenantStore(*store_).list());
    keys_.clear();
    tenants_.clear();
    for (ApiKeyRow& row : rows) keys_.emplace(row.id, std::move(row));
    for (TenantRow& row : tenants) tenants_.emplace(row.id.name, std::move(row));
  }
  if (record != record_) sessions_.close_unless(to_hex(view(sha256(record))));
  record_ = std::move(record);
  loaded_at_ = now.steady;
  return ok();
}

void Gatekeeper::reconfigure(bool tenant_keys_control, const SessionLimits& sessions) {
  tenant_keys_control_ = tenant_keys_control;
  const std::lock_guard lock(mutex_);
  sessions_.set_limits(sessions);
}

/// The owner of the engine always may. Call with the mutex held.
bool Gatekeeper::is_active(const TenantId& tenant, Time now) const {
  if (tenant == TenantId{}) return true;
  const auto found = tenants_.find(tenant.name);
  return found != tenants_.end() && found->second.is_active(now, settings_.past_due_grace);
}

/// Scope and tenant come from one decision (operations.md 4.2). A foreign tenant and one that there is not look alike.
void Gatekeeper::choose_tenant(Identity& identity, std::string_view wanted, const Moment& now) {
  using Kind = Principal::Kind;
  Principal& who = identity.principal;
  if (identity.answer != Identity::Answer::known || who.kind == Kind::nobody || who.kind == Kind::anonymous) return;
  if (!wanted.empty() && wanted != who.tenant.name) {
    const bool may_choose = who.scope == Scope::admin && who.tenant == TenantId{};
    const std::lock_guard lock(mutex_);
    if (!may_choose || (store_ && !refresh(now)) || !tenants_.contains(std::string(wanted))) {
      identity.answer = Identity::Answer::elsewhere;
      return;
    }
    who.tenant = TenantId{std::string(wanted)};
    return;
  }
  if (who.kind != Kind::key) return;
  const std::lock_guard lock(mutex_);
  if (!is_active(who.tenant, now.wall)) identity.answer = Identity::Answer::inactive;
}

Identity Gatekeeper::identify(const Claim& claim, const Moment& now, bool may_write) {
  Identity identity = identify_any(claim, now, may_write);
  choose_tenant(identity, claim.tenant, now);
  return identity;
}

Identity Gatekeeper::identify_any(const Claim& claim, const Moment& now, bool may_write) {
  using Kind = Principal::Kind;
  Identity identity;
  if (claim.is_local) {
    identity.principal = {Kind::local, std::to_string(claim.uid), {}, Scope::admin};
    return identity;
  }
  if (!claim.cookie.empty()) {   // also beside a key: such a request needs what a session's needs
    const std::lock_guard lock(mutex_);
    if (!refresh(now)) {
      identity.answer = Identity::Answer::unavailable;
      return identity;
    }
    const auto* session = sessions_.find(claim.cookie, now.steady);
    if (session == nullptr) {
      identity.answer = Identity::Answer::unknown;
      return identity;
    }
    identity.principal = session->principal;
    identity.csrf = session->csrf;
    return identity;
  }
  if (!claim.key.empty()) return identify_key(claim, now, may_write);
  if (settings_.reads_open) identity.principal = {Kind::anonymous, "", {}, Scope::read};
  return identity;
}

Identity Gatekeeper::identify_key(const Claim& claim, const Moment& now, bool may_write) {
  using Kind = Principal::Kind;
  Identity identity;
  const bool is_admin = is_bootstrap(claim.key, settings_.admin_key);
  const bool is_read = is_bootstrap(claim.key, settings_.read_key);
  if (is_admin || is_read) {
    identity.principal = {Kind::bootstrap, is_admin ? "admin" : "read", {}, is_admin ? Scope::admin : Scope::read};
    return identity;
  }
  const auto parts = parse_key(claim.key);
  std::unique_lock lock(mutex_);
  if (!refresh(now)) {
    identity.answer = Identity::Answer::unavailable;
    return identity;
  }
  const auto found = keys_.find(parts ? parts->id : std::string());
  const Digest mac = key_mac(pepper_.reveal(), parts ? parts->secret.reveal() : claim.key);
  const bool is_equal = equal_digests(mac, found == keys_.end() ? Digest{} : found->second.mac);
  if (found != keys_.end() && is_equal && found->second.is_live(now.wall)) {
    ApiKeyRow& row = found->second;
    // Whoever is not of the owner administers nothing, whatever an older binary wrote.
    const Scope scope = row.tenant == TenantId{} ? row.scope : std::min(row.scope, Scope::control);
    identity.principal = {Kind::key, row.id, row.tenant, scope};
    const bool is_news = !row.last_used || now.wall - *row.last_used >= Duration{hours{1}};
    if (!is_news || !may_write) return identity;
    row.last_used = now.wall;
    lock.unlock();
    static_cast<void>(store_->note_used({identity.principal.id}, now.wall));   // a note; the request is served
    return identity;
  }
  const std::string address = address_class(claim.address);
  if (const Duration wait = guard_.wait_of_address(address, now.steady); wait.count() > 0) {
    identity.answer = Identity::Answer::too_often;
    identity.wait = wait;
    return identity;
  }
  guard_.failed(address, now.steady);
  identity.answer = Identity::Answer::unknown;
  return identity;
}

void Gatekeeper::flag_shown(std::string_view key, std::string_view address, const Moment& now) {
  Claim claim;
  claim.key = key;
  claim.address = address;
  const Identity identity = identify_key(claim, now, false);
  if (identity.answer != Identity::Answer::known) return;
  const std::string actor = identity.principal.actor();
  {
    const std::lock_guard lock(mutex_);
    if (!shown_.insert(actor).second) return;
  }
  audit({identity.principal.tenant, actor, "key_in_url", identity.principal.id,
         "a URL is kept by browsers, proxies and logs: rotate this key"}, now);
}

Gatekeeper::Login Gatekeeper::log_in(std::string_view username, std::string_view password, std::string_view client,
                                     const Moment& now) {
  Login login;
  const std::string address = address_class(client);
  std::string record;
  {
    const std::lock_guard lock(mutex_);
    loaded_at_.reset();
    if (!refresh(now)) {
      login.answer = Login::Answer::unavailable;
      return login;
    }
    login.wait = guard_.wait(address, now.steady);
    if (login.wait.count() > 0 || is_checking_) {
      login.answer = login.wait.count() > 0 ? Login::Answer::too_often : Login::Answer::busy;
      return login;
    }
    is_checking_ = true;
    record = record_;
  }
  const bool is_known = !record.empty() && equal_secrets(username, settings_.username);
  const auto fits = fits_password(is_known ? record : absent_record_, password);
  {
    const std::lock_guard lock(mutex_);
    is_checking_ = false;
    if (!fits) {
      login.answer = Login::Answer::unavailable;
      return login;
    }
    if (*fits && is_known) {
      guard_.succeeded(address);
      auto opened = sessions_.open({Principal::Kind::session, "", {}, Scope::admin}, to_hex(view(sha256(record))),
          now.steady);
      login = {Login::Answer::opened, std::move(opened.cookie), std::move(opened.csrf), std::move(opened.principal),
          {}};
    } else {
      login.wait = guard_.failed(address, now.steady);
    }
  }
  const bool is_opened = login.answer == Login::Answer::opened;
  audit({{}, is_opened ? login.principal.actor() : "nobody", "login", address, "", is_opened ? "ok" : "refused"}, now);
  return login;
}

void Gatekeeper::log_out(std::string_view cookie, const Moment& now) {
  std::string actor;
  {
    const std::lock_guard lock(mutex_);
    if (const auto* session = sessions_.find(cookie, now.steady)) actor = session->principal.actor();
    sessions_.close(cookie);
  }
  if (!actor.empty()) audit({{}, actor, "logout", "", "", "ok"}, now);
}

std::string Gatekeeper::issue_ticket(const Principal& who, std::string_view origin, const Moment& now) {
  const std::lock_guard lock(mutex_);
  return sessions_.issue(who, std::string(origin), now.steady);
}

std::optional<Principal> Gatekeeper::take_ticket(std::string_view ticket, std::string_view origin, const Moment& now) {
  std::optional<SessionTable::Ticket> taken;
  {
    const std::lock_guard lock(mutex_);
    taken = sessions_.take(ticket, now.steady);
  }
  if (!taken || taken->origin != origin || !is_live(taken->principal, now)) return std::nullopt;
  return std::move(taken->principal);
}

bool Gatekeeper::is_live(const Principal& who, const Moment& now) {
  const std::lock_guard lock(mutex_);
  if (!refresh(now)) return false;
  switch (who.kind) {
    case Principal::Kind::nobody: return false;
    case Principal::Kind::anonymous: return settings_.reads_open;
    case Principal::Kind::local:
    case Principal::Kind::bootstrap: return true;
    case Principal::Kind::session: return sessions_.is_live(who.id, now.steady);
    case Principal::Kind::key: break;
  }
  const auto found = keys_.find(who.id);
  return found != keys_.end() && found->second.is_live(now.wall) && is_active(who.tenant, now.wall);
}

bool Gatekeeper::may_trade(const TenantId& tenant, const Moment& now) {
  const std::lock_guard lock(mutex_);
  if (!store_) return true;   // no store, no tenants
  return refresh(now) && is_active(tenant, now.wall);
}

bool Gatekeeper::has_password(const Moment& now) {
  const std::lock_guard lock(mutex_);
  return refresh(now) && !record_.empty();
}

Result<AccessStore*> Gatekeeper::store() {
  if (!store_) return fail(ErrorCode::not_found, "there is no store of keys");
  return &*store_;
}

void Gatekeeper::audit(const AccessEvent& event, const Moment& now) {
  // A trail that cannot be written must not keep anybody from closing positions.
  if (store_) static_cast<void>(store_->audit(event, now.wall));
}

}  // namespace aitrade
