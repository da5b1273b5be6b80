#include "core/data/candle_record.h"

#include <rapidjson/reader.h>

#include <array>
#include <string_view>
#include <utility>

#include "core/data/row_parser.h"

namespace aitrade {
namespace {

/// What the keys of one flat record hold, as text.
struct Fields {
  std::string_view kind;
  std::string_view pair;
  std::string_view timeframe;
  std::array<std::string_view, 8> values;  // by Column
};

/// Collects the values of a flat object; deeper levels are ignored.
struct FieldHandler : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, FieldHandler> {
  explicit FieldHandler(Fields& target) : fields(target) {}

  bool Default() { return take({}); }

  bool Bool(bool) { return take({}); }

  bool RawNumber(const char* text, rapidjson::SizeType size, bool) { return take({text, size}); }

  bool String(const char* text, rapidjson::SizeType size, bool) { return take({text, size}); }

  bool StartObject() { return ++depth <= 64; }

  bool EndObject(rapidjson::SizeType) {
    --depth;
    return true;
  }

  bool StartArray() { return ++depth <= 64; }

  bool EndArray(rapidjson::SizeType) {
    --depth;
    return true;
  }

  bool Key(const char* text, rapidjson::SizeType size, bool) {
    key = {text, size};
    return true;
  }

  bool take(std::string_view value) {
    if (depth != 1) return true;
    if (key == "t") {
      fields.kind = value;
    } else if (key == "pair" || key == "symbol") {
      fields.pair = value;
    } else if (key == "tf" || key == "timeframe") {
      fields.timeframe = value;
    } else if (const Column column = column_of(key); column != Column::skip) {
      fields.values[static_cast<std::size_t>(column)] = value;
    }
    return true;
  }

  /// The names we write ourselves come first: they need no folding of case.
  static Column column_of(std::string_view name) {
    for (const Column column : {Column::time, Column::open, Column::high, Column::low, Column::close,
                                Column::volume, Column::trades}) {
      if (name == to_string(column)) return column;
    }
    return column_named(name);
  }

  Fields& fields;
  std::string_view key;
  int depth{0};
};

Error in_field(Column column, Error error) {
  return fail(ErrorCode::invalid, std::string(to_string(column)) + " " + std::move(error.what));
}

}  // namespace

struct CandleRecordParser::State {
  Status read_prices(const Fields& fields, Candle& candle) {
    const std::array<std::pair<Column, Price*>, 4> targets{{{Column::open, &candle.open},
                                                            {Column::high, &candle.high},
                                                            {Column::low, &candle.low},
                                                            {Column::close, &candle.close}}};
    for (const auto& [column, price] : targets) {
      bool noisy = false;
      auto value = read_price_field(fields.values[static_cast<std::size_t>(column)], noisy);
      if (!value) return in_field(column, std::move(value).error());
      *price = *value;
      rounded += noisy ? 1 : 0;
    }
    return ok();
  }

  Status read_rest(const Fields& fields, Candle& candle) {
    auto time = read_time_field(fields.values[static_cast<std::size_t>(Column::time)]);
    if (!time) return in_field(Column::time, std::move(time).error());
    candle.open_time = *time;
    auto volume = read_volume_field(fields.values[static_cast<std::size_t>(Column::volume)]);
    if (!volume) return in_field(Column::volume, std::move(volume).error());
    candle.volume = *volume;
    const std::string_view trades = fields.values[static_cast<std::size_t>(Column::trades)];
    if (!trades.empty()) {
      auto count = read_volume_field(trades);
      if (!count || *count < 0 || *count > 4e9) return fail(ErrorCode::invalid, "trades is not a count");
      candle.trades = static_cast<std::uint32_t>(*count);
    }
    if (!fields.timeframe.empty()) {
      AITRADE_TRY(candle.interval, parse_duration(fields.timeframe));
    }
    return ok();
  }

  Status read_pair(std::string_view text) {
    if (text.empty() || text == pair_text) return ok();
    AITRADE_TRY(const Symbol parsed, Symbol::parse(text));
    if (symbol && *symbol != parsed) {
      return fail(ErrorCode::invalid, "the pair changes from " + to_string(*symbol) + " to " +
                                          to_string(parsed) + "; one stream is one series");
    }
    symbol = parsed;
    pair_text = text;
    return ok();
  }

  std::optional<Symbol> symbol;
  std::string pair_text;
  std::int64_t rounded{0};
  rapidjson::Reader reader;
};

CandleRecordParser::CandleRecordParser() : state_(std::make_unique<State>()) {}
CandleRecordParser::CandleRecordParser(CandleRecordParser&&) noexcept = default;
CandleRecordParser& CandleRecordParser::operator=(CandleRecordParser&&) noexcept = default;
CandleRecordParser::~CandleRecordParser() = default;

const std::optional<Symbol>& CandleRecordParser::symbol() const { return state_->symbol; }

std::int64_t CandleRecordParser::rounded() const { return state_->rounded; }

Result<bool> CandleRecordParser::parse(char* begin, char* end, Candle& candle) {
  *end = '\0';
  Fields fields;
  FieldHandler handler(fields);
  rapidjson::InsituStringStream stream(begin);
  constexpr unsigned flags = rapidjson::kParseInsituFlag | rapidjson::kParseNumbersAsStringsFlag |
                             rapidjson::kParseIterativeFlag;
  const rapidjson::ParseResult parsed = state_->reader.Parse<flags>(stream, handler);
  if (parsed.IsError()) {
    return fail(ErrorCode::invalid, "is not a JSON object (at character " + std::to_string(parsed.Offset() + 1) + ")");
  }
  if (!fields.kind.empty() && fields.kind != "candle") return false;
  candle = Candle{};
  AITRADE_TRY_STATUS(state_->read_pair(fields.pair));
  AITRADE_TRY_STATUS(state_->read_prices(fields, candle));
  AITRADE_TRY_STATUS(state_->read_rest(fields, candle));
  return true;
}

}  // namespace aitrade
