// What stands against a start, as far as it can be seen on this machine: one list for `doctor` and for `run --live`.
//
// Source: operations.md 9.6. A check names what it looked at, how it came out, what was seen and what to do. Nothing
// here asks the network; doctor.cpp adds what the exchange says.
#pragma once

#include <string>
#include <vector>

#include "cmd/compose.h"

namespace aitrade::cli {

enum class Grade : std::uint8_t { ok, warn, fail };

std::string_view to_string(Grade grade);

struct Preflight {
  std::string name;     // "disk"
  Grade grade{Grade::ok};
  std::string detail;   // what was seen
  std::string remedy;   // what to do; empty when all is well
  bool is_for_entries{false};   // a failure keeps from entering, not from a start: what is held is looked after
};

/// Looks at configuration, folders, disk, ledger, latches, vault and SQLite. `is_live`: judged for real money.
std::vector<Preflight> preflight(const Settings& settings, bool is_live);

/// Returns the first check that forbids a start with real money, or nothing.
const Preflight* forbids_start(const std::vector<Preflight>& checks);

}  // namespace aitrade::cli
