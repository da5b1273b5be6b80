#include "core/store/gate_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <span>

namespace aitrade {
namespace {

constexpr std::size_t words_count = 25;
constexpr std::size_t words_before = 12;   // of a ledger that knew plain barriers, whose lines have no version
constexpr std::string_view line_version = "2";

template <class Number>
void put(std::string& out, Number value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  out += ' ';
  out.append(text.data(), end);
}

template <class Number>
bool read(std::string_view word, Number& value) {
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  return error == std::errc{} && end == word.data() + word.size();
}

bool read_flag(std::string_view word, bool& value) {
  value = word == "1";
  return word == "0" || word == "1";
}

/// "-" is not known.
bool read_known(std::string_view word, double& value) {
  value = std::numeric_limits<double>::quiet_NaN();
  return word == "-" || read(word, value);
}

void put_known(std::string& out, double value) {
  if (std::isnan(value)) {
    out += " -";
  } else {
    put(out, value);
  }
}

/// Numbers with commas between them; "-" for none.
void put_list(std::string& out, const std::vector<double>& values) {
  if (values.empty()) out += " -";
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::string one;
    put_known(one, values[i]);
    if (i > 0) one.front() = ',';
    out += one;
  }
}

bool read_list(std::string_view text, std::vector<double>& values) {
  values.clear();
  if (text == "-") return true;
  for (;;) {
    const std::string_view one = text.substr(0, text.find(','));
    if (!read_known(one, values.emplace_back())) return false;
    if (one.size() == text.size()) return true;
    text.remove_prefix(one.size() + 1);
  }
}

void put_walk(std::string& out, const GateWalk& w) {
  for (const std::int64_t raw : {w.stop.raw(), w.target.raw(), w.best.raw(), w.worst.raw(), w.left.raw()}) put(out, raw);
  put(out, w.result);
  put(out, static_cast<int>(w.stages));
  put(out, w.breakeven_done ? 1 : 0);
  put(out, w.trailing_on ? 1 : 0);
  put(out, w.seen.ns);
}

bool read_walk(std::span<const std::string_view, 10> words, GateWalk& w) {
  std::array<std::int64_t, 5> raws{};
  for (std::size_t i = 0; i < raws.size(); ++i) {
    if (!read(words[i], raws[i])) return false;
  }
  w.stop = Price::from_raw(raws[0]);
  w.target = Price::from_raw(raws[1]);
  w.best = Price::from_raw(raws[2]);
  w.worst = Price::from_raw(raws[3]);
  w.left = Quantity::from_raw(raws[4]);
  return read(words[5], w.result) && read(words[6], w.stages) && read_flag(words[7], w.breakeven_done) &&
         read_flag(words[8], w.trailing_on) && read(words[9], w.seen.ns);
}

/// All but the instrument.
bool read_words(const std::array<std::string_view, words_count>& words, std::size_t count, GateCandidate& c) {
  std::int64_t limit = 0;
  const bool is_long = words[1] == "long";
  c.direction = is_long ? Direction::long_ : Direction::short_;
  const bool has_fill = words[8] != "-";
  const bool is_read = (is_long || words[1] == "short") && read(words[2], c.decided.ns) && read(words[3], c.entry) &&
                       read(words[4], c.stop) && read(words[5], c.target) && read(words[6], limit) &&
                       read(words[7], c.cost) && (!has_fill || read(words[8], c.fill)) && read(words[9], c.probability) &&
                       read_flag(words[10], c.rejected) && read_flag(words[11], c.counts);
  c.limit = Duration{limit};
  if (!is_read || count == words_before) return is_read;
  return read(words[12], c.atr) && read_known(words[13], c.online) && read_list(words[14], c.features) &&
         read_walk(std::span<const std::string_view, 10>(words.data() + 15, 10), c.walk);
}

}  // namespace

std::string to_text(const std::vector<GateCandidate>& candidates, const StoreNames& names) {
  std::string out;
  for (const GateCandidate& c : candidates) {
    out += line_version;
    out += ' ' + names.pair(c.instrument) + (c.direction == Direction::long_ ? " long" : " short");
    put(out, c.decided.ns);
    for (const double value : {c.entry, c.stop, c.target}) put(out, value);
    put(out, static_cast<std::int64_t>(c.limit.count()));
    put(out, c.cost);
    if (std::isnan(c.fill)) {
      out += " -";
    } else {
      put(out, c.fill);
    }
    put(out, c.probability);
    put(out, c.rejected ? 1 : 0);
    put(out, c.counts ? 1 : 0);
    put(out, c.atr);
    put_known(out, c.online);
    put_list(out, c.features);
    put_walk(out, c.walk);
    out += '\n';
  }
  return out;
}

Result<std::vector<GateCandidate>> parse_candidates(std::string_view text, const StoreNames& names,
                                                    std::string_view exchange) {
  std::vector<GateCandidate> out;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    std::array<std::string_view, words_count> words;
    std::string_view rest = line;
    const bool is_before = !rest.starts_with("2 ");
    if (!is_before) rest.remove_prefix(line_version.size() + 1);
    std::size_t count = 0;
    while (!rest.empty() && count < words_count) {
      words[count] = rest.substr(0, rest.find(' '));
      rest.remove_prefix(std::min(rest.size(), words[count].size() + 1));
      ++count;
    }
    GateCandidate candidate;
    const bool is_whole = count == (is_before ? words_before : words_count) && rest.empty();
    if (!is_whole || !read_words(words, count, candidate)) {
      return fail(ErrorCode::corrupt, "gate_tests: a candidate cannot be read: " + std::string(line));
    }
    const Instrument* instrument = names.find_instrument(exchange, words[0]);
    if (instrument == nullptr) continue;
    candidate.instrument = instrument->id;
    out.push_back(candidate);
  }
  return out;
}

std::string to_text(const GateLearner& learner) {
  std::string out;
  put_list(out, learner.z);
  put_list(out, learner.n);
  put(out, learner.outcomes);
  for (const double value : {learner.won, learner.all, learner.weight, learner.gain, learner.squares, learner.brier}) {
    put(out, value);
  }
  return out.substr(1);
}

Result<GateLearner> parse_learner(std::string_view text) {
  GateLearner learner;
  if (text.empty()) return learner;   // of a ledger that knew none
  constexpr std::size_t count_of_words = 9;
  std::array<std::string_view, count_of_words> words;
  std::string_view rest = text;
  for (std::string_view& word : words) {
    word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
  }
  const bool is_read = rest.empty() && read_list(words[0], learner.z) && read_list(words[1], learner.n) &&
                       read(words[2], learner.outcomes) && read(words[3], learner.won) && read(words[4], learner.all) &&
                       read(words[5], learner.weight) && read(words[6], learner.gain) && read(words[7], learner.squares) &&
                       read(words[8], learner.brier);
  if (!is_read) return fail(ErrorCode::corrupt, "gate_tests: a learner cannot be read");
  return learner;
}

std::string model_text(std::uint64_t model) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (int shift = 60; shift >= 0; shift -= 4) out += digits[static_cast<std::size_t>(model >> shift & 0xf)];
  return out;
}

Result<std::uint64_t> parse_model(std::string_view text) {
  std::uint64_t model = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), model, 16);
  if (error != std::errc{} || end != text.data() + text.size()) {
    return fail(ErrorCode::corrupt, "gate_tests: a model cannot be read: " + std::string(text));
  }
  return model;
}

}  // namespace aitrade
