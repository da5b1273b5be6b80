#include "core/vault/env_file.h"

#include <algorithm>
#include <optional>

namespace aitrade {
namespace {

constexpr std::string_view blanks = " \t\r";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

char unescaped(char c) {
  return c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c;
}

/// Reads lines from the front of a text that it may overwrite behind itself.
class Reader {
 public:
  explicit Reader(std::span<unsigned char> bytes)
      : data_(reinterpret_cast<char*>(bytes.data())), size_(bytes.size()) {}

  [[nodiscard]] bool is_at_end() const { return at_ >= size_; }

  [[nodiscard]] int line() const { return line_; }

  /// Takes the next line, or its part up to and without '='; nothing when it is blank or a comment.
  std::optional<std::string_view> take_name() {
    const std::string_view rest(data_ + at_, size_ - at_);
    const std::string_view whole = rest.substr(0, rest.find('\n'));
    ++line_;
    const std::string_view text = trimmed(whole);
    const std::size_t equals = whole.find('=');
    if (text.empty() || text.front() == '#' || equals == std::string_view::npos) {
      at_ += whole.size() + 1;
      return text.empty() || text.front() == '#' ? std::nullopt : std::optional(std::string_view{});
    }
    at_ += equals + 1;
    std::string_view name = trimmed(whole.substr(0, equals));
    if (name.starts_with("export ")) name = trimmed(name.substr(7));
    return name;
  }

  /// Takes the value behind '=' with the end of its line. Nothing when quotes do not close.
  std::optional<std::string_view> take_value() {
    while (at_ < size_ && (data_[at_] == ' ' || data_[at_] == '\t')) ++at_;
    const char quote = at_ < size_ ? data_[at_] : '\n';
    if (quote != '"' && quote != '\'') return trimmed(take_line());
    const std::size_t begin = ++at_;
    std::size_t out = begin;
    while (at_ < size_ && data_[at_] != quote) {
      if (quote == '"' && data_[at_] == '\\' && at_ + 1 < size_) {
        ++at_;
        data_[out++] = unescaped(data_[at_++]);
        continue;
      }
      if (data_[at_] == '\n') ++line_;
      data_[out++] = data_[at_++];
    }
    if (at_ >= size_) return std::nullopt;
    ++at_;
    const std::string_view after = trimmed(take_line());
    if (!after.empty() && after.front() != '#') return std::nullopt;
    return std::string_view(data_ + begin, out - begin);
  }

 private:
  std::string_view take_line() {
    const std::string_view rest(data_ + at_, size_ - at_);
    const std::string_view whole = rest.substr(0, rest.find('\n'));
    at_ += whole.size() + 1;
    return whole;
  }

  char* data_;
  std::size_t size_;
  std::size_t at_{0};
  int line_{0};
};

}  // namespace

Result<EnvFile> EnvFile::parse(SecretBytes text) {
  EnvFile file;
  file.text_ = std::move(text);
  Reader reader(file.text_.bytes());
  while (!reader.is_at_end()) {
    const auto name = reader.take_name();
    if (!name) continue;
    const int line = reader.line();
    const auto refused = [line](const char* what) {
      return fail(ErrorCode::invalid, "line " + std::to_string(line) + ' ' + what);
    };
    if (!fault_of_name(*name).empty()) return refused("is not NAME=VALUE");
    const auto value = reader.take_value();
    if (!value) return refused("has quotes that do not end it");
    std::erase_if(file.lines_, [&name](const EnvLine& other) { return other.name == *name; });
    file.lines_.push_back({*name, *value});
  }
  return file;
}

SecretBytes to_env_text(std::span<const VaultEntry> entries) {
  std::size_t limit = 0;
  for (const VaultEntry& entry : entries) limit += entry.name.size() + 2 * entry.value.size() + 4;
  SecretBytes text(limit);
  std::size_t size = 0;
  const auto put = [&](char c) { text.bytes()[size++] = static_cast<unsigned char>(c); };
  for (const VaultEntry& entry : entries) {
    for (const char c : entry.name) put(c);
    put('=');
    put('"');
    for (const char c : entry.value) {
      const char escape = c == '\n' ? 'n' : c == '\r' ? 'r' : c == '"' || c == '\\' || c == '$' ? c : '\0';
      if (escape != '\0') put('\\');
      put(escape != '\0' ? escape : c);
    }
    put('"');
    put('\n');
  }
  text.shorten(size);
  return text;
}

}  // namespace aitrade
