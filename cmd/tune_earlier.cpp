#include "cmd/tune_earlier.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <utility>

#include "cmd/tune_lines.h"
#include "core/report/selection.h"

namespace aitrade::cli {
namespace {

/// A header as this build writes it: what wrote the file is no part of a search.
std::string identity_of(const Study& study) { return study.header(); }

bool is_same_market(const Study& a, const Study& b) {
  return a.pair == b.pair && a.first < b.last && b.first < a.last;
}

std::optional<Study> study_in(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string line;
  return std::getline(in, line) ? study_of_line(line) : std::nullopt;
}

/// The daily returns of the trials that lasted.
std::vector<std::vector<double>> series_of(const std::map<std::uint64_t, TrialRecord>& trials) {
  std::size_t days = 0;
  for (const auto& [number, trial] : trials) days = std::max(days, trial.daily.size());
  std::vector<std::vector<double>> out;
  for (const auto& [number, trial] : trials) {
    if (trial.daily.size() == days) out.push_back(trial.daily);
  }
  return out;
}

}  // namespace

Result<StoredTrials> read_trials(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(ErrorCode::not_found, path.string() + ": no such trial ledger");
  StoredTrials out;
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    if (in.eof()) break;   // torn by a kill: that trial did not finish
    if (number == 1) {
      auto study = study_of_line(line);
      if (!study) return fail(ErrorCode::invalid, path.string() + ": not a trial ledger");
      out.study = std::move(*study);
      continue;
    }
    auto trial = trial_of(line, out.study.axes.size());
    if (!trial) return fail(ErrorCode::corrupt, path.string() + ": line " + std::to_string(number) + " is no trial");
    out.trials.push_back(std::move(*trial));
  }
  if (out.study.pair.empty()) return fail(ErrorCode::invalid, path.string() + ": not a trial ledger");
  std::stable_sort(out.trials.begin(), out.trials.end(),
                   [](const TrialRecord& a, const TrialRecord& b) { return a.number < b.number; });
  return out;
}

EarlierTrials earlier_trials(const std::filesystem::path& folder, const Study& now) {
  std::map<std::string, std::map<std::uint64_t, TrialRecord>> searches;   // shards come together
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    if (entry.path().extension() != ".ndjson") continue;
    const auto study = study_in(entry.path());   // before megabytes of other markets are read
    if (!study || !is_same_market(*study, now) || identity_of(*study) == identity_of(now)) continue;
    auto stored = read_trials(entry.path());
    if (!stored) continue;
    auto& trials = searches[identity_of(stored->study)];
    for (TrialRecord& trial : stored->trials) trials.emplace(trial.number, std::move(trial));
  }
  EarlierTrials out;
  for (const auto& [name, trials] : searches) {
    if (trials.empty()) continue;
    const auto series = series_of(trials);
    ++out.searches;
    out.trials += trials.size();
    out.ideas += std::max<std::size_t>(effective_trials(series), 1);
    for (const double sharpe : sharpes_of(series)) out.sharpes.push_back(sharpe);
  }
  return out;
}

}  // namespace aitrade::cli
