#include "ml/retrain.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <fcntl.h>
#include <fstream>
#include <unistd.h>
#include <vector>

namespace aitrade::ml {
namespace {

constexpr std::size_t bins = 10;
constexpr const char* file_name = "watermark";
constexpr const char* kind = "aitrade-watermark-1";

/// How many values fall below or on each edge, above all, and are missing.
std::array<double, bins + 1> counts(std::span<const double> values, const std::vector<double>& edges) {
  std::array<double, bins + 1> out{};
  for (const double x : values) {
    const auto at = std::isfinite(x)
                        ? static_cast<std::size_t>(std::lower_bound(edges.begin(), edges.end(), x) - edges.begin())
                        : bins;
    out[at] += 1;
  }
  return out;
}

/// Samples decided up to the watermark, and after it.
struct Halves {
  std::vector<const Sample*> before, since;
};

Halves halves_of(const Dataset& samples, Time newest) {
  Halves out;
  for (const Sample& s : samples) (s.life.from <= newest ? out.before : out.since).push_back(&s);
  return out;
}

void look_for_drift(const Halves& halves, Due& out) {
  for (std::size_t c = 0; c < features_count; ++c) {
    std::vector<double> a, b;
    for (const Sample* s : halves.before) a.push_back(s->features[c]);
    for (const Sample* s : halves.since) b.push_back(s->features[c]);
    const double psi = stability_index(a, b);
    if (psi <= out.psi) continue;
    out.psi = psi;
    out.shifted = feature_table()[c].name;
  }
}

double brier_of(const std::vector<const Sample*>& samples, const Model& model) {
  double sum = 0, weight = 0;
  for (const Sample* s : samples) {
    const double miss = model.probability(s->features) - (s->is_win() ? 1 : 0);
    sum += s->weight * miss * miss;
    weight += s->weight;
  }
  return sum / weight;
}

std::string figure(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3f", value);
  return text.data();
}

}  // namespace

Result<std::optional<Watermark>> read_watermark(const std::filesystem::path& folder) {
  std::ifstream file(folder / file_name);
  if (!file) return std::optional<Watermark>();
  std::string word;
  Watermark mark;
  if (!(file >> word >> mark.trained.ns >> mark.newest.ns) || word != kind) {
    return fail(ErrorCode::corrupt, (folder / file_name).string() + " cannot be read; remove it to train again");
  }
  return std::optional(mark);
}

Status write_watermark(const std::filesystem::path& folder, const Watermark& mark) {
  const std::filesystem::path path = folder / file_name, fresh = path.string() + ".new";
  const std::string text = std::string(kind) + ' ' + std::to_string(mark.trained.ns) + ' ' +
                           std::to_string(mark.newest.ns) + '\n';
  const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
  const bool is_written = file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                          ::fsync(file) == 0;
  if (file >= 0) ::close(file);
  if (is_written && ::rename(fresh.c_str(), path.c_str()) == 0) return ok();
  return fail(ErrorCode::full, path.string() + ": cannot be written");
}

double stability_index(std::span<const double> before, std::span<const double> now) {
  std::vector<double> known;
  for (const double x : before) {
    if (std::isfinite(x)) known.push_back(x);
  }
  std::sort(known.begin(), known.end());
  std::vector<double> edges;   // ten bins have nine edges
  for (std::size_t k = 1; k < bins && !known.empty(); ++k) edges.push_back(known[k * known.size() / bins]);
  const auto a = counts(before, edges), b = counts(now, edges);
  double index = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] == 0 && b[i] == 0) continue;
    const double p = std::max(a[i], 0.5) / static_cast<double>(before.size());
    const double q = std::max(b[i], 0.5) / static_cast<double>(now.size());
    index += (q - p) * std::log(q / p);
  }
  return index;
}

Due due(const Dataset& samples, const std::optional<Watermark>& mark, const Model* active, double known_brier, Time now,
        const RetrainRules& rules) {
  Due out;
  if (!mark) {
    out.is_due = true;
    out.samples_new = samples.size();
    out.why = "nothing was trained yet";
    return out;
  }
  const Halves halves = halves_of(samples, mark->newest);
  out.samples_new = halves.since.size();
  if (now - mark->trained >= rules.age && out.samples_new >= rules.samples_new) {
    out.is_due = true;
    out.why = "the last training is old enough, and " + std::to_string(out.samples_new) + " candidates came since";
    return out;
  }
  out.why = std::to_string(out.samples_new) + " candidates came since the last training";
  if (out.samples_new < rules.samples_drift || halves.before.size() < rules.samples_drift) return out;
  look_for_drift(halves, out);
  if (active != nullptr) out.brier = brier_of(halves.since, *active);
  if (out.psi > rules.psi_max) {
    out.is_due = true;
    out.why = "the market is another one: '" + out.shifted + "' shifted by " + figure(out.psi);
  } else if (out.brier && *out.brier > known_brier * (1 + rules.brier_worse)) {
    out.is_due = true;
    out.why = "the model got worse: its Brier score is " + figure(*out.brier) + ", and was " + figure(known_brier);
  }
  return out;
}

}  // namespace aitrade::ml
