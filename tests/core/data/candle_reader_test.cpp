// What the reader refuses, with its line; what it drops and counts; round trips and fingerprints.
#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>

#include "core/base/random.h"
#include "core/data/candle_fingerprint.h"
#include "core/data/candle_writer.h"
#include "core/data/line_buffer.h"
#include "core/data/row_parser.h"
#include "tests/core/data/support.h"

namespace aitrade {
namespace {

using test::candle;
using test::read_text;
using test::refusal;

const std::string head = "time,open,high,low,close,volume\n1514764800,10,11,9,10,1\n1514764860,10,11,9,10,1\n";

std::vector<Candle> random_candles(std::size_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<Candle> candles;
  Time time = Time::from_seconds(1'500'000'000 - 1'500'000'000 % 300);
  for (std::size_t i = 0; i < count; ++i) {
    Candle c;
    c.open_time = time;
    c.interval = minutes(5);
    const int digits = static_cast<int>(random.below(18));
    const auto raw = [&random, digits] {
      std::int64_t bound = 10;
      for (int d = 0; d < digits; ++d) bound *= 10;
      return static_cast<std::int64_t>(1 + random.below(static_cast<std::uint64_t>(bound)));
    };
    std::vector<std::int64_t> prices{raw(), raw(), raw(), raw()};
    const auto [low, high] = std::minmax_element(prices.begin(), prices.end());
    c.low = Price::from_raw(*low);
    c.high = Price::from_raw(*high);
    c.open = Price::from_raw(prices[random.below(4)]);
    c.close = Price::from_raw(prices[random.below(4)]);
    c.volume = random.below(20) == 0 ? 0 : std::exp(random.normal() * 20);
    if (random.below(3) == 0) c.volume = std::round(c.volume * 1e8) / 1e8;
    c.trades = static_cast<std::uint32_t>(random.below(5'000'000));
    candles.push_back(c);
    time = time + minutes(5) * static_cast<int>(random.below(12) == 0 ? 1 + random.below(40) : 1);
  }
  return candles;
}

std::string as_text(std::span<const Candle> candles, CandleTextForm form) {
  std::string text;
  const CandleWriter writer(form, Symbol{"BTC", "USD"}, minutes(5), true);
  writer.begin(text);
  writer.write(candles, text);
  return text;
}

}  // namespace

TEST_CASE("candle reader: unsound rows are refused with input and line", "[data][reader][X24]") {
  CHECK(refusal(head + "1514764920,10,11,9,NaN,1\n") == "test:4: close \"NaN\" is not a price");
  CHECK(refusal(head + "1514764920,10,11,9,,1\n") == "test:4: close is empty");
  CHECK(refusal(head + "1514764920,10,11,-9,10,1\n") == "test:4: a price is not above zero");
  CHECK(refusal(head + "1514764920,10,11,0,10,1\n") == "test:4: a price is not above zero");
  CHECK(refusal(head + "1514764920,10,9,11,10,1\n") == "test:4: high is below low");
  CHECK(refusal(head + "1514764920,10,11,10.5,10.7,1\n") == "test:4: low is above open or close");
  CHECK(refusal(head + "1514764920,12,11,9,10,1\n") == "test:4: high is below open or close");
  CHECK(refusal(head + "1514764920,10,11,9,10,-1\n") == "test:4: volume is negative or not finite");
  CHECK(refusal(head + "1514764920,10,11,9,10,inf\n") == "test:4: volume \"inf\" is not a number");
  CHECK(refusal(head + "1514764920,10,11,9,10\n") == "test:4: found 5 columns, expected 6");
  CHECK(refusal(head + "1514764920,10,11,9,10,1,2\n") == "test:4: found 7 columns, expected 6");
  CHECK(refusal(head + "\n\nyesterday,10,11,9,10,1\n") == "test:6: time \"yesterday\" is not a time");
  CHECK(refusal(head + "1514764920,99999999999,11,9,10,1\n").find("test:4: open ") == 0);
  CHECK(refusal(head + "1514764920,10,11,9,10.1234567891234,1\n") == "");  // float noise at this size
  CHECK(refusal(head + "1514764920,0.00123456789123,11,0.001,10,1\n") ==
        "test:4: open \"0.00123456789123\" has more than 10 decimals");
}

TEST_CASE("candle reader: order, grid and duplicates", "[data][reader][X24]") {
  const std::string back = refusal(head + "1514764920,10,11,9,10,1\n1514764740,10,11,9,10,1\n");
  CHECK(back.find("test:5: time 2017-12-31T23:59:00Z comes after 2018-01-01T00:02:00Z") == 0);
  CandleReadOptions minute;
  minute.interval = minutes(1);
  CHECK(refusal(head + "1514764890,10,11,9,10,1\n", minute).find("test:4: time 2018-01-01T00:01:30Z is 30s from the row before") == 0);
  CHECK(refusal(head + "1514764950,10,11,9,10,1\n").find("is not on the 1m grid") != std::string::npos);
  const std::string differs = refusal(head + "1514764860,10,11,9,10,2\n");
  CHECK(differs.find("test:4: time 2018-01-01T00:01:00Z is there twice") == 0);

  auto reader = CandleReader::open(ByteSource::bytes(
      "time,open,high,low,close,volume\n1514764800,10,11,9,10,1\n1514764800,10,11,9,10,1\n1514764860,10,11,9,10,1\n", "x"));
  REQUIRE(reader);
  const auto summary = reader->read([](std::span<const Candle>) { return ok(); });
  REQUIRE(summary);
  CHECK(summary->rows == 2);
  CHECK(summary->duplicates == 1);

  CandleReadOptions keep;
  keep.duplicates = DuplicateRule::keep_larger_volume;
  const auto kept = read_text(head + "1514764860,10,12,9,10,2\n1514764860,10,11,9,10,1.5\n1514764920,10,11,9,10,1\n", keep);
  REQUIRE(kept);
  REQUIRE(kept->size() == 3);
  CHECK(kept->at(1).volume == 2);
}

TEST_CASE("candle reader: what is ambiguous, empty or no table is refused", "[data][reader]") {
  CHECK(refusal("") == "test: is empty");
  CHECK(refusal("\n \n") == "test: is empty");
  CHECK(refusal("time,open,high,low,close,volume\n").find("interval cannot be told") != std::string::npos);
  CHECK(refusal("time,open,high,low,close,volume\n1514764800,10,11,9,10,1\n").find("from one row; give it with --tf") !=
        std::string::npos);
  CandleReadOptions minute;
  minute.interval = minutes(1);
  CHECK(refusal("time,open,high,low,close,volume\n1514764800,10,11,9,10,1\n", minute) == "");
  CHECK(refusal("time,open,high,low,close,volume\n", minute) == "test: holds no candles");
  CHECK(refusal("hello\nworld\n").find("test:1: no table of candles found") == 0);
  CHECK(refusal("1514764800,1,2\n").find("test:1: found 3 columns") == 0);
  CHECK(refusal("time,open,high,low,close\n1514764800,1,1,1,1\n").find("no column for the volume") != std::string::npos);
  // Flat rows fit every order of columns.
  CHECK(refusal("1514764800,5,5,5,5,1\n1514764860,6,6,6,6,1\n").find("cannot be told from the others") != std::string::npos);
  // No column is at or below all others in every row.
  CHECK(refusal("1514764800,1,5,3,4,7\n1514764860,5,1,3,4,7\n").find("no four columns") != std::string::npos);
  // Open and close in the unusual order: smooth only when swapped.
  CHECK(refusal("1514764800,20,21,9,10,7\n1514764860,30,31,19,20,7\n1514764920,40,41,29,30,7\n")
            .find("looks like the open") != std::string::npos);
  CHECK_FALSE(ByteSource::open("/nonexistent/file.csv"));
  CHECK(ByteSource::open("/nonexistent/file.csv").error().code == ErrorCode::invalid);  // missing input is usage
  CHECK(ByteSource::open("/").error().code == ErrorCode::invalid);
}

TEST_CASE("candle reader: text and back gives the same candles, in both forms and directions", "[data][reader]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto candles = random_candles(seed * 600, seed);
    const std::string csv = as_text(candles, CandleTextForm::csv);
    const auto read = read_text(csv);
    if (!read) FAIL(read.error().what);
    CHECK(*read == candles);

    const auto records = read_text(as_text(candles, CandleTextForm::ndjson));
    if (!records) FAIL(records.error().what);
    CHECK(*records == candles);

    const std::vector<Candle> reversed(candles.rbegin(), candles.rend());
    const auto turned = read_text(as_text(reversed, CandleTextForm::csv));
    if (!turned) FAIL(turned.error().what);
    CHECK(*turned == candles);
  }
}

TEST_CASE("candle reader: inputs longer than its buffer are cut at lines", "[data][reader]") {
  const auto candles = random_candles(60'000, 99);
  const std::string csv = as_text(candles, CandleTextForm::csv);
  REQUIRE(csv.size() > 3 * LineBuffer::default_capacity);
  const auto read = read_text(csv);
  if (!read) FAIL(read.error().what);
  CHECK(*read == candles);
  CHECK(refusal(std::string(2 * LineBuffer::default_capacity, '1')).find("a line is longer than") != std::string::npos);

  std::size_t end = csv.size() - 1;  // break the last line: its number must be right
  end = csv.rfind('\n', end - 1);
  const std::string why = refusal(csv.substr(0, end + 1) + "x,1,1,1,1,1,1\n");
  CHECK(why.find("test:60001: time \"x\"") == 0);  // the header and 59,999 candles before it
}

TEST_CASE("candle reader: fast and careful parsing agree to the last bit", "[data][reader]") {
  Random random(5);
  CandleLayout layout;
  layout.columns = {Column::time, Column::open, Column::high, Column::low, Column::close, Column::volume, Column::skip, Column::trades};
  RowParser parser(layout, minutes(1));
  const auto number = [&random](std::size_t whole_max, std::size_t places_max) {
    std::string text;
    for (std::size_t i = 0; i <= random.below(whole_max); ++i) text += static_cast<char>('0' + random.below(10));
    const std::size_t places = random.below(places_max + 1);
    if (places > 0) text += '.';
    for (std::size_t i = 0; i < places; ++i) text += static_cast<char>('0' + random.below(10));
    return text;
  };
  int fast_rows = 0;
  for (int i = 0; i < 50'000; ++i) {
    std::string line = std::to_string(1'000'000'000 + random.below(1'000'000'000));
    for (std::size_t zeros = 3 * random.below(4); zeros > 0; --zeros) line += '0';
    for (int k = 0; k < 4; ++k) line += "," + number(9, 11);
    line += "," + number(16, 12) + ",skipped text," + std::to_string(random.below(1'000'000));
    const std::size_t size = line.size();
    line += "\n" + std::string(LineBuffer::padding, '\0');
    Candle quick;
    Candle slow;
    const char* next = parser.fast(line.data(), quick);
    const Status status = parser.careful(std::string_view(line).substr(0, size), slow);
    if (next == nullptr) continue;
    ++fast_rows;
    INFO(line);
    REQUIRE(status);
    CHECK(next == line.data() + size + 1);
    CHECK(quick == slow);
  }
  CHECK(fast_rows > 10'000);
}

TEST_CASE("candle fingerprint: content decides, not the way it came", "[data][fingerprint]") {
  const auto candles = random_candles(3'000, 3);
  CandleFingerprint whole(Symbol{"BTC", "USD"}, minutes(5));
  whole.add(candles);
  CandleFingerprint pieces(Symbol{"BTC", "USD"}, minutes(5));
  for (const Candle& c : candles) pieces.add(c);
  CHECK(whole.hex() == pieces.hex());
  CHECK(whole.hex().size() == 64);

  CandleFingerprint other_pair(Symbol{"ETH", "USD"}, minutes(5));
  other_pair.add(candles);
  CHECK(other_pair.hex() != whole.hex());

  auto changed = candles;
  changed[1'500].volume = std::nextafter(changed[1'500].volume, 1e300);
  CandleFingerprint one_bit(Symbol{"BTC", "USD"}, minutes(5));
  one_bit.add(changed);
  CHECK(one_bit.hex() != whole.hex());
  const std::string before = whole.hex();
  whole.add(candles.back());
  CHECK(whole.hex() != before);
}

TEST_CASE("candle writer: exact decimals, shortest volumes, seconds", "[data][writer]") {
  std::string text;
  const std::vector<Candle> candles{candle(1'514'764'800, "13763", "13788.5", "0.0000000001", "100.10", 8.54199109)};
  const CandleWriter csv(CandleTextForm::csv, Symbol{"BTC", "USD"}, minutes(1), false);
  csv.begin(text);
  csv.write(candles, text);
  CHECK(text == "time,open,high,low,close,volume\n1514764800,13763,13788.5,0.0000000001,100.1,8.54199109\n");
  text.clear();
  const CandleWriter records(CandleTextForm::ndjson, Symbol{"BTC", "USD"}, minutes(1), true);
  records.begin(text);
  records.write(candles, text);
  CHECK(text == R"({"t":"candle","pair":"BTC/USD","tf":"1m","time":1514764800,"open":"13763","high":"13788.5",)"
                R"("low":"0.0000000001","close":"100.1","volume":"8.54199109","trades":0})"
                "\n");
}

}  // namespace aitrade
