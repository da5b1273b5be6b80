// Finding function bodies in C++ text without a compiler.
//
// Works on code with comments and strings blanked. Braces are classified by the text before them:
// a namespace or a type opens a scope, something with a parameter list in a scope opens a function,
// everything inside a function belongs to it. Good enough for our own formatted sources.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace aitrade::tidy {

/// One function body: where it begins and ends, lines counted from 0.
struct FunctionSpan {
  std::string name;
  std::size_t first_line{0};  // the line of its name
  std::size_t last_line{0};   // the line of the closing brace
};

/// Returns the functions of `code`, which is the output of `code_only`.
std::vector<FunctionSpan> find_functions(std::string_view code);

}  // namespace aitrade::tidy
