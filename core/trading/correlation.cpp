#include "core/trading/correlation.h"

#include <algorithm>
#include <cmath>

namespace aitrade {
namespace {

constexpr Duration step = minutes{15};
constexpr double keep = 0.99;          // weight of what was known, at each new return: a day and a half
constexpr int samples_min = 20;

}  // namespace

ReturnCorrelation::ReturnCorrelation(std::size_t instruments)
    : count_(instruments),
      last_(instruments),
      now_(instruments),
      moments_(instruments * (instruments + 1) / 2) {}

std::size_t ReturnCorrelation::index(std::size_t a, std::size_t b) const {
  if (a > b) std::swap(a, b);
  return b * (b + 1) / 2 + a;
}

void ReturnCorrelation::on_close(InstrumentId instrument, Time close_time, double close) {
  if (count_ < 2 || close_time.ns % step.count() != 0) return;
  if (close_time < boundary_) return;            // backfill of what was settled already
  if (close_time > boundary_) {
    settle();
    if (close_time != boundary_ + step) std::fill(last_.begin(), last_.end(), 0.0);   // a hole
    boundary_ = close_time;
  }
  now_[number(instrument)] = close;
}

/// All that will come of this boundary has come: takes the returns that have both ends.
void ReturnCorrelation::settle() {
  for (std::size_t b = 0; b < count_; ++b) {
    if (!(last_[b] > 0) || !(now_[b] > 0)) continue;
    const double y = std::log(now_[b] / last_[b]);
    for (std::size_t a = 0; a <= b; ++a) {
      if (!(last_[a] > 0) || !(now_[a] > 0)) continue;
      const double x = std::log(now_[a] / last_[a]);
      Moment& m = moments_[index(a, b)];
      m.sum_xx = keep * m.sum_xx + x * x;
      m.sum_yy = keep * m.sum_yy + y * y;
      m.sum_xy = keep * m.sum_xy + x * y;
      ++m.samples;
    }
  }
  last_ = now_;
  std::fill(now_.begin(), now_.end(), 0.0);
}

int ReturnCorrelation::samples(InstrumentId a, InstrumentId b) const {
  return moments_[index(number(a), number(b))].samples;
}

double ReturnCorrelation::between(InstrumentId a, InstrumentId b) const {
  if (a == b) return 1;
  const Moment& m = moments_[index(number(a), number(b))];
  const double scale = m.sum_xx * m.sum_yy;
  if (m.samples < samples_min || !(scale > 0)) return 1;
  return std::clamp(m.sum_xy / std::sqrt(scale), -1.0, 1.0);
}

double ReturnCorrelation::heat(std::span<const double> risks) const {
  double sum = 0;
  for (std::uint32_t a = 0; a < risks.size(); ++a) {
    if (risks[a] == 0) continue;
    for (std::uint32_t b = 0; b < risks.size(); ++b) {
      if (risks[b] != 0) sum += risks[a] * risks[b] * between(InstrumentId{a}, InstrumentId{b});
    }
  }
  return std::sqrt(std::max(sum, 0.0));
}

double ReturnCorrelation::room(std::span<const double> risks, InstrumentId i, int side,
                               double limit) const {
  // heat^2 with x more of i is x^2 + 2 b x + h^2, b = side * sum of C_ij r_j.
  double b = 0;
  for (std::uint32_t j = 0; j < risks.size(); ++j) {
    if (risks[j] != 0) b += side * risks[j] * between(i, InstrumentId{j});
  }
  const double now = heat(risks);
  const double root = b * b - now * now + limit * limit;
  return root > 0 ? std::max(0.0, std::sqrt(root) - b) : 0;
}

}  // namespace aitrade
