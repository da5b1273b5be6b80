// Whether the time of a wrong key tells how much of it was right (security.md, N42): keys that share the first 0 to 31
// bytes with a right one, in random order, in one run; by hand: build/release/tests/bench/timing
//
// Prints the correlation of time with the number of right bytes, and the mean of keys that are almost right over that of
// keys that are all wrong. AITRADE_TIMING_KEYS (100000) of them for a stored key, as many for a signature.
#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "core/api/signature.h"
#include "core/auth/gatekeeper.h"
#include "core/base/random.h"
#include "tests/support/home.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

constexpr int bytes_most = 32;
constexpr std::size_t secret_size = 43;   // characters at the end of a key
constexpr std::string_view base64url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

struct Sample {
  int right{0};
  double ns{0};
};

double mean_of(const std::vector<Sample>& samples, int from, int to) {
  double sum = 0;
  int count = 0;
  for (const Sample& s : samples) {
    if (s.right < from || s.right >= to) continue;
    sum += s.ns;
    ++count;
  }
  return count > 0 ? sum / count : std::nan("");
}

/// Drops the slowest tenth: what the machine did meanwhile.
void print(const char* name, std::vector<Sample> samples) {
  std::sort(samples.begin(), samples.end(), [](const Sample& a, const Sample& b) { return a.ns < b.ns; });
  samples.resize(samples.size() * 9 / 10);
  const double n = static_cast<double>(samples.size());
  double x = 0, y = 0, xx = 0, yy = 0, xy = 0;
  for (const Sample& s : samples) {
    x += s.right, y += s.ns;
    xx += s.right * s.right, yy += s.ns * s.ns, xy += s.right * s.ns;
  }
  const double r = (n * xy - x * y) / std::sqrt((n * xx - x * x) * (n * yy - y * y));
  std::printf("%-28s %7.0f keys  %6.0f ns each  correlation %+.4f  almost right over all wrong %.4f\n", name, n, y / n, r,
              mean_of(samples, 24, bytes_most) / mean_of(samples, 0, 8));
}

struct Attempt {
  std::string text;
  int right{0};
};

/// Made before the clock runs, since making one takes longer the more of it is wrong. What is wrong is drawn anew for
/// each: were it always the same letter, the time would tell of that letter.
std::vector<Attempt> wrong_ones(int count, const std::string& right, std::string_view alphabet, Random& random) {
  std::vector<Attempt> attempts;
  attempts.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    Attempt attempt{right, static_cast<int>(random.below(bytes_most))};
    for (std::size_t at = static_cast<std::size_t>(attempt.right); at < right.size(); ++at) {
      while (attempt.text[at] == right[at]) attempt.text[at] = alphabet[random.below(alphabet.size())];
    }
    attempts.push_back(std::move(attempt));
  }
  return attempts;
}

template <class Try>
std::vector<Sample> measure(const std::vector<Attempt>& attempts, Try&& attempt) {
  std::vector<Sample> samples;
  samples.reserve(attempts.size());
  for (const Attempt& a : attempts) {
    const auto begin = std::chrono::steady_clock::now();
    attempt(a.text);
    samples.push_back({a.right, std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin).count()});
  }
  return samples;
}

}  // namespace

TEST_CASE("timing: a wrong key takes as long, however much of it is right (N42)", "[bench][N42]") {
  const char* asked = std::getenv("AITRADE_TIMING_KEYS");
  const int count = asked != nullptr ? std::atoi(asked) : 100'000;
  const TempFolder folder;
  GateSettings settings;
  settings.access_db = folder.path() + "/access.db";
  settings.guard.per_address = settings.guard.in_all = 1'000'000;   // nobody is turned away here
  settings.guard.address_window = settings.guard.all_window = Duration{1};
  settings.guard.first_delay = settings.guard.last_delay = Duration{0};
  Gatekeeper gate(std::move(settings));
  const Time now = Time::from_seconds(1'700'000'000);
  const auto made = (*gate.store())->create({TenantId{}, Scope::read, "bench", std::nullopt}, "bench", now);
  REQUIRE(made);
  const std::string whole(made->text.reveal());
  const std::string head = whole.substr(0, whole.size() - secret_size), secret = whole.substr(head.size());
  Random random(7);
  std::vector<Attempt> keys = wrong_ones(count, secret, base64url, random);
  for (Attempt& a : keys) a.text = head + a.text;
  Time steady = now;
  print("a stored key", measure(keys, [&](const std::string& wrong) {
          steady = steady + Duration{100};
          static_cast<void>(gate.identify({wrong, {}, false, 0, "127.0.0.1"}, {now, steady}, false));
        }));
  const std::vector<Secret> secrets{Secret("bench-secret-0123456789")};
  const std::string body = "{}", mac = to_hex(view(hmac_sha256(secrets[0].reveal(), "1700000000." + body)));
  print("a signature", measure(wrong_ones(count, mac, "0123456789abcdef", random), [&](const std::string& wrong) {
          const auto stamp = stamp_of("1700000000", wrong);
          static_cast<void>(judge_signature(*stamp, body, secrets, now, minutes{5}));
        }));
}
