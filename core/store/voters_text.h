// Who voted for a trade, as one text of the ledger: "keltner:0.6,trend:0.4".
#pragma once

#include "core/domain/trade_result.h"
#include "core/store/names.h"

#include <string>
#include <string_view>

namespace aitrade {

/// Returns names and shares with shortest round-trip decimals; empty without voters.
std::string to_text(const Voters& voters, const StoreNames& names);

/// Reads that text again. A strategy that is not in the catalog any more is left out; text that is none of
/// ours gives no voters.
Voters parse_voters(std::string_view text, const StoreNames& names);

}  // namespace aitrade
