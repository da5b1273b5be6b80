// A page that a command writes to a file: whole, or not at all.
#pragma once

#include <string>

#include "core/base/result.h"

namespace aitrade::cli {

/// Writes beside the target and moves it there. Errors: full, io
Status write_page(const std::string& path, const std::string& page);

}  // namespace aitrade::cli
