// Runs the house rules over the whole tree.

#include "tests/tidy/rules.h"

#include <catch2/catch.hpp>

#include <map>
#include <string>

namespace {

using aitrade::tidy::Findings;
using aitrade::tidy::SourceFile;

const std::vector<SourceFile>& tree() {
  static const std::vector<SourceFile> files = aitrade::tidy::read_tree(AITRADE_SOURCE_DIR);
  return files;
}

std::string listed(Findings (*rule)(const SourceFile&)) {
  std::string text;
  for (const SourceFile& file : tree()) {
    for (const std::string& finding : rule(file))
      text += finding + '\n';
  }
  return text;
}

}  // namespace

TEST_CASE("tidy: the tree is found", "[tidy]") {
  REQUIRE(tree().size() > 50);
}

TEST_CASE("tidy: includes go downward only", "[tidy]") {
  CHECK(listed(aitrade::tidy::check_includes) == "");
}

TEST_CASE("tidy: third-party headers do not leak through headers", "[tidy]") {
  std::string text;
  for (const auto& finding : aitrade::tidy::check_private_headers(tree()))
    text += finding + '\n';

  CHECK(text == "");
}

TEST_CASE("tidy: pure folders have no clock, thread, randomness or I/O", "[tidy]") {
  CHECK(listed(aitrade::tidy::check_banned_calls) == "");
}

TEST_CASE("tidy: pure folders do not iterate unordered containers", "[tidy]") {
  std::map<std::string, std::set<std::string>> names;  // by path without its ending
  for (const SourceFile& file : tree()) {
    names[file.path.substr(0, file.path.rfind('.'))].merge(aitrade::tidy::unordered_names(file));
  }

  std::string text;
  for (const SourceFile& file : tree()) {
    const auto& declared = names[file.path.substr(0, file.path.rfind('.'))];
    for (const auto& finding : aitrade::tidy::check_unordered_iteration(file, declared)) {
      text += finding + '\n';
    }
  }

  CHECK(text == "");
}

TEST_CASE("tidy: files and functions are short", "[tidy]") {
  CHECK(listed(aitrade::tidy::check_lengths) == "");
}

TEST_CASE("tidy: headers say what they answer", "[tidy]") {
  CHECK(listed(aitrade::tidy::check_header_comment) == "");
}

TEST_CASE("tidy: no notes to self and no paths of a machine", "[tidy]") {
  CHECK(listed(aitrade::tidy::check_words) == "");
}

TEST_CASE("tidy: the dashboard has no inline code and no other host", "[tidy]") {
  CHECK(listed(aitrade::tidy::check_dashboard) == "");
}

TEST_CASE("tidy: SQL takes parameters", "[tidy]") {
  CHECK(listed(aitrade::tidy::check_sql) == "");
}

TEST_CASE("tidy: each statement on a tenant's table names the tenant [D1]", "[tidy][D1]") {
  const std::set<std::string> tables = aitrade::tidy::tenant_tables(tree());
  REQUIRE(tables.size() > 15);
  REQUIRE(tables.contains("trades"));
  REQUIRE(tables.contains("thought_log"));
  std::string text;
  for (const SourceFile& file : tree()) {
    for (const std::string& finding : aitrade::tidy::check_tenant_sql(file, tables)) text += finding + '\n';
  }
  CHECK(text == "");
}
