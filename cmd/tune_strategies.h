// `aitrade tune strategies`: what live trades say about the weights of strategies, in small steps.
//
// Real trades of the ledger judge those that are enabled; one that this command disabled is judged by the virtual trades
// it would have made since, on the candles that recorded runs saw. Changes go to the overlay, are logged with their
// reasons beside the promotions of `tune promote`, and --rollback puts back what stood there.
#pragma once

#include "cmd/cli.h"
#include "cmd/tune_promote.h"

namespace aitrade::cli {

/// Exit code 0 when something changes or would, 3 when nothing does; 4 when there is nothing to judge or to roll back.
Result<ExitCode> run_strategies(const PromoteOptions& options, Context& context);

}  // namespace aitrade::cli
