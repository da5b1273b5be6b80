#include "core/data/file_hints.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <vector>

namespace aitrade {
namespace {

constexpr std::array<std::string_view, 8> extensions{".gz",    ".csv",   ".txt",  ".tsv",
                                                     ".jsonl", ".ndjson", ".json", ".CSV"};
constexpr std::array<std::string_view, 3> derivative_marks{"PERP", "SWAP", "futures"};  // not the spot pair

std::string_view stem_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash != std::string_view::npos) path.remove_prefix(slash + 1);
  for (bool again = true; again;) {
    again = false;
    for (const std::string_view extension : extensions) {
      if (path.size() > extension.size() && path.ends_with(extension)) {
        path.remove_suffix(extension.size());
        again = true;
      }
    }
  }
  return path;
}

std::vector<std::string_view> words_of(std::string_view stem) {
  std::vector<std::string_view> words;
  while (!stem.empty()) {
    const std::size_t end = std::min(stem.find_first_of("_- ."), stem.size());
    if (end > 0) words.push_back(stem.substr(0, end));
    stem.remove_prefix(std::min(end + 1, stem.size()));
  }
  return words;
}

bool all_of_kind(std::string_view word, int (*kind)(int)) {
  return std::all_of(word.begin(), word.end(), [kind](char c) { return kind(static_cast<unsigned char>(c)) != 0; });
}

/// A word such as "XBTUSD"; lower case words are names of venues and the like.
std::optional<Symbol> pair_word(std::string_view word) {
  const bool shouted = std::none_of(word.begin(), word.end(), [](char c) { return std::islower(static_cast<unsigned char>(c)) != 0; });
  if (!shouted || word.size() < 5 || all_of_kind(word, std::isdigit)) return std::nullopt;
  auto parsed = Symbol::parse(word);
  if (!parsed) return std::nullopt;
  return *parsed;
}

std::optional<Duration> timeframe_word(std::string_view word) {
  if (word.empty() || all_of_kind(word, std::isdigit)) return std::nullopt;
  auto parsed = parse_duration(word);
  if (!parsed || parsed->count() <= 0) return std::nullopt;
  return *parsed;
}

/// Kraken's archive names a file PAIR_MINUTES.
std::optional<Duration> archive_minutes(const std::vector<std::string_view>& words) {
  constexpr std::array<std::string_view, 10> known{"1", "5", "15", "30", "60", "240", "720", "1440", "10080", "21600"};
  if (words.size() != 2 || std::count(known.begin(), known.end(), words[1]) == 0) return std::nullopt;
  return *parse_duration(words[1]);
}

}  // namespace

FileHints hints_from_path(std::string_view path) {
  const std::vector<std::string_view> words = words_of(stem_of(path));
  std::vector<Symbol> symbols;
  std::vector<Duration> intervals;
  bool derivative = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    derivative = derivative || std::count(derivative_marks.begin(), derivative_marks.end(), words[i]) > 0;
    auto symbol = pair_word(words[i]);
    if (!symbol && i + 1 < words.size()) {  // BTC_USDT: two words that make a known pair
      symbol = pair_word(std::string(words[i]) + std::string(words[i + 1]));
    }
    if (symbol && std::find(symbols.begin(), symbols.end(), *symbol) == symbols.end()) symbols.push_back(*symbol);
    if (const auto interval = timeframe_word(words[i])) intervals.push_back(*interval);
  }
  FileHints hints;
  if (symbols.size() == 1 && !derivative) hints.symbol = symbols.front();
  if (intervals.size() == 1) hints.interval = intervals.front();
  if (intervals.empty() && hints.symbol) hints.interval = archive_minutes(words);
  return hints;
}

}  // namespace aitrade
