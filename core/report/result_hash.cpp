#include "core/report/result_hash.h"

#include "core/report/number_text.h"

#include <openssl/evp.h>

#include <array>

namespace aitrade {

namespace {

constexpr std::string_view version_line =
    "aitrade.result 1\n";  // rises when the text changes meaning

class Lines {
 public:
  template <class... Parts>
  void add(std::string_view name, const Parts&... parts) {
    text_ += name;
    (append(parts), ...);
    text_ += '\n';
  }

  std::string take() { return std::move(text_); }

 private:
  void append(std::string_view part) {
    text_ += ' ';
    text_ += part;
  }

  void append(const std::string& part) { append(std::string_view(part)); }

  void append(const char* part) { append(std::string_view(part)); }

  void append(double value) { append(shortest_text(value)); }

  void append(std::uint64_t value) { append(std::to_string(value)); }

  void append(std::int64_t value) { append(std::to_string(value)); }

  void append(std::uint32_t value) { append(std::to_string(value)); }

  void append(Time t) { append(std::to_string(t.ns)); }

  template <class Tag, int Decimals>
  void append(Fixed<Tag, Decimals> value) {
    append(to_string(value));
  }

  std::string text_{version_line};
};

void add_trade(const TradeRecord& record, Lines& lines) {
  const TradeClosed& t = record.trade;
  lines.add("trade", record.symbol, record.strategy, t.trade_number, to_string(t.direction),
            t.quantity, t.entry, t.exit, t.initial_stop, t.target, t.pnl, t.fees, t.slippage,
            t.opened_at, t.closed_at, t.confidence, t.r_multiple, t.mae, t.mfe, t.bars,
            to_string(t.reason));
}

void add_equity(const EquitySummary& equity, Lines& lines) {
  for (const DailyPoint& p : equity.daily)
    lines.add("equity", p.at, p.equity, p.flow);
  const Drawdown& d = equity.drawdown;
  lines.add("drawdown", d.depth, d.peak_equity, d.trough_equity, d.peak, d.trough,
            d.recovery ? std::to_string(d.recovery->ns) : std::string("none"),
            static_cast<std::int64_t>(d.longest_under_water.count()));
  lines.add("marks", equity.bars, equity.bars_in_position, equity.mean_equity,
            equity.mean_gross_exposure);
}

}  // namespace

std::string canonical_text(const RunResult& run) {
  Lines lines;
  lines.add("config", run.identity.config_hash);
  lines.add("data", run.identity.data_fingerprint);
  lines.add("seed", run.identity.seed);
  lines.add("currency", run.identity.currency, run.identity.tick);
  lines.add("money", run.initial_equity, run.final_equity, run.fees, run.slippage, run.turnover,
            run.risk_free_yearly);
  lines.add("counts", run.bars, run.ambiguous_bars, run.too_small, run.decisions, run.entries);
  for (const auto& [reason, count] : run.refused)
    lines.add("refused", to_string(reason), count);
  for (const PairCoverage& c : run.coverage) {
    lines.add("coverage", c.symbol, static_cast<std::int64_t>(c.timeframe.count()), c.first, c.last,
              c.bars, c.gaps, c.missing, c.filled);
  }
  for (const TradeRecord& record : run.trades)
    add_trade(record, lines);
  add_equity(run.equity, lines);
  return lines.take();
}

std::string result_hash(const RunResult& run) {
  return sha256_hex(canonical_text(run));
}

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  const int done =
      EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr);
  AITRADE_CHECK(done == 1 && size == 32);
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) {
    hex += digits[digest[i] >> 4];
    hex += digits[digest[i] & 15];
  }
  return hex;
}

}  // namespace aitrade
