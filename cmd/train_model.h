// What a training leaves behind, as the bundle that a gate can be made of.
#pragma once

#include "cmd/train_report.h"
#include "ml/bundle.h"

namespace aitrade::cli {

/// Returns the bundle of a training whose test part was opened.
ml::Bundle bundle_of(const TrainResult& result);

}  // namespace aitrade::cli
