#include "core/log/redact.h"

#include <algorithm>
#include <array>

namespace aitrade {

namespace {

constexpr std::string_view mask = "***";
constexpr std::size_t shortest_secret = 6;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return lower(c); });
  return out;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

bool is_word(char c) {
  return is_digit(c) || is_upper(c) || is_lower(c) || c == '_' || c == '-';
}

bool is_base64(char c) {
  return is_word(c) || c == '+' || c == '/' || c == '=';
}

std::string hex_of(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    out += digits[static_cast<unsigned char>(c) >> 4U];
    out += digits[static_cast<unsigned char>(c) & 0xFU];
  }
  return out;
}

std::string url_form(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_word(c) || c == '.' || c == '~') {
      out += c;
    } else {
      out += '%';
      out += digits[static_cast<unsigned char>(c) >> 4U];
      out += digits[static_cast<unsigned char>(c) & 0xFU];
    }
  }
  return out;
}

std::string base64_of(std::string_view text) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i + 2 < text.size();
       i += 3) {  // the padded tail is left off: it may vary
    const std::uint32_t bits =
        static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])) << 16U |
        static_cast<std::uint32_t>(static_cast<unsigned char>(text[i + 1])) << 8U |
        static_cast<std::uint32_t>(static_cast<unsigned char>(text[i + 2]));
    for (const unsigned shift : {18U, 12U, 6U, 0U})
      out += alphabet[(bits >> shift) & 63U];
  }
  return out;
}

/// Finds the next credential in a text by its look.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text), low_(lower(text)) {}

  std::string clean(std::uint64_t& hits) {
    std::string out;
    for (std::size_t i = 0; i < text_.size();) {
      const auto [from, to] = secret_at(i);
      if (to == 0) {
        out += text_[i++];
        continue;
      }
      out += text_.substr(i, from - i);
      if (text_.substr(from, to - from) != mask) ++hits;
      out += mask;
      i = to;
    }
    return out;
  }

 private:
  using Range = std::pair<std::size_t, std::size_t>;  // to 0: nothing

  [[nodiscard]] bool starts_word(std::size_t i) const { return i == 0 || !is_word(text_[i - 1]); }

  template <class Predicate>
  [[nodiscard]] std::size_t run(std::size_t i, Predicate belongs) const {
    while (i < text_.size() && belongs(text_[i]))
      ++i;
    return i;
  }

  [[nodiscard]] Range secret_at(std::size_t i) const {
    if (text_.compare(i, 10, "-----BEGIN") == 0) return pem(i);
    if (!starts_word(i)) return {0, 0};
    if (const Range range = token(i); range.second != 0) return range;
    if (const Range range = named(i); range.second != 0) return range;
    return long_base64(i);
  }

  [[nodiscard]] Range pem(std::size_t i) const {
    const auto end = text_.find("-----END", i);
    if (end == std::string_view::npos) return {i, text_.size()};
    const auto close = text_.find("-----", end + 8);
    return {i, close == std::string_view::npos ? text_.size() : close + 5};
  }

  /// Tokens told by their prefix: sk_..., whsec_..., atk_..., bot123:..., eyJ....eyJ....
  [[nodiscard]] Range token(std::size_t i) const {
    for (const std::string_view prefix : {"sk_", "rk_", "whsec_", "atk_", "xoxb-", "xapp-"}) {
      if (text_.compare(i, prefix.size(), prefix) != 0) continue;
      const std::size_t end = run(i, is_word);
      if (end > i + prefix.size()) return {i, end};
    }
    if (text_.compare(i, 3, "eyJ") == 0) {
      const std::size_t end = run(i, [](char c) { return is_word(c) || c == '.'; });
      if (std::count(text_.begin() + static_cast<std::ptrdiff_t>(i),
                     text_.begin() + static_cast<std::ptrdiff_t>(end), '.') == 2) {
        return {i, end};
      }
    }
    const std::size_t digits = text_.compare(i, 3, "bot") == 0 ? i + 3 : i;
    const std::size_t colon = run(digits, is_digit);
    if (colon >= digits + 6 && colon < text_.size() && text_[colon] == ':') {
      const std::size_t end = run(colon + 1, is_word);
      if (end - colon > 30) return {i, end};
    }
    if (low_.compare(i, 7, "bearer ") == 0 || low_.compare(i, 6, "basic ") == 0) {
      const std::size_t begin = text_.find(' ', i) + 1;
      const std::size_t end =
          run(begin, [](char c) { return is_base64(c) || c == '.' || c == '~'; });
      if (end >= begin + 8) return {begin, end};
    }
    return {0, 0};
  }

  /// name=value, name: value and "name":"value" where the name tells of a secret.
  [[nodiscard]] Range named(std::size_t i) const {
    const std::size_t end = run(i, is_word);
    if (end == i || !is_secret_name(text_.substr(i, end - i))) return {0, 0};
    std::size_t at = end;
    if (at < text_.size() && (text_[at] == '"' || text_[at] == '\'')) ++at;
    at = run(at, [](char c) { return c == ' '; });
    if (at >= text_.size() || (text_[at] != '=' && text_[at] != ':')) return {0, 0};
    const bool header = text_[at] == ':';
    at = run(at + 1, [](char c) { return c == ' '; });
    if (at >= text_.size()) return {0, 0};
    if (text_[at] == '"' || text_[at] == '\'') {
      const std::size_t close = text_.find(text_[at], at + 1);
      return {at + 1, close == std::string_view::npos ? text_.size() : close};
    }
    const std::size_t stop = run(at, [&](char c) {
      if (c == '\r' || c == '\n' || c == '"') return false;
      return header || (c != ' ' && c != '&' && c != ',' && c != ';' && c != '}');
    });
    return stop > at ? Range{at, stop} : Range{0, 0};
  }

  /// API secrets are long base64 of mixed letters and digits. Hashes are lower-case hex and stay.
  [[nodiscard]] Range long_base64(std::size_t i) const {
    constexpr std::size_t least = 56;
    const std::size_t end = run(i, is_base64);
    if (end < i + least) return {0, 0};
    const std::string_view word = text_.substr(i, end - i);
    const bool mixed = std::any_of(word.begin(), word.end(), is_upper) &&
                       std::any_of(word.begin(), word.end(), is_lower) &&
                       std::any_of(word.begin(), word.end(), is_digit);
    const auto slashes = std::count(word.begin(), word.end(), '/');  // many: a path
    return mixed && slashes <= static_cast<std::ptrdiff_t>(word.size() / 10) ? Range{i, end}
                                                                             : Range{0, 0};
  }

  std::string_view text_;
  std::string low_;
};

}  // namespace

bool is_secret_name(std::string_view name) {
  std::string plain = lower(name);
  std::replace(plain.begin(), plain.end(), '-', '_');
  constexpr std::array<std::string_view, 14> telling{
      "api_key", "apikey", "api_secret", "api_sign", "password",      "passphrase",  "passwd",
      "token",   "secret", "signature",  "cookie",   "authorization", "private_key", "nonce_key"};
  if (plain == "key") return true;
  return std::any_of(telling.begin(), telling.end(),
                     [&](std::string_view part) { return plain.find(part) != std::string::npos; });
}

void Redactor::add(const Secret& secret) {
  const std::string_view text = secret.reveal();
  if (text.size() < shortest_secret) return;
  const std::lock_guard lock(mutex_);
  for (std::string form : {std::string(text), url_form(text), base64_of(text), hex_of(text)}) {
    if (form.size() >= shortest_secret) forms_.emplace_back(std::move(form));
  }
}

std::string Redactor::clean(std::string_view text) const {
  std::string out(text);
  std::uint64_t hits = 0;
  {
    const std::lock_guard lock(mutex_);
    for (const Secret& form : forms_) {
      const std::string_view needle = form.reveal();
      for (std::size_t at = 0; (at = out.find(needle, at)) != std::string::npos;
           at += mask.size()) {
        out.replace(at, needle.size(), mask);
        ++hits;
      }
    }
  }
  out = Scanner(out).clean(hits);
  hits_ += hits;
  return out;
}

}  // namespace aitrade
