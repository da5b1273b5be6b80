// Pause, resume and close-all over HTTP: the body is checked, the command handed over, its effect told.
#pragma once

#include "core/api/api.h"

namespace aitrade {

/// Runs one operator command for a request whose access has been settled.
///
/// The body is empty or a JSON object with `reason` (at most 500 bytes) and, for close_all,
/// `confirm` with the words "CLOSE ALL" (security.md 2.7). Unknown fields are refused.
Response run_control(OperatorAction action, const Request& request, const ApiContext& context);

}  // namespace aitrade
