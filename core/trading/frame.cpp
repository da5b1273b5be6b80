#include "core/trading/frame.h"

#include <algorithm>
#include <new>
#include <type_traits>

#include "core/trading/volatility_state.h"

namespace aitrade {
namespace {

constexpr std::size_t bars_kept_min = 128;  // what a strategy may look back on without asking

static_assert(std::is_trivially_destructible_v<Signal>);  // judge() writes over the one before

}  // namespace

Frame::Frame(const TradingRules& rules, Duration timeframe, const Playback* playback)
    : series_(timeframe, bars_kept_min),
      indicators_(std::make_unique<IndicatorSet>(timeframe)),
      regime_(rules.regime, timeframe),
      adx_(indicators_->adx(regime_period).adx),
      atr_(indicators_->atr(regime_period)),
      atr_pct_(indicators_->atr_pct(regime_period)),
      playback_(playback) {
  if (timeframe != rules.base) resampler_.emplace(rules.base, timeframe);
  int longest = 1;
  for (const StrategyChoice& choice : rules.strategies) {
    strategies_.push_back(choice.info->make(
        StrategySetup{*indicators_, choice.parameters, rules.bracket, timeframe}));
    ids_.push_back(choice.id);
    longest = std::max(longest, strategies_.back()->warm_up());
  }
  signals_.resize(strategies_.size());
  warm_up_ = static_cast<std::size_t>(std::max(longest, indicators_->warm_up()));
  series_.bars.reserve(std::max(warm_up_, bars_kept_min));
  if (rules.snapshots && timeframe == rules.primary) lines_.emplace(*indicators_);
  if (playback_ != nullptr) indicators_->play(playback_->tape, *playback_->tapes);
}

// Periods are those of trading-core.md 5.1, the canonical vector.
Frame::SnapshotLines::SnapshotLines(IndicatorSet& set)
    : rsi(set.rsi(14)),
      ema(set.ema(20)),
      bb_position(set.bollinger(20, 2.0).position),
      bb_width(set.bollinger(20, 2.0).width),
      plus_di(set.adx(regime_period).plus_di),
      minus_di(set.adx(regime_period).minus_di),
      volume_ratio(set.volume_ratio(20)),
      roc(set.roc_pct(10)),
      trend_strength(set.trend_strength(12, 26)),
      macd(set.macd(12, 26, 9).histogram),
      realized_vol(set.realized_vol(20)),
      choppiness(set.choppiness(14)) {}

Snapshot Frame::snapshot() const {
  AITRADE_CHECK(lines_.has_value());
  const double close = series_.bars.back(0).close;
  Snapshot now;
  now.rsi = lines_->rsi.last();
  now.ema_ratio = close / lines_->ema.last();
  now.bb_position = lines_->bb_position.last();
  now.bb_width = lines_->bb_width.last();
  now.adx = adx_.last();
  now.di_spread = lines_->plus_di.last() - lines_->minus_di.last();
  now.volume_ratio = lines_->volume_ratio.last();
  now.atr_pct = atr_pct_.last();
  now.roc = lines_->roc.last();
  now.trend_strength = lines_->trend_strength.last();
  now.macd_histogram = lines_->macd.last() / close;
  now.realized_vol = lines_->realized_vol.last();
  now.choppiness = lines_->choppiness.last();
  return now;
}

void Frame::jump(std::size_t next) {
  AITRADE_CHECK(playback_ != nullptr && next > 0);
  const Bar& newest = playback_->tape.bars[next - 1];
  catch_up(series_, playback_->tape, next_, next);
  indicators_->seek(playback_->tape, next - 1);
  regime_.restore(playback_->regimes[next - 1]);
  newest_close_ = newest.open_time + series_.timeframe;
  has_bar_ = true;
  next_ = next;
}

void Frame::push(const Candle& bar) {
  if (has_bar_ && bar.close_time() <= newest_close_) return;
  Bar& b = series_.bars.grow();
  write_bar(bar, b);
  ++series_.since_break;
  indicators_->update(b);
  regime_.update(adx_.last(), atr_pct_.last());
  newest_close_ = bar.close_time();
  has_bar_ = true;
  ++next_;
}

void Frame::on_base(const Candle& base) {
  if (!resampler_) {
    push(base);
    return;
  }
  for (auto bar = resampler_->push(base); bar; bar = resampler_->next()) push(*bar);
}

void Frame::on_history(const Candle& bar) {
  if (bar.interval == series_.timeframe) push(bar);
}

void Frame::judge(const Confluence& confluence, const std::optional<BookTop>& book,
                  const BookAnalysis* analysis) {
  const MarketView market = view(book).with(analysis, nullptr);
  Signal* signal = signals_.data();
  const StrategyId* id = ids_.data();
  for (const auto& strategy : strategies_) {
    // Built where it lies: a signal is large, and this runs once per strategy and bar.
    ::new (signal) Signal(strategy->judge(market));
    signal->strategy = *id++;
    ++signal;
  }
  confluence.combine(signals_, regime_.regime(), adx_.last(), newest_close_, opinion);
  // Computed only where somebody spoke: a logarithm per bar would cost more than all votes.
  if (opinion.direction != Direction::neutral) confluence.weigh(opinion, analysis, choppiness_of(series_));
  opinion_close_ = newest_close_;
  has_opinion_ = true;
}

void Frame::reset() {
  series_.bars.clear();
  series_.since_break = 0;
  indicators_->reset();
  regime_.reset();
  if (resampler_) resampler_->reset();
  has_opinion_ = false;
}

}  // namespace aitrade
