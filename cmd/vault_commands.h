// The parts of `aitrade vault`, one file each; vault.cpp puts them under one name.
#pragma once

namespace CLI {
class App;
}

namespace aitrade::cli {

class CommandList;

void add_vault_entries(CommandList& commands, CLI::App& vault);   // set, get, list, rm
void add_vault_transfer(CommandList& commands, CLI::App& vault);  // import-env, export
void add_vault_check(CommandList& commands, CLI::App& vault);     // check

}  // namespace aitrade::cli
