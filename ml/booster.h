// A booster of the library: RAII over the XGBoost C interface. For ml/boosting.cpp and ml/xgboost_model.cpp only.
#pragma once

#include <string>

#include <xgboost/c_api.h>

#include "core/base/result.h"

namespace aitrade::ml {

/// Returns what the library says of its last failure.
inline Error library_error(const char* doing) {
  return Error{ErrorCode::unsupported, std::string("xgboost: ") + doing + ": " + XGBGetLastError()};
}

class Booster {
 public:
  Booster() = default;
  Booster(const Booster&) = delete;
  Booster& operator=(const Booster&) = delete;

  ~Booster() {
    if (handle != nullptr) XGBoosterFree(handle);
  }

  BoosterHandle handle{nullptr};
};

}  // namespace aitrade::ml
