#include "core/data/candle_fingerprint.h"

#include <openssl/evp.h>

#include <array>
#include <bit>
#include <string_view>

namespace aitrade {
namespace {

constexpr std::size_t words_per_candle = 6;
constexpr std::size_t candles_per_update = 512;  // fills the digest in pieces of 24 KiB

static_assert(std::endian::native == std::endian::little, "the content is hashed as little-endian words");

}  // namespace

struct CandleFingerprint::State {
  State() : context(EVP_MD_CTX_new()) {
    AITRADE_CHECK(context != nullptr && EVP_DigestInit_ex(context, EVP_sha256(), nullptr) == 1);
  }

  State(const State&) = delete;
  State& operator=(const State&) = delete;

  ~State() { EVP_MD_CTX_free(context); }

  void update(const void* data, std::size_t size) const {
    AITRADE_CHECK(EVP_DigestUpdate(context, data, size) == 1);
  }

  void flush() {
    update(words.data(), used * sizeof(std::uint64_t));
    used = 0;
  }

  EVP_MD_CTX* context;
  std::array<std::uint64_t, words_per_candle * candles_per_update> words{};
  std::size_t used{0};
};

CandleFingerprint::CandleFingerprint(const Symbol& symbol, Duration interval) : state_(std::make_unique<State>()) {
  const std::string head =
      "aitrade.candles/1\n" + to_string(symbol) + "\n" + std::to_string(interval.count()) + "\n";
  state_->update(head.data(), head.size());
}

CandleFingerprint::CandleFingerprint(CandleFingerprint&&) noexcept = default;
CandleFingerprint& CandleFingerprint::operator=(CandleFingerprint&&) noexcept = default;
CandleFingerprint::~CandleFingerprint() = default;

void CandleFingerprint::add(std::span<const Candle> candles) {
  State& state = *state_;
  for (const Candle& candle : candles) {
    std::uint64_t* word = state.words.data() + state.used;
    word[0] = static_cast<std::uint64_t>(candle.open_time.ns);
    word[1] = static_cast<std::uint64_t>(candle.open.raw());
    word[2] = static_cast<std::uint64_t>(candle.high.raw());
    word[3] = static_cast<std::uint64_t>(candle.low.raw());
    word[4] = static_cast<std::uint64_t>(candle.close.raw());
    word[5] = std::bit_cast<std::uint64_t>(candle.volume + 0.0);  // -0 and 0 are one volume
    state.used += words_per_candle;
    if (state.used == state.words.size()) state.flush();
  }
}

std::string CandleFingerprint::hex() const {
  state_->flush();
  EVP_MD_CTX* copy = EVP_MD_CTX_new();
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  AITRADE_CHECK(copy != nullptr && EVP_MD_CTX_copy_ex(copy, state_->context) == 1 &&
                EVP_DigestFinal_ex(copy, digest.data(), &size) == 1);
  EVP_MD_CTX_free(copy);
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (unsigned int i = 0; i < size; ++i) {
    text += digits[digest[i] >> 4U];
    text += digits[digest[i] & 15U];
  }
  return text;
}

}  // namespace aitrade
