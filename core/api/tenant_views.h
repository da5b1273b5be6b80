// The pictures of the engines, for those whose engines they are.
//
// Whoever looks says for which tenant: there is no other way to a view, so no handler can forget it. A tenant
// without an engine gets an empty picture, which says nothing of those that run.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/ids.h"
#include "core/runtime/view.h"

namespace aitrade {

/// Whose engine it is, and where its picture is published.
struct EngineSeat {
  TenantId tenant;
  std::string account{"default"}, exchange{"kraken"};
  const ViewBoard* board{nullptr};   // borrowed; must outlive the views
};

class TenantViews {
 public:
  static constexpr std::size_t no_seat = static_cast<std::size_t>(-1);

  /// One engine. `board` is borrowed and must outlive this; `owner` is whom the engine trades for.
  TenantViews(const ViewBoard& board, TenantId owner = {})   // NOLINT: a board is the views of its owner
      : TenantViews({EngineSeat{std::move(owner), "default", "kraken", &board}}) {}

  /// At least one engine; the accounts of a tenant in the order in which it sees them.
  explicit TenantViews(std::vector<EngineSeat> seats)
      : seats_(std::move(seats)), empty_(std::make_shared<const EngineView>(without_engine())) {}

  /// Returns the number of a tenant's engine: of that account, or its first; no_seat when there is none.
  [[nodiscard]] std::size_t find(const TenantId& tenant, std::string_view account = {}) const {
    for (std::size_t i = 0; i < seats_.size(); ++i) {
      if (seats_[i].tenant == tenant && (account.empty() || seats_[i].account == account)) return i;
    }
    return no_seat;
  }

  /// Returns the picture of an engine by its number; an empty one of no_seat.
  [[nodiscard]] std::shared_ptr<const EngineView> read(std::size_t seat) const {
    return seat < seats_.size() ? seats_[seat].board->read() : empty_;
  }

  [[nodiscard]] std::shared_ptr<const EngineView> read(const TenantId& tenant) const { return read(find(tenant)); }

  [[nodiscard]] bool is_owner(const TenantId& tenant) const { return find(tenant) != no_seat; }

  [[nodiscard]] const std::vector<EngineSeat>& seats() const { return seats_; }

 private:
  static EngineView without_engine() {
    EngineView view;
    view.state = "no_engine";
    view.mode = "none";
    return view;
  }

  std::vector<EngineSeat> seats_;
  std::shared_ptr<const EngineView> empty_;
};

}  // namespace aitrade
