// Pause, resume, close-all and kill over HTTP: the body is checked, the command handed over, its effect told.
//
// The body is empty or a JSON object with `reason` (at most 500 bytes), for close_all and halt `confirm` with
// the words "CLOSE ALL" and "KILL" (security.md 2.7), for resume `clear_halt`. Unknown fields are refused.
// A command goes to every engine of the tenant it names, or to that of one account; `all_tenants` means each there is,
// and is the administrator's. The answer says what each made of it: `engines`, and `failed`.
// A halt is the end of the process: pause, close all, halt (operations.md 8.6); whoever runs the engine ends it.
// The handlers are declared in core/api/route.h.
#pragma once

#include "core/api/route.h"
