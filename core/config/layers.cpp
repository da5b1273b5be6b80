#include "core/config/layers.h"

#include "core/config/toml_file.h"

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <system_error>

namespace aitrade {

namespace {

constexpr std::size_t largest_file = 4U << 20U;  // bytes; a configuration is a few thousand

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return text;
}

/// One variable that sets a key.
struct Variable {
  std::string name;
  std::string text;
};

bool is_blank(const std::string& text) {
  return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

std::string trimmed(const std::string& text) {
  const auto begin = text.find_first_not_of(" \t");
  return begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

std::string masked(const Key& key, const std::string& shown) {
  return key.secret ? "***" : shown;
}

/// Says whether two texts mean the same for a key ("1" and "true" do).
bool same_meaning(const Key& key, const Variable& a, const Variable& b) {
  if (a.text == b.text) return true;
  Config first, second;
  const ValueRef one = key.in(first);
  const ValueRef two = key.in(second);
  if (assign(one, from_words(one, a.text, {}), key.bounds)) return false;
  if (assign(two, from_words(two, b.text, {}), key.bounds)) return false;
  return render(one) == render(two);
}

}  // namespace

void Layers::complain(const Place& place, std::string key, std::string value, std::string what) {
  problems_.push_back({Severity::error, place, std::move(key), std::move(value), std::move(what)});
}

void Layers::complain_unknown(const Place& place, const std::string& name,
                              const std::string& value) {
  const std::string top = name.substr(0, name.find('.'));
  if (is_reserved_section(top)) {
    return complain(place, name, value, "[" + top + "] is not available in this version");
  }
  std::string what = "unknown key";
  if (const std::string near = table_.nearest(name); !near.empty()) {
    what += "; did you mean '" + near + "'?";
  }
  complain(place, name, value, std::move(what));
}

void Layers::walk(const RawValue& table, const std::string& prefix, Layer layer) {
  for (const auto& [name, value] : table.entries) {
    if (name.starts_with("x-")) continue;  // the user's own notes
    const std::string path = prefix.empty() ? name : prefix + "." + name;
    if (const Key* key = table_.find(path)) {
      assignments_.push_back({key, value, layer});
    } else if (value.kind == RawValue::Kind::table && table_.is_section(path)) {
      walk(value, path, layer);
    } else if (table_.is_section(path)) {
      complain(value.key_place, path, value.shown(), "must be a table");
    } else {
      complain_unknown(value.key_place, path,
                       value.kind == RawValue::Kind::table ? "" : value.shown());
    }
  }
}

void Layers::add_text(std::string_view text, const std::string& name, Layer layer) {
  files_.push_back(name);
  const TomlTree tree = parse_toml(text, name);
  if (tree.fault) return complain(tree.fault->place, "", "", tree.fault->what);
  walk(tree.root, "", layer);
}

void Layers::add_file(const std::filesystem::path& file, Layer layer, bool required) {
  if (file.empty()) return;
  std::error_code error;
  const std::string name = file.string();
  const auto status = std::filesystem::status(file, error);
  if (status.type() == std::filesystem::file_type::not_found) {
    if (required) complain({name, 0, 0}, "", "", "no such file");
    return;
  }
  if (std::filesystem::is_directory(status)) {
    return complain({name, 0, 0}, "", "", "is a directory");
  }
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  std::string buffer(65536, '\0');
  std::size_t size = 0;
  while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || in.gcount() > 0) {
    size += static_cast<std::size_t>(in.gcount());
    if (size > largest_file) return complain({name, 0, 0}, "", "", "is larger than 4 MiB");
    text.write(buffer.data(), in.gcount());
  }
  if (!in.eof()) return complain({name, 0, 0}, "", "", "cannot be read");
  add_text(text.str(), name, layer);
}

std::string Layers::account(const EnvironmentMap& environment) const {
  std::string account = "default";
  const auto consider = [&](Layer low, Layer high) {
    for (const Assignment& a : assignments_) {
      const bool text = a.value.kind == RawValue::Kind::text;
      if (text && a.key->name == "app.account_id" && a.layer >= low && a.layer <= high) {
        account = a.value.text;
      }
    }
  };
  consider(Layer::defaults, Layer::overlay);
  for (const char* name : {"ACCOUNT_ID", "AITRADE__APP__ACCOUNT_ID"}) {
    const auto found = environment.find(name);
    if (found != environment.end() && !is_blank(found->second)) account = found->second;
  }
  consider(Layer::command_line, Layer::command_line);
  return account;
}

void Layers::add_variable(const Key& key, const EnvironmentMap& environment,
                          const std::string& account) {
  std::vector<Variable> set;
  const auto look_at = [&](const std::string& name) {
    const auto found = environment.find(name);
    if (found == environment.end() || is_blank(found->second)) return false;
    set.push_back({name, found->second});
    return true;
  };
  look_at(key.variable());
  for (const std::string& alias : key.aliases) {
    const bool own =
        key.per_account && account != "default" && look_at(upper(account) + "_" + alias);
    const bool any = own || look_at(alias);
    if (any && key.first_alias_wins) break;
  }
  if (set.empty()) return;
  for (std::size_t i = 1; i < set.size(); ++i) {
    if (same_meaning(key, set[0], set[i])) continue;
    return complain({"environment " + set[i].name, 0, 0}, key.name,
                    masked(key, toml_text(set[i].text)),
                    "differs from " + set[0].name + " = " + masked(key, toml_text(set[0].text)) +
                        "; unset one of them");
  }
  const Place place{"environment " + set[0].name, 0, 0};
  assignments_.push_back(
      {&key, from_words(key.in(shape_), set[0].text, place), Layer::environment});
}

void Layers::refuse_unknown_variables(const EnvironmentMap& environment) {
  std::set<std::string> known;
  for (const Key& key : table_.all())
    known.insert(key.variable());
  for (const auto& [name, text] : environment) {
    if (!name.starts_with("AITRADE__") || is_blank(text) || known.contains(name)) continue;
    std::string path;  // AITRADE__RISK__MAX_X back to risk.max_x
    for (std::size_t i = 9; i < name.size(); ++i) {
      if (name.compare(i, 2, "__") == 0) {
        path += '.';
        ++i;
      } else {
        path += name[i] >= 'A' && name[i] <= 'Z' ? static_cast<char>(name[i] - 'A' + 'a') : name[i];
      }
    }
    complain_unknown({"environment " + name, 0, 0}, path, "");
  }
}

void Layers::add_environment(const EnvironmentMap& environment) {
  const std::string own = account(environment);
  for (const Key& key : table_.all())
    add_variable(key, environment, own);
  refuse_unknown_variables(environment);
}

void Layers::add_overrides(const std::vector<std::string>& overrides) {
  for (const std::string& text : overrides) {
    const Place place{"command line", 0, 0};
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      complain(place, "--set " + text, "", "must be written section.key=value");
      continue;
    }
    const std::string name = trimmed(text.substr(0, equals));  // a line of a file has blanks around it
    const std::string value = trimmed(text.substr(equals + 1));
    const Key* key = table_.find(name);
    if (key == nullptr) {
      complain_unknown(place, name, value);
      continue;
    }
    assignments_.push_back({key, from_words(key->in(shape_), value, place), Layer::command_line});
  }
}

}  // namespace aitrade
