#include "core/net/transport.h"

namespace aitrade {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_name(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

}  // namespace

std::string_view header_value(const std::vector<HttpHeader>& headers, std::string_view name) {
  for (const HttpHeader& header : headers) {
    if (same_name(header.name, name)) return header.value;
  }
  return {};
}

std::string_view to_string(TransportFact fact) {
  switch (fact) {
    case TransportFact::not_sent: return "not_sent";
    case TransportFact::sent_no_reply: return "sent_no_reply";
    case TransportFact::reply: return "reply";
    case TransportFact::reply_partial: return "reply_partial";
  }
  return "unknown";
}

Error unreached(Error error) {
  if (error.code == ErrorCode::rejected) error.code = ErrorCode::network;
  return error;
}

}  // namespace aitrade
