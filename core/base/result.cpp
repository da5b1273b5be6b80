#include "core/base/result.h"

#include <cstdio>
#include <cstdlib>

namespace aitrade {

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid:
      return "invalid";
    case ErrorCode::not_found:
      return "not_found";
    case ErrorCode::corrupt:
      return "corrupt";
    case ErrorCode::io:
      return "io";
    case ErrorCode::full:
      return "full";
    case ErrorCode::network:
      return "network";
    case ErrorCode::timeout:
      return "timeout";
    case ErrorCode::rejected:
      return "rejected";
    case ErrorCode::busy:
      return "busy";
    case ErrorCode::unsupported:
      return "unsupported";
  }
  return "invalid";
}

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "aitrade: broken invariant: %s (%s:%d)\n", condition, file, line);  // tidy: last words
  std::abort();
}

}  // namespace aitrade
