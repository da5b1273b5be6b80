// Files compiled into the binary: the dashboard, the database schema.
#pragma once

#include <cstddef>
#include <string_view>

namespace aitrade {

struct EmbeddedFile {
  const char* name;  // path below the embedded folder
  const unsigned char* bytes;
  std::size_t size;

  [[nodiscard]] std::string_view text() const {
    return {reinterpret_cast<const char*>(bytes), size};
  }
};

}  // namespace aitrade
