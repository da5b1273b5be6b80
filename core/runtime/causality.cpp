#include "core/runtime/causality.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>

#include "core/base/random.h"
#include "core/trading/confluence.h"
#include "core/trading/frame.h"

namespace aitrade {
namespace {

constexpr std::size_t long_history = 4;   // times the warm-up

bool same(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

bool same(const Signal& a, const Signal& b) {
  if (a.direction != b.direction || a.reason != b.reason || a.notes_count != b.notes_count) return false;
  if (!same(a.strength, b.strength) || !same(a.confidence, b.confidence) || !same(a.entry, b.entry) ||
      !same(a.stop, b.stop) || !same(a.target, b.target)) {
    return false;
  }
  for (std::size_t i = 0; i < a.notes_count; ++i) {
    if (!same(a.notes[i].value, b.notes[i].value)) return false;
  }
  return true;
}

Signal to_signal(const Opinion& opinion) {
  Signal out;
  out.direction = opinion.direction;
  out.reason = opinion.reason;
  out.strength = opinion.strength;
  out.confidence = opinion.confidence;
  out.entry = opinion.entry;
  out.stop = opinion.stop;
  out.target = opinion.target;
  return out;
}

/// Candles that could follow but did not: wild, so that whoever looks sees them.
void make_noise(std::vector<Candle>& candles, std::size_t from, Random& random) {
  double price = to_double(candles[from - 1].close);
  for (std::size_t i = from; i < candles.size(); ++i) {
    Candle& c = candles[i];
    const double open = price;
    price *= std::exp(0.02 * random.normal());
    const double high = std::max(open, price) * (1 + 0.01 * random.uniform());
    const double low = std::min(open, price) * (1 - 0.01 * random.uniform());
    const auto exact = [](double x) {
      return *Price::from_double(std::clamp(x, 1e-8, 1e8), Rounding::half_even);
    };
    c.open = exact(open);
    c.close = exact(price);
    c.high = std::max({exact(high), c.open, c.close});
    c.low = std::min({exact(low), c.open, c.close});
    c.volume = c.volume * 10 * random.uniform() + 1;
  }
}

/// The candles around one cut and room for what is decided on them.
class Bench {
 public:
  Bench(DecisionSource& source, std::span<const Candle> candles, const CausalityOptions& options)
      : source_(source),
        candles_(candles),
        options_(options),
        names_(source.names().size()),
        truth_(names_),
        other_(names_) {}

  void audit(std::size_t cut, std::vector<CausalityFinding>& findings) {
    const std::size_t warm = source_.warm_up();
    const std::size_t first = cut + 1 - warm;
    const std::size_t end = std::min(candles_.size(), cut + 1 + options_.future);
    source_.decide(candles_.subspan(first, end - first), cut - first, truth_);
    for (std::size_t i = 0; i < names_; ++i) {
      ++findings[i].cuts;
      if (truth_[i].direction != Direction::neutral) ++findings[i].signals;
    }
    source_.decide(candles_.subspan(first, cut + 1 - first), cut - first, other_);
    count(cut, findings, &CausalityFinding::absent);

    scratch_.assign(candles_.begin() + static_cast<std::ptrdiff_t>(first),
                    candles_.begin() + static_cast<std::ptrdiff_t>(end));
    Random random(options_.seed ^ (cut * 0x9E3779B97F4A7C15ULL));
    make_noise(scratch_, cut + 1 - first, random);
    source_.decide(scratch_, cut - first, other_);
    count(cut, findings, &CausalityFinding::noise);
  }

  void check_warm_up(std::size_t cut, std::vector<CausalityFinding>& findings) {
    const std::size_t warm = source_.warm_up();
    if (cut + 1 < long_history * warm) return;
    const std::size_t near = cut + 1 - warm;
    const std::size_t far = cut + 1 - long_history * warm;
    source_.decide(candles_.subspan(near, warm), warm - 1, truth_);
    source_.decide(candles_.subspan(far, long_history * warm), long_history * warm - 1, other_);
    for (std::size_t i = 0; i < names_; ++i) {
      ++findings[i].warm_checks;
      const bool differs =
          truth_[i].direction != other_[i].direction || truth_[i].reason != other_[i].reason;
      if (differs) ++findings[i].warm_differs;
    }
  }

 private:
  void count(std::size_t cut, std::vector<CausalityFinding>& findings,
             std::uint64_t CausalityFinding::*counter) {
    for (std::size_t i = 0; i < names_; ++i) {
      if (same(truth_[i], other_[i])) continue;
      if (!findings[i].leaks()) findings[i].first_cut = cut;
      ++(findings[i].*counter);
    }
  }

  DecisionSource& source_;
  std::span<const Candle> candles_;
  const CausalityOptions& options_;
  std::size_t names_;
  std::vector<Signal> truth_, other_;
  std::vector<Candle> scratch_;
};

}  // namespace

std::vector<std::string> StrategyDecisions::names() const {
  std::vector<std::string> names;
  for (const Duration timeframe : rules_.timeframes) {
    for (const StrategyChoice& choice : rules_.strategies) {
      names.push_back(std::string(choice.info->name) + " " + timeframe_text(timeframe));
    }
  }
  names.emplace_back("opinion");
  return names;
}

std::size_t StrategyDecisions::warm_up() const {
  std::size_t bars = 0;
  for (const Duration timeframe : rules_.timeframes) {
    const Frame frame(rules_, timeframe);
    const auto base_bars = static_cast<std::size_t>(timeframe / rules_.base);
    bars = std::max(bars, (frame.warm_up() + 2) * base_bars);   // the first bucket may be cut
  }
  return bars;
}

void StrategyDecisions::decide(std::span<const Candle> candles, std::size_t at, std::span<Signal> out) {
  const Confluence confluence(rules_.confluence, rules_.strategies, rules_.single_strategy);
  std::vector<Frame> frames;
  for (const Duration timeframe : rules_.timeframes) frames.emplace_back(rules_, timeframe);
  for (std::size_t i = 0; i <= at; ++i) {
    for (Frame& frame : frames) frame.on_base(candles[i]);
  }
  const Time now = candles[at].close_time();
  std::size_t next = 0;
  Frame* primary = nullptr;
  std::vector<Confluence::OtherTimeframe> others;
  for (Frame& frame : frames) {
    if (frame.is_warm()) frame.judge(confluence, std::nullopt, nullptr);
    for (const Signal& signal : frame.signals()) out[next++] = frame.is_warm() ? signal : Signal{};
    if (frame.timeframe() == rules_.primary) primary = &frame;
  }
  for (Frame& frame : frames) {
    if (&frame != primary && frame.has_opinion(now)) {
      others.push_back({&frame.opinion, frame.timeframe() > rules_.primary});
    }
  }
  Opinion opinion;
  if (primary != nullptr && primary->is_warm()) {
    opinion = primary->opinion;
    if (opinion.direction != Direction::neutral) {
      confluence.confirm(opinion, others);
      confluence.qualify(opinion);
    }
  }
  out[next] = to_signal(opinion);
}

std::vector<std::size_t> draw_cuts(const DecisionSource& source, std::size_t candles,
                                   const CausalityOptions& options) {
  const std::size_t first = source.warm_up();
  std::vector<std::size_t> cuts;
  if (candles <= first + options.future) return cuts;
  const std::size_t room = candles - first - options.future;
  Random random(options.seed);
  for (std::size_t i = 0; i < options.cuts; ++i) cuts.push_back(first + random.below(room));
  std::sort(cuts.begin(), cuts.end());
  cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
  return cuts;
}

std::vector<CausalityFinding> audit_causality(DecisionSource& source, std::span<const Candle> candles,
                                              std::span<const std::size_t> cuts,
                                              const CausalityOptions& options, CutRange part) {
  std::vector<CausalityFinding> findings;
  for (std::string& name : source.names()) findings.emplace_back().name = std::move(name);
  Bench bench(source, candles, options);
  const std::size_t every = std::max<std::size_t>(1, cuts.size() / std::max<std::size_t>(1, options.warm_checks));
  for (std::size_t i = part.first; i < std::min(part.end, cuts.size()); ++i) {
    bench.audit(cuts[i], findings);
    if (options.warm_checks > 0 && i % every == 0) bench.check_warm_up(cuts[i], findings);
  }
  return findings;
}

void merge_findings(std::vector<CausalityFinding>& into, const std::vector<CausalityFinding>& more) {
  for (std::size_t i = 0; i < into.size() && i < more.size(); ++i) {
    CausalityFinding& a = into[i];
    const CausalityFinding& b = more[i];
    if (b.leaks()) a.first_cut = a.leaks() ? std::min(a.first_cut, b.first_cut) : b.first_cut;
    a.cuts += b.cuts;
    a.signals += b.signals;
    a.absent += b.absent;
    a.noise += b.noise;
    a.warm_checks += b.warm_checks;
    a.warm_differs += b.warm_differs;
  }
}

}  // namespace aitrade
