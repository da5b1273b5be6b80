// The benchmark program: `bench [--bars N] [--runs K] [--only TEXT]`.
//
// For each row it measures the two reference loops and the row in turn, K times over, and prints
// the median of each with the ratio: "x bare" and "x 8 ind" say how many times longer one item
// takes than one bar of the reference loop. Loops with another count of items than bars compare per
// item. "best" is the rate of the fastest of the K: on a machine shared with others, the one they disturbed
// least. TEXT chooses a section or rows.
#include "tests/bench/bench.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <string_view>
#include <utility>

namespace aitrade::bench {

namespace {

struct Section {
  const char* title;
  void (*add)(const BenchInput&, std::vector<BenchRow>&);
};

constexpr Section sections[] = {
    {"pipeline", add_pipeline_rows},
    {"import", add_import_rows},
    {"report", add_report_rows},
    {"tune", add_tune_rows},
    {"market data", add_feed_rows},
    {"learning", add_ml_rows},
};

struct Options {
  std::size_t bars{1'000'000};
  std::size_t runs{5};
  std::string_view only;
};

volatile double sink = 0;  // keeps results alive

double nanoseconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

/// Nanoseconds that one call takes.
double time_once(const std::function<double()>& work, TimedBy timed_by) {
  const clockid_t clock = timed_by == TimedBy::wall ? CLOCK_MONOTONIC : CLOCK_PROCESS_CPUTIME_ID;
  const double start = nanoseconds(clock);
  sink = work();
  return nanoseconds(clock) - start;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Reference {
  std::function<double()> bare, indicators;
  double bars{0};
};

void print_heading() {
  std::printf("%-48s %9s %8s %9s %8s %8s %8s\n", "row", "items", "ns/item", "M items/s", "best", "x bare",
              "x 8 ind");
}

void print_row(const std::string& name, std::size_t items, std::vector<double> times, double bare,
               double indicators) {
  const double best = *std::min_element(times.begin(), times.end());
  const double ns = median(std::move(times));
  std::printf("%-48.48s %9zu %8.2f %9.2f %8.2f %8.1f %8.2f\n", name.c_str(), items, ns, 1e3 / ns, 1e3 / best,
              ns / bare, ns / indicators);
  std::fflush(stdout);
}

void measure(const BenchRow& row, const Reference& reference, std::size_t runs) {
  std::vector<double> own, bare, indicators;
  time_once(row.run, row.timed_by);  // warms caches and the allocator
  for (std::size_t i = 0; i < runs; ++i) {
    bare.push_back(time_once(reference.bare, row.timed_by) / reference.bars);
    indicators.push_back(time_once(reference.indicators, row.timed_by) / reference.bars);
    own.push_back(time_once(row.run, row.timed_by) / static_cast<double>(row.items));
  }
  print_row(row.name + " [" + row.unit + "]", row.items, std::move(own), median(bare),
            median(indicators));
}

bool read_count(std::string_view text, std::size_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size() && out > 0;
}

bool read_options(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; i += 2) {
    const std::string_view name = argv[i];
    if (i + 1 >= argc) return false;
    const std::string_view value = argv[i + 1];
    if (name == "--bars" && read_count(value, options.bars)) continue;
    if (name == "--runs" && read_count(value, options.runs)) continue;
    if (name == "--only") {
      options.only = value;
      continue;
    }
    return false;
  }
  return true;
}

void run(const Options& options) {
#ifndef __OPTIMIZE__
  std::printf("warning: built without optimisation; the ratios mean little\n");
#endif
  constexpr std::uint64_t seed = 20180101;
  const BenchInput input = make_input(options.bars, seed);
  const Reference reference{[&input] { return bare_loop(input.bars); },
                            [&input] { return bare_indicators(input.bars); },
                            static_cast<double>(input.bars.size())};
  std::printf("%zu one-minute bars, seeded; median of %zu runs\n\n", options.bars, options.runs);
  print_heading();
  std::vector<BenchRow> own{
      {"bare loop: sum of closes", "bars", input.bars.size(), reference.bare, TimedBy::processor},
      {"bare loop: 8 indicators, stops, fees", "bars", input.bars.size(), reference.indicators}};
  for (const BenchRow& row : own)
    measure(row, reference, options.runs);
  for (const Section& section : sections) {
    const bool whole = options.only.empty() || options.only == section.title;
    std::vector<BenchRow> rows;
    section.add(input, rows);
    std::printf("%s\n", section.title);
    for (const BenchRow& row : rows) {
      if (!whole && row.name.find(options.only) == std::string::npos) continue;
      measure(row, reference, options.runs);
    }
  }
}

}  // namespace

}  // namespace aitrade::bench

int main(int argc, char** argv) {
  aitrade::bench::Options options;
  if (!aitrade::bench::read_options(argc, argv, options)) {
    std::fprintf(stderr, "usage: bench [--bars N] [--runs K] [--only TEXT]\n");
    return 2;
  }
  const bool all = options.only.empty();
  // First: its children inherit what this process holds, which would count as their peak.
  bool is_done = !(all || options.only == "training") || aitrade::bench::print_training_figures();
  aitrade::bench::run(options);
  if (all || options.only == "ledger") is_done = aitrade::bench::print_ledger_figures() && is_done;
  if (all || options.only == "daemon") is_done = aitrade::bench::print_daemon_figures() && is_done;
  if (all || options.only == "lag") is_done = aitrade::bench::print_lag_figures() && is_done;
  return is_done ? 0 : 1;
}
