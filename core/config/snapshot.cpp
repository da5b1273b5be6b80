#include "core/config/snapshot.h"

#include "core/config/rules.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace aitrade {

std::vector<Change> changes_between(const Config& before, const Config& after,
                                    const KeyTable& table) {
  Config old_values = before;  // rows hand out mutable places
  Config new_values = after;
  std::vector<Change> changes;
  for (const Key& key : table.all()) {
    std::string was = render(key.in(old_values));
    std::string is = render(key.in(new_values));
    if (was == is) continue;
    if (key.secret) was = is = "***";
    changes.push_back({key.name, std::move(was), std::move(is), key.reload});
  }
  return changes;
}

std::vector<Change> ReloadReport::pending_restart() const {
  std::vector<Change> waiting;
  std::copy_if(changes.begin(), changes.end(), std::back_inserter(waiting),
               [](const Change& change) { return change.reload == Reload::restart; });
  return waiting;
}

ConfigHolder::ConfigHolder(Loader loader, std::span<const StrategyKeys> catalog)
    : loader_(std::move(loader)), table_(catalog), first_(loader_()) {
  current_ = first_.config;
  loads_ = 1;
}

std::shared_ptr<const Config> ConfigHolder::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

int ConfigHolder::loads() const {
  const std::lock_guard lock(mutex_);
  return loads_;
}

ReloadReport ConfigHolder::reload() {
  const std::lock_guard one_at_a_time(reload_mutex_);
  LoadReport loaded = loader_();
  const std::shared_ptr<const Config> running = current();
  {
    const std::lock_guard lock(mutex_);
    ++loads_;
  }
  ReloadReport report;
  report.problems = std::move(loaded.problems);
  if (!loaded.config || !running) return report;
  report.changes = changes_between(*running, *loaded.config, table_);
  Config merged = *loaded.config;
  Config kept = *running;
  for (const Change& change : report.changes) {
    if (change.reload != Reload::restart) continue;
    const Key* key = table_.find(change.key);
    copy_value(key->in(kept), key->in(merged));
  }
  // A key that waits for a restart may contradict one that does not: then nothing is applied.
  for (const RuleFault& fault : broken_rules(merged, table_, {})) {
    report.problems.push_back({Severity::error, loaded.origin_of(fault.key).place, fault.key, "",
                               fault.what + " (with the values that only a restart changes)"});
  }
  const bool broken = std::any_of(report.problems.begin(), report.problems.end(),
                                  [](const auto& p) { return p.severity == Severity::error; });
  if (broken) return report;
  auto next = std::make_shared<const Config>(std::move(merged));
  {
    const std::lock_guard lock(mutex_);
    current_ = std::move(next);
  }
  report.applied = true;
  return report;
}

}  // namespace aitrade
