// What the commands print as JSON: every document with its keys, as data for `aitrade schema`.
//
// Keys are part of the contract (cli.md 8): additions are free, changes are not. The documents of
// `export` have their columns from core/store/exports.h instead, so that there is one list of them.
#pragma once

#include <span>
#include <string_view>

namespace aitrade::cli {

/// One key. `path` uses dots for objects, [] for the items of a list and []? where the list may be absent; `type` is
/// text, decimal, integer, number, boolean, object or any, with ? when it may be null or absent.
struct Field {
  std::string_view path;
  std::string_view type;
  std::string_view help;
};

/// A document: the NAME of aitrade.NAME/1, what prints it, its keys besides "schema".
struct Document {
  std::string_view name;
  std::string_view command;
  std::span<const Field> fields;
};

/// Returns all documents, by name.
std::span<const Document> json_documents();

}  // namespace aitrade::cli
