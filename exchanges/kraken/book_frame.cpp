#include "exchanges/kraken/book_frame.h"

namespace aitrade::kraken {
namespace {

constexpr std::uint64_t checksum_max = 0xFFFFFFFFU;
constexpr std::size_t checksum_digits_max = 10;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// What of the frame has not been read yet.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool is_at_end() const { return rest_.empty(); }

  /// Steps over `expected`; returns whether it was there.
  bool take(std::string_view expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }

  /// Steps over a string up to and with its closing quote; nothing for one that is not plain ASCII.
  std::optional<std::string_view> text() {
    for (std::size_t i = 0; i < rest_.size(); ++i) {
      const char c = rest_[i];
      if (c == '"') return advance(i, 1);
      if (c < ' ' || c > '~' || c == '\\') break;
    }
    return std::nullopt;
  }

  /// Steps over a number without sign and exponent, as JSON writes them; nothing for any other.
  std::optional<std::string_view> number() {
    const std::size_t whole = digits_from(0);
    if (whole == 0 || (whole > 1 && rest_[0] == '0')) return std::nullopt;
    std::size_t size = whole;
    if (size < rest_.size() && rest_[size] == '.') {
      const std::size_t places = digits_from(size + 1);
      if (places == 0) return std::nullopt;
      size += 1 + places;
    }
    if (size < rest_.size() && (rest_[size] == 'e' || rest_[size] == 'E')) return std::nullopt;
    return advance(size, 0);
  }

 private:
  [[nodiscard]] std::size_t digits_from(std::size_t begin) const {
    std::size_t end = begin;
    while (end < rest_.size() && is_digit(rest_[end])) ++end;
    return end - begin;
  }

  std::string_view advance(std::size_t size, std::size_t more) {
    const std::string_view read = rest_.substr(0, size);
    rest_.remove_prefix(size + more);
    return read;
  }

  std::string_view rest_;
};

/// Reads the levels of a side after its '['; returns whether all were in the usual form.
bool read_side(Cursor& cursor, std::vector<Level>& side) {
  if (cursor.take("]")) return true;
  do {
    if (!cursor.take("{\"price\":")) return false;
    const auto price_text = cursor.number();
    if (!price_text || !cursor.take(",\"qty\":")) return false;
    const auto quantity_text = cursor.number();
    if (!quantity_text || !cursor.take("}")) return false;
    const auto price = Price::parse(*price_text);
    const auto quantity = Quantity::parse(*quantity_text);
    if (!price || !quantity || !price->is_positive()) return false;
    side.push_back({*price, *quantity});
  } while (cursor.take(","));
  return cursor.take("]");
}

bool read_checksum(Cursor& cursor, std::optional<std::uint32_t>& checksum) {
  const auto text = cursor.number();
  if (!text || text->size() > checksum_digits_max) return false;
  std::uint64_t value = 0;
  for (const char c : *text) {
    if (!is_digit(c)) return false;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  if (value > checksum_max) return false;
  checksum = static_cast<std::uint32_t>(value);
  return true;
}

}  // namespace

std::optional<BookMessage> read_book_frame(std::string_view text) {
  Cursor cursor(text);
  if (!cursor.take("{\"channel\":\"book\",\"type\":\"")) return std::nullopt;
  BookMessage book;
  book.is_snapshot = cursor.take("snapshot");
  if (!book.is_snapshot && !cursor.take("update")) return std::nullopt;
  if (!cursor.take("\",\"data\":[{\"symbol\":\"")) return std::nullopt;
  const auto symbol = cursor.text();
  if (!symbol) return std::nullopt;
  book.symbol = *symbol;
  if (!cursor.take(",\"bids\":[") || !read_side(cursor, book.bids)) return std::nullopt;
  if (!cursor.take(",\"asks\":[") || !read_side(cursor, book.asks)) return std::nullopt;
  if (!cursor.take(",\"checksum\":") || !read_checksum(cursor, book.checksum)) return std::nullopt;
  if (cursor.take(",\"timestamp\":\"")) {
    const auto timestamp = cursor.text();
    if (!timestamp) return std::nullopt;
    if (auto time = parse_time(*timestamp)) book.timestamp = *time;
  }
  if (!cursor.take("}]}") || !cursor.is_at_end()) return std::nullopt;
  return book;
}

}  // namespace aitrade::kraken
