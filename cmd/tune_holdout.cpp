#include "cmd/tune_holdout.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <sys/file.h>
#include <unistd.h>

#include <rapidjson/document.h>

#include "core/report/number_text.h"
#include "core/report/performance.h"
#include "core/report/returns.h"

namespace aitrade::cli {
namespace {

struct Opening {
  std::string pair, study, at;
  Time first, last;
};

std::optional<Opening> opening_of(const std::string& line) {
  rapidjson::Document json;
  if (json.Parse(line.c_str()).HasParseError() || !json.IsObject()) return std::nullopt;
  for (const char* name : {"pair", "study", "at", "first", "last"}) {
    if (!json.HasMember(name) || !json[name].IsString()) return std::nullopt;
  }
  const auto first = parse_time(json["first"].GetString()), last = parse_time(json["last"].GetString());
  if (!first || !last) return std::nullopt;
  return Opening{json["pair"].GetString(), json["study"].GetString(), json["at"].GetString(), *first, *last};
}

Error failed(const std::filesystem::path& path, const char* what) {
  const int number = errno;
  return fail(number == ENOSPC || number == EROFS || number == EACCES ? ErrorCode::full : ErrorCode::io,
              path.string() + ": " + what + ": " + std::strerror(number));
}

/// A descriptor that is closed, and its lock with it.
struct Descriptor {
  int number;
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
};

}  // namespace

Result<std::size_t> search_part(std::span<const Candle> candles, double share) {
  const Time first = candles.front().open_time, last = candles.back().close_time();
  const auto kept = Duration(static_cast<Duration::rep>(static_cast<double>((last - first).count()) * (1 - share)));
  const Time cut = floor_to(first + kept, day_span);
  const auto end = std::lower_bound(candles.begin(), candles.end(), cut,
                                    [](const Candle& c, Time t) { return c.open_time < t; });
  if (end == candles.begin() || end == candles.end()) {
    return fail(ErrorCode::invalid, "--holdout: the candles span too few days for a part of " + percent_text(share, 0));
  }
  return static_cast<std::size_t>(end - candles.begin());
}

Status log_opening(const std::filesystem::path& folder, const Holdout& holdout, const Study& study, Time now) {
  const std::filesystem::path path = folder / "openings.log";
  const Descriptor file{::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600)};
  if (file.number < 0) return failed(path, "open");
  if (::flock(file.number, LOCK_EX) != 0) return failed(path, "lock");
  std::ifstream in(path, std::ios::binary);
  for (std::string line; std::getline(in, line);) {
    const auto known = opening_of(line);
    if (!known || known->pair != holdout.pair || !(known->first < holdout.last && holdout.first < known->last)) continue;
    return fail(ErrorCode::rejected, "the holdout of " + holdout.pair + " from " + to_string(holdout.first) + " to " +
                                         to_string(holdout.last) + " is no longer sealed: it was opened at " + known->at +
                                         " by the search " + known->study + "; newer candles make a new one");
  }
  JsonWriter json;
  json.begin_object().field("t", "opening").field("pair", holdout.pair).field("first", to_string(holdout.first));
  json.field("last", to_string(holdout.last)).field("strategy", study.strategy).field("study", study.id());
  json.field("at", to_string(now)).end_object();
  const std::string line = json.take() + '\n';
  if (::write(file.number, line.data(), line.size()) != static_cast<ssize_t>(line.size()) || ::fsync(file.number) != 0) {
    return failed(path, "write");
  }
  return ok();
}

HoldoutResult judge_later(const LaterPart& later) {
  HoldoutResult out;
  out.days = later.daily.size();
  out.trades = later.trades;
  double wealth = 1;
  for (const double r : later.daily) wealth *= 1 + r;
  out.total_return = wealth - 1;
  const Moments moments = moments_of(later.daily);
  out.sharpe = sharpe(moments);
  out.probability = probabilistic_sharpe(moments, 0);
  const std::string figures = "in the holdout of " + std::to_string(out.days) + " days it makes " +
                              percent_text(out.total_return, 1) + " after costs in " + std::to_string(out.trades) +
                              (out.trades == 1 ? " trade" : " trades");
  const bool is_enough = out.days >= statistics_days_min && out.probability;
  out.is_confirmed = is_enough && out.total_return > 0 && *out.probability >= holdout_probability_min;
  if (out.is_confirmed) {
    out.text = figures + ", and the chance that this is luck is " + percent_text(1 - *out.probability, 1) + ".";
  } else if (!(out.total_return > 0)) {
    out.text = figures + ".";
  } else if (!is_enough) {
    out.text = figures + ": too little to tell from luck.";
  } else {
    out.text = figures + ", which is not distinguishable from luck (chance " + percent_text(1 - *out.probability, 0) + ").";
  }
  return out;
}

std::string sealed_text(const Holdout& holdout) {
  return "Sealed: " + to_string(holdout.first) + " to " + to_string(holdout.last) +
         " was kept away from the search; --open-holdout looks at it, once.";
}

void write_holdout(const std::optional<Holdout>& holdout, JsonWriter& json) {
  json.key("holdout");
  if (!holdout) {
    json.null();
    return;
  }
  json.begin_object().field("first", to_string(holdout->first)).field("last", to_string(holdout->last));
  json.field("opened", holdout->result.has_value()).key("result");
  if (holdout->result) {
    const HoldoutResult& r = *holdout->result;
    json.begin_object().field("days", r.days).field("trades", r.trades).field("total_return", r.total_return);
    const auto maybe = [&](std::string_view name, const std::optional<double>& value) {
      json.key(name);
      value && std::isfinite(*value) ? json.number(*value) : json.null();
    };
    maybe("sharpe", r.sharpe);
    maybe("probability", r.probability);
    json.field("confirmed", r.is_confirmed).field("text", r.text).end_object();
  } else {
    json.null();
  }
  json.end_object();
}

}  // namespace aitrade::cli
