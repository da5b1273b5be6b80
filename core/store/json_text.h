// The few JSON texts that rows carry: strings escaped, doubles shortest, NaN and infinity null.
#pragma once

#include "core/domain/signal.h"
#include "core/store/names.h"

#include <string>
#include <string_view>

namespace aitrade {

/// Appends a quoted, escaped string.
void append_json_string(std::string& out, std::string_view text);

/// Appends a number, or null when it is not finite.
void append_json_number(std::string& out, double value);

/// Returns the votes of an opinion as a JSON array.
std::string votes_json(const Opinion& opinion, const StoreNames& names);

/// Returns what a decision saw as a JSON object.
std::string decision_json(const Decision& decision, const StoreNames& names);

}  // namespace aitrade
