// A venue outside and a journal that a test watches and breaks.
#pragma once

#include <string>
#include <vector>

#include "core/ports/journal.h"
#include "core/ports/notifier.h"
#include "core/ports/venue.h"

namespace aitrade::test {

/// Records what happened in what order: "append", "commit", "submit", ...
using Script = std::vector<std::string>;

class OutsideVenue final : public ExecutionVenue {
 public:
  explicit OutsideVenue(Script& script) : script_(script) {}

  void submit(const Order& order, Time) override {
    script_.emplace_back("submit");
    submitted.push_back(order);
  }

  void cancel(const CancelOrder&, Time) override { script_.emplace_back("cancel"); }

  void replace(const ReplaceOrder&, Time) override { script_.emplace_back("replace"); }

  [[nodiscard]] bool answers_in_turn() const override { return false; }

  bool observe(const Event&) override {
    script_.emplace_back("observe");
    return true;
  }

  bool next_outcome(Event&) override { return false; }

  std::vector<Order> submitted;

 private:
  Script& script_;
};

class WatchedJournal final : public Journal {
 public:
  explicit WatchedJournal(Script& script) : script_(script) {}

  Status append(const Event& event, const ActionList& actions) override {
    if (append_fails) return fail(ErrorCode::full, "no room for another event");
    script_.emplace_back("append");
    events.push_back(event);
    orders += actions.has_orders() ? 1 : 0;
    return ok();
  }

  Status commit(bool durable) override {
    if (commit_fails) return fail(commit_error, "no space left");
    script_.emplace_back(durable ? "commit to disk" : "commit");
    return ok();
  }

  bool append_fails{false};
  bool commit_fails{false};
  ErrorCode commit_error{ErrorCode::full};
  std::vector<Event> events;
  int orders{0};   // events with orders among their actions

 private:
  Script& script_;
};

class KeptNotices final : public Notifier {
 public:
  void notify(const Notify& notice) override { notices.push_back(notice); }

  std::vector<Notify> notices;
};

}  // namespace aitrade::test
