#include "core/report/html_text.h"

#include "core/report/number_text.h"

#include <algorithm>
#include <cmath>

namespace aitrade {

namespace {

constexpr std::string_view dash = "–";
constexpr std::string_view minus = "−";

/// Groups the digits before the point and puts a real minus sign.
std::string dressed(std::string text) {
  const bool is_negative = !text.empty() && text.front() == '-';
  if (is_negative) text.erase(0, 1);
  std::size_t at = std::min(text.find('.'), text.size());
  while (at > 3) {
    at -= 3;
    text.insert(at, ",");
  }
  return is_negative ? std::string(minus) + text : text;
}

}  // namespace

std::string html_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string html_number(std::optional<double> value, int places) {
  if (!value || !std::isfinite(*value)) return std::string(dash);
  return dressed(fixed_text(*value, places));
}

std::string html_percent(std::optional<double> fraction, int places, bool signed_text) {
  if (!fraction || !std::isfinite(*fraction)) return std::string(dash);
  std::string text = html_number(*fraction * 100, places);
  const bool is_positive = text.find_first_of("123456789") != std::string::npos && *fraction > 0;
  if (signed_text && is_positive) text.insert(0, "+");
  return text + "\u00a0%";  // the sign stays with its number
}

int price_places(double price) {
  if (!(std::abs(price) > 0)) return 2;
  const int whole = static_cast<int>(std::floor(std::log10(std::abs(price)))) + 1;
  return std::clamp(5 - whole, 0, 8);
}

std::string html_moment(Time t, bool with_clock) {
  const std::string text = to_string_seconds(t);
  return with_clock ? text.substr(0, 10) + " " + text.substr(11, 5) : text.substr(0, 10);
}

std::string_view sign_class(std::optional<double> value) {
  if (!value || !(std::abs(*value) > 0)) return "";
  return *value > 0 ? "up" : "down";
}

}  // namespace aitrade
