// The house rules that a program can check, each as a function from one file to findings.
//
// Style.md 13 "Tidy" and architecture.md 15: who may include whom, what the pure folders may not
// call, how long files and functions may be, what may not be in the tree at all. A finding names
// the place, what is wrong and the remedy. A line that ends in `tidy: reason` (in any comment) is
// exempt from the rules about lines. The functions see text only, so planted violations test them.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace aitrade::tidy {

/// One file of the tree: its path from the repository root and its bytes.
struct SourceFile {
  std::string path;
  std::string text;
};

/// "core/net/url.h:12: what is wrong; remedy".
using Findings = std::vector<std::string>;

/// Reads every file of the tree that people write; build folders and fetched modules are skipped.
std::vector<SourceFile> read_tree(const std::string& root);

/// Returns code with comments, strings and character literals blanked; line breaks stay.
std::string code_only(std::string_view text);

/// Include lines against the table of who may include whom; third-party headers in pure folders.
Findings check_includes(const SourceFile& file);

/// Headers that include a third-party header are private: only .cpp files of their folder use them.
Findings check_private_headers(const std::vector<SourceFile>& files);

/// Clocks, threads, I/O, random devices and environment in the pure folders.
Findings check_banned_calls(const SourceFile& file);

/// Iteration over unordered containers in the pure folders. `names` are the variables declared as
/// such in this file and in its header (see `unordered_names`).
Findings check_unordered_iteration(const SourceFile& file, const std::set<std::string>& names);

/// Variables declared with an unordered container type.
std::set<std::string> unordered_names(const SourceFile& file);

/// Files over 700 lines, functions over 70.
Findings check_lengths(const SourceFile& file);

/// Headers: a file comment, then `#pragma once`.
Findings check_header_comment(const SourceFile& file);

/// Words that may not land: notes to self, paths of a build machine.
Findings check_words(const SourceFile& file);

/// The dashboard: no markup from strings, no inline script, style or handler, no other host.
Findings check_dashboard(const SourceFile& file);

/// SQL put together from strings where a bound parameter belongs.
Findings check_sql(const SourceFile& file);

/// The tables of the schemas whose rows belong to a tenant.
std::set<std::string> tenant_tables(const std::vector<SourceFile>& files);

/// Statements on such a table that do not name the tenant, unless a comment says why: `every tenant: reason`.
Findings check_tenant_sql(const SourceFile& file, const std::set<std::string>& tables);

}  // namespace aitrade::tidy
