// Pause, resume, close-all and kill over HTTP: the body is checked, the command handed over, its effect told.
#pragma once

#include "core/api/api.h"

namespace aitrade {

/// Runs one operator command for a request whose access has been settled.
///
/// The body is empty or a JSON object with `reason` (at most 500 bytes), for close_all and halt `confirm` with
/// the words "CLOSE ALL" and "KILL" (security.md 2.7), for resume `clear_halt`. Unknown fields are refused.
/// A halt is the end of the process: pause, close all, halt (operations.md 8.6); whoever runs the engine ends it.
Response run_control(OperatorAction action, const Request& request, const ApiContext& context);

}  // namespace aitrade
