// The picture of the engine, for those whose engine it is.
//
// Whoever looks says for which tenant: there is no other way to a view, so no handler can forget it. A tenant
// without an engine gets an empty picture, which says nothing of the one that runs.
#pragma once

#include <memory>
#include <utility>

#include "core/base/ids.h"
#include "core/runtime/view.h"

namespace aitrade {

class TenantViews {
 public:
  /// `board` is borrowed and must outlive this; `owner` is whom the engine trades for.
  TenantViews(const ViewBoard& board, TenantId owner = {})   // NOLINT: a board is the views of its owner
      : board_(&board), owner_(std::move(owner)), empty_(std::make_shared<const EngineView>(without_engine())) {}

  [[nodiscard]] std::shared_ptr<const EngineView> read(const TenantId& tenant) const {
    return is_owner(tenant) ? board_->read() : empty_;
  }

  [[nodiscard]] bool is_owner(const TenantId& tenant) const { return tenant == owner_; }

  [[nodiscard]] const TenantId& owner() const { return owner_; }

 private:
  static EngineView without_engine() {
    EngineView view;
    view.state = "no_engine";
    view.mode = "none";
    return view;
  }

  const ViewBoard* board_;
  TenantId owner_;
  std::shared_ptr<const EngineView> empty_;
};

}  // namespace aitrade
