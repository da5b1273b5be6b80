// Training half a million rows: ours against the library's own interface, time and peak memory.
//
// Each runs in a child process of its own, in turn, several times: peak memory is a figure of a process. The rows of
// ours are doubles, as the candidates are, and are counted in its memory; those of the library are the matrix of
// floats that its interface takes. Depth, rounds, bins and threads are the same.
#include <algorithm>
#include <cstdio>
#include <functional>
#include <limits>
#include <optional>
#include <vector>

#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/base/random.h"
#include "ml/booster.h"
#include "ml/boosting.h"
#include "tests/bench/bench.h"

namespace aitrade::bench {
namespace {

constexpr std::size_t rows = 500'000, columns = 30;
constexpr int rounds = 200, depth = 6, runs = 3;

struct Measured {
  double seconds{0};   // of processor time, without making the rows up
  double bytes{0};     // of the model
  double peak_mb{0};   // of the process
};

double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

/// Columns of noise, and wins that depend a little on three of them.
template <class T>
void make_up(std::vector<T>& x, std::vector<float>& wins) {
  Random random(20180101);
  x.resize(rows * columns);
  wins.resize(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    T* row = &x[i * columns];
    for (std::size_t c = 0; c < columns; ++c) row[c] = static_cast<T>(static_cast<float>(random.normal()));
    const double edge = 0.45 + 0.1 * (row[0] > 0) + 0.05 * (row[1] > row[2]);
    wins[i] = random.uniform() < edge ? 1.0F : 0.0F;
  }
}

Measured train_ours() {
  std::vector<double> x;
  std::vector<float> wins;
  make_up(x, wins);
  const ml::BoostRows train{rows, columns, [&](std::size_t row, std::span<float> out) {
                              for (std::size_t c = 0; c < columns; ++c) {
                                out[c] = static_cast<float>(x[row * columns + c]);
                              }
                              return ml::BoostTarget{wins[row], 1};
                            }};
  ml::BoostRules rules;
  rules.rounds_max = rounds;
  rules.depth = depth;
  const double start = processor_seconds();
  const auto bytes = ml::grow_trees(train, {}, rules);
  return {processor_seconds() - start, bytes ? static_cast<double>(bytes->size()) : 0, 0};
}

Measured train_library() {
  std::vector<float> x, wins;
  make_up(x, wins);
  const std::vector<float> weights(rows, 1.0F);   // the same work: samples always have weights
  const ml::BoostRules same;
  const double start = processor_seconds();
  DMatrixHandle matrix = nullptr;
  bool is_done = XGDMatrixCreateFromMat(x.data(), rows, columns, std::numeric_limits<float>::quiet_NaN(), &matrix) == 0 &&
                 XGDMatrixSetFloatInfo(matrix, "label", wins.data(), rows) == 0 &&
                 XGDMatrixSetFloatInfo(matrix, "weight", weights.data(), rows) == 0;
  ml::Booster booster;
  is_done = is_done && XGBoosterCreate(&matrix, 1, &booster.handle) == 0;
  const auto set = [&](const char* name, const std::string& value) {
    is_done = is_done && XGBoosterSetParam(booster.handle, name, value.c_str()) == 0;
  };
  set("objective", "binary:logistic");
  set("tree_method", "hist");
  set("nthread", "1");
  set("verbosity", "0");
  set("max_depth", std::to_string(depth));
  set("max_bin", std::to_string(same.bins));
  set("eta", std::to_string(same.rate));
  set("min_child_weight", std::to_string(same.child_weight_min));
  set("lambda", std::to_string(same.ridge));
  for (int round = 0; is_done && round < rounds; ++round) {
    is_done = XGBoosterUpdateOneIter(booster.handle, round, matrix) == 0;
  }
  bst_ulong length = 0;
  const char* bytes = nullptr;
  is_done = is_done && XGBoosterSaveModelToBuffer(booster.handle, R"({"format":"ubj"})", &length, &bytes) == 0;
  XGDMatrixFree(matrix);
  return {processor_seconds() - start, is_done ? static_cast<double>(length) : 0, 0};
}

/// Runs `work` in a child. Nothing when it did not come to its end.
std::optional<Measured> in_child(Measured (*work)()) {
  int ends[2];
  if (::pipe(ends) != 0) return std::nullopt;
  const pid_t child = ::fork();
  if (child == 0) {
    const Measured done = work();
    const bool is_told = ::write(ends[1], &done, sizeof done) == static_cast<ssize_t>(sizeof done);
    ::_exit(is_told ? 0 : 1);
  }
  ::close(ends[1]);
  Measured out;
  const bool is_told = ::read(ends[0], &out, sizeof out) == static_cast<ssize_t>(sizeof out);
  ::close(ends[0]);
  int status = 0;
  rusage used{};
  if (child < 0 || ::wait4(child, &status, 0, &used) != child || status != 0 || !is_told || !(out.bytes > 0)) {
    return std::nullopt;
  }
  out.peak_mb = static_cast<double>(used.ru_maxrss) / 1024;
  return out;
}

}  // namespace

bool print_training_figures() {
  std::vector<double> ours, theirs, ratios;
  double our_peak = 0, their_peak = 0, bytes = 0;
  for (int i = 0; i < runs; ++i) {
    const auto library = in_child(train_library), own = in_child(train_ours);
    if (!library || !own) {
      std::printf("training: a run failed\n");
      return false;
    }
    theirs.push_back(library->seconds);
    ours.push_back(own->seconds);
    ratios.push_back(own->seconds / library->seconds);
    their_peak = std::max(their_peak, library->peak_mb);
    our_peak = std::max(our_peak, own->peak_mb);
    bytes = own->bytes;
  }
  const auto median = [](std::vector<double> v) {
    std::sort(v.begin(), v.end());
    return v[v.size() / 2];
  };
  std::printf("training, %zu rows x %zu features, %d trees of depth %d, one thread, median of %d:\n", rows, columns,
              rounds, depth, runs);
  std::printf("  the library's interface %7.2f s of processor time, peak %6.1f MB\n", median(theirs), their_peak);
  std::printf("  ours                    %7.2f s of processor time, peak %6.1f MB, model %.0f kB\n", median(ours),
              our_peak, bytes / 1000);
  std::printf("  ratio of each pair, median %.3f (aim: at most 1.05; peak under 300 MB)\n", median(ratios));
  return true;
}

}  // namespace aitrade::bench
