// Lists of the books: from the ledger by keyset pages, or what the view remembers where there is no ledger.

#include <algorithm>
#include <utility>

#include "core/api/json.h"
#include "core/api/route.h"
#include "core/store/queries.h"
#include "core/store/schema.h"

namespace aitrade {

Response store_failure(const Error& error) {
  switch (error.code) {
    case ErrorCode::not_found: return error_response(404, "not_found", "there is no such thing");
    case ErrorCode::busy:
    case ErrorCode::timeout: return error_response(503, "busy", "the store is busy; try again");
    case ErrorCode::rejected: return error_response(409, "conflict", error.what);
    case ErrorCode::invalid:
    case ErrorCode::corrupt:
    case ErrorCode::io:
    case ErrorCode::full:
    case ErrorCode::network:
    case ErrorCode::unsupported: break;
  }
  return error_response(503, "unavailable", "the store cannot be read; the log of the daemon says why");
}

Response get_trades(const Call& call) {
  return json_response(trades_json(*call.view(), static_cast<std::size_t>(call.query.integer("limit"))));
}

Response get_decisions(const Call& call) {
  return json_response(decisions_json(*call.view(), static_cast<std::size_t>(call.query.integer("limit"))));
}

Response get_equity(const Call& call) {
  return json_response(equity_json(*call.view(), static_cast<std::size_t>(call.query.integer("limit"))));
}

}  // namespace aitrade
