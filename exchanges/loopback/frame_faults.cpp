// What a fault does to a text on its way, and to the bytes that carry it.

#include "exchanges/loopback/fault_actions.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace aitrade::loopback {
namespace {

// Ends each decimal number outside of texts without its trailing zeros.
std::string without_zeros(std::string_view frame) {
  std::string out;
  bool in_text = false;
  for (std::size_t i = 0; i < frame.size();) {
    const char c = frame[i];
    if (c == '"') in_text = !in_text;
    const std::size_t end = frame.find_first_not_of("0123456789.", i);
    const std::string_view run = frame.substr(i, end - i);
    if (in_text || run.empty() || run.find('.') == std::string_view::npos) {
      out += c;
      ++i;
      continue;
    }
    std::string number(run);
    while (number.back() == '0') number.pop_back();
    if (number.back() == '.') number.pop_back();
    out += number;
    i += run.size();
  }
  return out;
}

// Adds `by` to the number of a frame, or makes it `to`.
std::string renumbered(std::string frame, const Params& arguments) {
  constexpr std::string_view name = "\"sequence\":";
  const std::size_t at = frame.find(name);
  if (at == std::string::npos) return frame;
  const char* digits = frame.data() + at + name.size();
  std::int64_t number = 0;
  std::int64_t by = 1;
  const auto read = std::from_chars(digits, frame.data() + frame.size(), number);
  const std::string by_text = arguments.text("by");
  std::from_chars(by_text.data(), by_text.data() + by_text.size(), by);
  const std::string to = arguments.text("to");
  const std::string next = to.empty() ? std::to_string(number + by) : to;
  return frame.replace(at + name.size(), static_cast<std::size_t>(read.ptr - digits), next);
}

// Each number becomes a text, as some servers write them.
std::string with_text_numbers(std::string_view frame) {
  std::string out;
  bool in_text = false;
  for (std::size_t i = 0; i < frame.size(); ++i) {
    const char c = frame[i];
    if (c == '"' && (i == 0 || frame[i - 1] != '\\')) in_text = !in_text;
    const bool starts = !in_text && (std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '-');
    if (!starts) {
      out += c;
      continue;
    }
    const std::size_t end = std::min(frame.find_first_not_of("0123456789.-+eE", i), frame.size());
    out += "\"" + std::string(frame.substr(i, end - i)) + "\"";
    i = end - 1;
  }
  return out;
}

// Changes the first digit that is not zero behind a name.
std::string other_digit(std::string frame, std::string_view name) {
  const std::size_t at = frame.find(name);
  if (at == std::string::npos) return frame;
  const std::size_t digit = frame.find_first_of("123456789", at + name.size());
  if (digit == std::string::npos) return frame;
  frame[digit] = frame[digit] == '1' ? '2' : '1';
  return frame;
}

// A frame of a server: unmasked, of less than 64 KiB.
std::string frame_bytes(unsigned first, std::string_view payload) {
  constexpr std::size_t small = 125;
  std::string out(1, static_cast<char>(first));
  if (payload.size() <= small) {
    out += static_cast<char>(payload.size());
  } else {
    out += static_cast<char>(126);
    out += static_cast<char>(payload.size() >> 8U);
    out += static_cast<char>(payload.size() & 0xFFU);
  }
  return out.append(payload);
}

}  // namespace

std::string spoiled(std::string_view body, std::string_view kind) {
  const std::string text(body);
  if (kind == "empty") return {};
  if (kind == "html") return "<html><head><title>502 Bad Gateway</title></head></html>";
  if (kind == "truncated") return text.substr(0, text.size() / 2);
  if (kind == "type") return "{\"error\":{},\"result\":[]}";
  if (kind == "missing") return "{\"error\":[]}";
  if (kind == "extra") return "{\"unexpected\":{\"a\":[1,2,{}]}," + text.substr(1);
  if (kind == "exponent") {
    std::string out = text;
    const std::size_t at = out.find(".00000000\"");
    if (at != std::string::npos) out.replace(at, 9, "e0");
    return out;
  }
  return "upstream connect error or disconnect/reset before headers";
}

std::string changed_frame(std::string_view frame, std::string_view action,
                          const Params& arguments) {
  std::string out(frame);
  if (action == "garble") return out.substr(0, out.size() * 2 / 3);
  if (action == "extra_field") return "{\"novelty\":{\"kind\":[null,1e3]}," + out.substr(1);
  if (action == "bad_checksum") return other_digit(std::move(out), "\"checksum\":");
  if (action == "bad_level") return other_digit(std::move(out), "\"qty\":");
  if (action == "lost_zeros") return without_zeros(out);
  if (action == "renumber") return renumbered(std::move(out), arguments);
  if (action == "extra_level") {
    // Far out of the depth: a client that truncates never notices.
    const std::size_t end = out.find(']', std::min(out.find("\"bids\":["), out.size()));
    if (end == std::string::npos) return out;
    const bool is_first = out[end - 1] == '[';
    return out.insert(end, std::string(is_first ? "" : ",") + R"({"price":0.1,"qty":1.00000000})");
  }
  return with_text_numbers(out);
}

std::string raw_bytes(std::string_view kind, std::string_view frame) {
  constexpr unsigned text = 0x81;
  if (kind == "utf8") return frame_bytes(text, "\xC3\x28");
  if (kind == "truncated") return std::string("\x81\x64{\"chan", 8);
  if (kind == "oversized") return std::string("\x81\x7F\x00\x00\x01\x00\x00\x00\x00\x00{}", 12);
  if (kind == "reserved") return frame_bytes(0xF1, "{}");
  if (kind == "masked") return std::string("\x81\x82\x01\x02\x03\x04zz", 8);
  if (kind == "opcode") return frame_bytes(0x83, "{}");
  if (kind == "binary") return frame_bytes(0x82, "{\"channel\":\"heartbeat\"}");
  if (kind == "continuation") return frame_bytes(0x80, "{}");
  std::string out;
  if (kind == "ping_flood") {
    constexpr int pings = 500;
    for (int i = 0; i < pings; ++i)
      out += frame_bytes(0x89, "");
    return out + frame_bytes(text, frame);
  }
  // fragments: the whole frame in three legal pieces.
  const std::size_t third = frame.size() / 3;
  return frame_bytes(0x01, frame.substr(0, third)) +
         frame_bytes(0x00, frame.substr(third, third)) + frame_bytes(0x80, frame.substr(2 * third));
}

std::string_view channel_of(std::string_view frame) {
  // The answer to a subscription names its channel too, but inside.
  const bool is_data = frame.starts_with("{\"channel\":\"");
  const std::string_view name = is_data ? "\"channel\":\"" : "\"method\":\"";
  const std::size_t at = frame.find(name);
  if (at == std::string_view::npos) return {};
  const std::size_t from = at + name.size();
  return frame.substr(from, frame.find('"', from) - from);
}

}  // namespace aitrade::loopback
