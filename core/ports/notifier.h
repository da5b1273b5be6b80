// Where messages for people go.
#pragma once

#include "core/domain/action.h"

namespace aitrade {

class Notifier {
 public:
  virtual ~Notifier() = default;

  /// Hands over a message; never blocks, never fails the caller.
  virtual void notify(const Notify& notice) = 0;
};

class SilentNotifier final : public Notifier {
 public:
  void notify(const Notify&) override {}
};

}  // namespace aitrade
