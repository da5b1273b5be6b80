#include "cmd/backtest_detail.h"

#include <optional>
#include <utility>

#include "cmd/stored_candles.h"
#include "core/data/candle_reader.h"

namespace aitrade::cli {
namespace {

constexpr Duration finest{minutes{1}};
constexpr Duration stretch{hours{24 * 7}};   // ten thousand minutes: 700 kB at a time

bool divides(Duration part, Duration whole) { return part.count() > 0 && part < whole && whole % part == Duration{0}; }

Result<DetailInput> detail_of_file(const std::string& path, const CandleInput& input) {
  if (path == "-") return fail(ErrorCode::invalid, "--detail reads files, not stdin");
  AITRADE_TRY(ByteSource source, ByteSource::open(path));
  AITRADE_TRY(CandleReader reader, CandleReader::open(std::move(source)));
  const CandleFormat& format = reader.format();
  if (format.symbol && *format.symbol != input.symbol) {
    return fail(ErrorCode::invalid, path + " has candles of " + to_string(*format.symbol) + ", the input is " +
                                        to_string(input.symbol) + "; --detail files come in the order of the inputs");
  }
  if (!divides(format.interval, input.interval)) {
    return fail(ErrorCode::invalid, path + ": " + timeframe_text(format.interval) + " candles are no detail of " +
                                        timeframe_text(input.interval) + " bars");
  }
  auto candles = std::make_shared<std::vector<Candle>>();
  auto summary = reader.read([&](std::span<const Candle> part) -> Status {
    candles->insert(candles->end(), part.begin(), part.end());
    return ok();
  });
  if (!summary) return std::move(summary).error();
  DetailInput detail;
  detail.interval = format.interval;
  detail.candles = std::move(candles);
  return detail;
}

/// The shortest series of the input's venue and pair that divides its interval, if there is one.
Result<DetailInput> detail_of_store(const std::shared_ptr<CandleStore>& store, const CandleInput& input) {
  DetailInput detail;
  std::optional<SeriesKey> best;
  AITRADE_TRY(const std::vector<SeriesInfo> all, store->list());
  for (const SeriesInfo& info : all) {
    if (info.rows == 0 || info.key.symbol != input.symbol || info.key.venue != input.stored->venue) continue;
    if (info.key.interval < finest || !divides(info.key.interval, input.interval)) continue;
    if (!best || info.key.interval < best->interval) best = info.key;
  }
  if (!best) return detail;
  detail.interval = best->interval;
  detail.load = [store, key = *best](Time from, Time to, std::vector<Candle>& into) {
    return store->read(key, TimeRange{from, to}, [&](std::span<const Candle> part) -> Status {
      into.insert(into.end(), part.begin(), part.end());
      return ok();
    });
  };
  return detail;
}

}  // namespace

std::unique_ptr<DetailSeries> DetailInput::series() const {
  if (!is_there()) return nullptr;
  if (candles != nullptr) return std::make_unique<DetailSeries>(candles);
  return std::make_unique<DetailSeries>(load, stretch);
}

void DetailWalk::add(const Symbol& symbol, const DetailInput& input) {
  is_there_ = is_there_ || input.is_there();
  set_.add(input.series());
  met_.emplace_back(symbol, input.interval);
  intervals_.push_back(input.interval);
}

std::span<const Candle> DetailWalk::inside(InstrumentId instrument, const Candle& bar) {
  const std::span<const Candle> parts = set_.inside(instrument, bar);
  if (!parts.empty()) met_[number(instrument)].add(parts);
  return parts;
}

std::string DetailWalk::identity() const {
  std::string out;
  for (std::size_t i = 0; i < met_.size(); ++i) {
    const DetailSeries* series = set_.series()[i].get();
    if (series == nullptr || series->counts().detailed == 0) continue;
    out += "\ndetail " + timeframe_text(intervals_[i]) + " " + met_[i].hex();
  }
  return out;
}

Result<std::string> DetailWalk::summary() const {
  DetailCounts all;
  for (const auto& series : set_.series()) {
    if (series == nullptr) continue;
    if (!series->status()) return series->status().error();
    all.detailed += series->counts().detailed;
    all.absent += series->counts().absent;
    all.differing += series->counts().differing;
  }
  return "fills met the finer candles of " + std::to_string(all.detailed) + " bars; " +
         std::to_string(all.absent) + " more had none, and those of " + std::to_string(all.differing) +
         " are not of the same market";
}

Result<std::vector<DetailInput>> open_details(const std::vector<std::string>& files,
                                              const std::vector<CandleInput>& inputs, const Paths& paths) {
  if (files.size() > inputs.size()) return fail(ErrorCode::invalid, "there are more --detail files than inputs");
  std::vector<DetailInput> details;
  std::shared_ptr<CandleStore> store;   // apart from the one that streams the bars
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    DetailInput detail;
    if (i < files.size()) {
      AITRADE_TRY(detail, detail_of_file(files[i], inputs[i]));
    } else if (inputs[i].stored && inputs[i].interval > finest) {
      if (store == nullptr) {
        AITRADE_TRY(CandleStore opened, open_candle_store(paths));
        store = std::make_shared<CandleStore>(std::move(opened));
      }
      AITRADE_TRY(detail, detail_of_store(store, inputs[i]));
    }
    details.push_back(std::move(detail));
  }
  return details;
}

}  // namespace aitrade::cli
