// Every shape of input that people have reads to the same candles.
#include <catch2/catch.hpp>

#include "tests/core/data/support.h"

namespace aitrade {
namespace {

using test::candle;
using test::read_text;
using test::refusal;

// Three minutes that no reading of the columns but the right one can explain.
const std::vector<Candle> three{candle(1'514'764'800, "100", "110", "95", "105", 1.5),
                                candle(1'514'764'860, "105", "107.5", "101.25", "102", 2),
                                candle(1'514'764'920, "102", "120", "101", "118.00000001", 0.12345678)};

std::vector<Candle> with_trades(std::vector<Candle> candles) {
  for (Candle& c : candles) c.trades = 7;
  return candles;
}

void check_reads(std::string_view text, const std::vector<Candle>& expected = three) {
  INFO(text);
  const auto read = read_text(text);
  if (!read) FAIL(read.error().what);
  CHECK(*read == expected);
}

}  // namespace

TEST_CASE("candle reader: CSV with a header, columns by name in any order and case", "[data][reader]") {
  check_reads("time,open,high,low,close,volume\n1514764800,100,110,95,105,1.5\n1514764860,105,107.5,101.25,102,2\n"
              "1514764920,102,120,101,118.00000001,0.12345678\n");
  check_reads("VOLUME;Close;LOW;High;Open;Timestamp\r\n1.5;105;95;110;100;1514764800\r\n"
              "2;102;101.25;107.5;105;1514764860\r\n0.12345678;118.00000001;101;120;102;1514764920\r\n");
  check_reads("t\to\th\tl\tc\tv\n1514764800\t100\t110\t95\t105\t1.5\n1514764860\t105\t107.5\t101.25\t102\t2\n"
              "1514764920\t102\t120\t101\t118.00000001\t0.12345678");  // no line feed at the end
}

TEST_CASE("candle reader: trades are kept, averages ignored", "[data][reader]") {
  check_reads("time,open,high,low,close,volume,trades,vwap\n1514764800,100,110,95,105,1.5,7,101\n"
              "1514764860,105,107.5,101.25,102,2,7,104\n1514764920,102,120,101,118.00000001,0.12345678,7,110\n",
              with_trades(three));
}

TEST_CASE("candle reader: Kraken's archive without a header", "[data][reader][EN3]") {
  check_reads("1514764800,100,110,95,105,1.5,7\n1514764860,105,107.5,101.25,102,2,7\n"
              "1514764920,102,120,101,118.00000001,0.12345678,7\n",
              with_trades(three));
  // The REST answer has the average before the volume.
  check_reads("1514764800,100,110,95,105,101,1.5,7\n1514764860,105,107.5,101.25,102,104,2,7\n"
              "1514764920,102,120,101,118.00000001,110,0.12345678,7\n",
              with_trades(three));
}

TEST_CASE("candle reader: Coinbase order and other orders are told by content", "[data][reader][EN3]") {
  // time, low, high, open, close, volume
  check_reads("1514764800,95,110,100,105,1.5\n1514764860,101.25,107.5,105,102,2\n"
              "1514764920,101,120,102,118.00000001,0.12345678\n");
  // the same, newest first, as the endpoint answers
  check_reads("1514764920,101,120,102,118.00000001,0.12345678\n1514764860,101.25,107.5,105,102,2\n"
              "1514764800,95,110,100,105,1.5\n");
  // time in ms, open, close, high, low, volume
  check_reads("1514764800000,100,105,110,95,1.5\n1514764860000,105,102,107.5,101.25,2\n"
              "1514764920000,102,118.00000001,120,101,0.12345678\n");
}

TEST_CASE("candle reader: Binance's twelve columns, in ms and in us", "[data][reader]") {
  for (const std::string zeros : {"000", "000000"}) {
    const std::string nines(zeros.size(), '9');
    check_reads("1514764800" + zeros + ",100,110,95,105,1.5,1514764859" + nines + ",150.1,7,0.5,50.5,0\n" +
                    "1514764860" + zeros + ",105,107.5,101.25,102,2,1514764919" + nines + ",201,7,0.5,50.5,0\n" +
                    "1514764920" + zeros + ",102,120,101,118.00000001,0.12345678,1514764979" + nines +
                    ",12.5,7,0.1,5.5,0\n",
                with_trades(three));
  }
}

TEST_CASE("candle reader: CryptoDataDownload's preamble, symbol and two volumes", "[data][reader]") {
  const std::string body =
      "1514764920,2018-01-01 00:02:00,BTC/USD,102,120,101,118.00000001,0.12345678,14\n"
      "1514764860,2018-01-01 00:01:00,BTC/USD,105,107.5,101.25,102,2,204\n"
      "1514764800,2018-01-01 00:00:00,BTC/USD,100,110,95,105,1.5,157\n";
  check_reads("https://www.CryptoDataDownload.com\nunix,date,symbol,open,high,low,close,Volume BTC,Volume USD\n" + body);
  // Old files have the two volumes the other way round: the name decides.
  check_reads("# a comment\nhttps://www.CryptoDataDownload.com\n"
              "Unix,Date,Symbol,Open,High,Low,Close,Volume USD,Volume BTC\n"
              "1514764800,2018-01-01,BTCUSD,100,110,95,105,157,1.5\n1514764860,2018-01-01,BTCUSD,105,107.5,101.25,102,204,2\n"
              "1514764920,2018-01-01,BTCUSD,102,120,101,118.00000001,14,0.12345678\n");
  // Without a symbol nothing says which volume is the base's.
  const std::string unknown =
      refusal("unix,open,high,low,close,Volume BTC,Volume USD\n1514764800,100,110,95,105,1.5,157\n"
              "1514764860,105,107.5,101.25,102,2,204\n");
  CHECK(unknown.find("test:1: ") == 0);
  CHECK(unknown.find("can both be the volume") != std::string::npos);
  CandleReadOptions options;
  options.symbol = Symbol{"BTC", "USD"};
  CHECK(refusal("unix,open,high,low,close,Volume BTC,Volume USD\n1514764800,100,110,95,105,1.5,157\n"
                "1514764860,105,107.5,101.25,102,2,204\n", options) == "");
}

TEST_CASE("candle reader: TradingView times, quotes, spaces, offsets and hours of the day", "[data][reader]") {
  check_reads("time,open,high,low,close,Volume,Volume MA\n2018-01-01T00:00:00Z,100,110,95,105,1.5,1\n"
              "2018-01-01T00:01:00Z,105,107.5,101.25,102,2,1\n2018-01-01T01:02:00+01:00,102,120,101,118.00000001,0.12345678,1\n");
  check_reads("\xEF\xBB\xBF\"Date\",\"Open\",\"High\",\"Low\",\"Close\",\"Volume\"\n"
              "\"2018-01-01 00:00:00\",\"100\", 110,95,+105,1.5\n2018-01-01 00:01:00,105,107.5,101.25,1.02e2,2\n\n"
              "2018-01-01 00:02:00,102,120,101,118.00000001,0.12345678\n");
  const auto hours_of_day = read_text("Date,Symbol,Open,High,Low,Close,Volume\n2019-10-01 11-AM,BTCUSD,5,6,4,5,1\n"
                                      "2019-10-01 12-PM,BTCUSD,5,6,4,5,1\n2019-10-01 01-PM,BTCUSD,5,6,4,5,1\n");
  REQUIRE(hours_of_day);
  CHECK(hours_of_day->at(1).open_time == *parse_time("2019-10-01T12:00:00Z"));
  CHECK(hours_of_day->at(1).interval == hours(1));
}

TEST_CASE("candle reader: NDJSON, with other records between, numbers or strings", "[data][reader]") {
  check_reads(R"({"t":"candle","pair":"BTC/USD","tf":"1m","time":1514764800,"open":"100","high":"110","low":"95","close":"105","volume":"1.5"}
{"t":"log","text":"hello","deep":{"open":[1,2,{"low":3}]}}
{"t":"candle","time":1514764860000,"open":105,"high":107.5,"low":101.25,"close":102,"volume":2,"pair":"XBT/USD"}

{"t":"candle","time":"2018-01-01T00:02:00Z","open":"102","high":"120","low":"101","close":118.00000001,"volume":0.12345678}
)");
  CHECK(refusal("{\"t\":\"candle\",\"tf\":\"1m\",\"time\":1,\"open\":\"1\"}\n").find("test:1: high is empty") == 0);
  CHECK(refusal("{\"t\":\"candle\",\"tf\":\"1m\",\"time\":1514764800,\"open\":1,\"high\":1,\"low\":1,\"close\":1,\"volume\":1}\n"
                "{\"t\":\"candle\",").find("test:2: is not a JSON object") == 0);
  CHECK(refusal("{\"t\":\"candle\",\"tf\":\"1m\",\"pair\":\"BTC/USD\",\"time\":1514764800,\"open\":1,\"high\":1,\"low\":1,\"close\":1,\"volume\":1}\n"
                "{\"t\":\"candle\",\"pair\":\"ETH/USD\",\"time\":1514764860,\"open\":1,\"high\":1,\"low\":1,\"close\":1,\"volume\":1}\n")
            .find("test:2: the pair changes") == 0);
}

TEST_CASE("candle reader: gzip is told by its content, several members are one input", "[data][reader]") {
  const std::string first = "time,open,high,low,close,volume\n1514764800,100,110,95,105,1.5\n";
  const std::string second =
      "1514764860,105,107.5,101.25,102,2\n1514764920,102,120,101,118.00000001,0.12345678\n";
  check_reads(test::gzip(first + second));
  check_reads(test::gzip(first) + test::gzip(second));

  const std::string whole = test::gzip(first + second);
  for (std::size_t cut = 3; cut + 1 < whole.size(); ++cut) {
    const std::string why = refusal(std::string_view(whole).substr(0, cut));
    CHECK(why.find("test: the gzip stream ends too early") == 0);
  }
  std::string damaged = whole;
  damaged[whole.size() / 2] = static_cast<char>(damaged[whole.size() / 2] ^ 0x55);
  CHECK_FALSE(read_text(damaged));
}

TEST_CASE("candle reader: a column map overrides, by number and by name", "[data][reader]") {
  CandleReadOptions options;
  options.map = *ColumnMap::parse("time=5,open=0,high=1,low=2,close=3,volume=none");
  auto read = read_text("5,5,5,5,9,1514764800\n5,5,5,5,9,1514764860\n", options);
  if (!read) FAIL(read.error().what);
  CHECK(read->at(0).volume == 0);

  options.map = *ColumnMap::parse("volume=Quote");
  read = read_text("time,open,high,low,close,volume,quote\n1514764800,1,1,1,1,2,3\n1514764860,1,1,1,1,2,3\n", options);
  if (!read) FAIL(read.error().what);
  CHECK(read->at(0).volume == 3);

  options.map = *ColumnMap::parse("volume=9");
  CHECK(refusal("time,open,high,low,close,volume\n1514764800,1,1,1,1,2\n", options).find("test:1: --map names column 9") == 0);
  CHECK_FALSE(ColumnMap::parse("time"));
  CHECK_FALSE(ColumnMap::parse("colour=1"));
  CHECK_FALSE(ColumnMap::parse("time=1,time=2"));
  CHECK_FALSE(ColumnMap::parse("time="));
}

TEST_CASE("candle reader: the explanation says in one line what was understood", "[data][reader]") {
  auto reader = CandleReader::open(ByteSource::bytes(
      "1514764800,95,110,100,105,1.5\n1514764860,101.25,107.5,105,102,2\n", "data/XBTUSD_1.csv"));
  REQUIRE(reader);
  CHECK(reader->format().explanation ==
        "data/XBTUSD_1.csv: split by ',', no header, columns by content, time=0 (seconds), open=3, high=2, "
        "low=1, close=4, volume=5, oldest first, interval 1m (file name), pair BTC/USD (file name)");
}

TEST_CASE("file hints: common names, and silence where a name is not plain", "[data][reader]") {
  const auto hint = [](std::string_view path) {
    const FileHints hints = hints_from_path(path);
    return (hints.symbol ? to_string(*hints.symbol) : "-") + " " + (hints.interval ? timeframe_text(*hints.interval) : "-");
  };
  CHECK(hint("XBTUSD_60.csv") == "BTC/USD 1h");
  CHECK(hint("a/b/XDGUSD_1440.csv.gz") == "DOGE/USD 1d");
  CHECK(hint("bitfinex_BTCUSD_1m_2018.csv.gz") == "BTC/USD 1m");
  CHECK(hint("BTC_USDT-5m.csv") == "BTC/USDT 5m");
  CHECK(hint("BTCUSDT-1m-2025-01.csv") == "BTC/USDT 1m");
  CHECK(hint("bybit_ADAUSDT-PERP_1m_2025-06.csv.gz") == "- 1m");
  CHECK(hint("reference_GOOG_1d.csv.gz") == "- 1d");
  CHECK(hint("BTCUSD_ETHUSD_1h.csv") == "- 1h");
  CHECK(hint("BTCUSD_1h_5m.csv") == "BTC/USD -");
  CHECK(hint("reference_BTCUSD_1mo.csv.gz") == "BTC/USD -");
  CHECK(hint("2018.csv") == "- -");
  CHECK(hint("stdin") == "- -");
}

}  // namespace aitrade
