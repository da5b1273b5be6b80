#include "core/vault/passphrase.h"

#include "core/vault/body.h"
#include "core/vault/crypto.h"
#include "core/vault/files.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <set>
#include <system_error>
#include <unistd.h>

namespace aitrade {
namespace {

constexpr std::size_t least_characters = 12;
constexpr std::size_t least_different = 5;

struct CodeRange {
  char32_t first, last;
};

// Blocks where a character has one form only (each is its own NFC and never joins the one before it),
// from the Unicode Character Database 14.0: Latin, Greek, Cyrillic, CJK, Hangul, signs.
constexpr auto composed = std::to_array<CodeRange>({
    {0x20, 0x7e},       {0xa0, 0x2ff},      {0x370, 0x373},     {0x375, 0x377},
    {0x37a, 0x37d},     {0x384, 0x386},     {0x388, 0x3ff},     {0x400, 0x482},
    {0x48a, 0x52f},     {0x1e00, 0x1eff},   {0x2010, 0x2027},   {0x2030, 0x205e},
    {0x20a0, 0x20bf},   {0x2190, 0x22ff},   {0x2500, 0x27bf},   {0x3001, 0x3029},
    {0x3041, 0x3096},   {0x309d, 0x30ff},   {0x3400, 0x4dbf},   {0x4e00, 0x9fff},
    {0xac00, 0xd7a3},   {0x1f300, 0x1faff},
});

// Twelve characters and more, and still tried first.
constexpr auto well_known = std::to_array<std::string_view>({
    "123456789012", "1234567890123", "123456789123", "1234567890qwerty", "abcdefghijkl",
    "abcdefghijklm", "administrator", "change_this_to_a_random_string", "changeme1234",
    "changemechangeme", "correct horse battery staple", "correcthorsebatterystaple", "iloveyou1234",
    "letmeinletmein", "password1234", "password12345", "password123456", "passwordpassword",
    "qwerty123456", "qwertyuiop12", "qwertyuiop123", "qwertyuiopas", "qwertyuiopasdfghjkl",
    "to the moon and back", "welcome12345"});

/// Takes the character at the front of valid UTF-8.
char32_t take_character(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  char32_t code = length == 1 ? first : first & (0xffU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    code = code << 6U | (static_cast<unsigned char>(text[i]) & 0x3fU);
  }
  text.remove_prefix(length);
  return code;
}

bool is_composed(char32_t code) {
  return std::any_of(composed.begin(), composed.end(), [code](const CodeRange& range) {
    return code >= range.first && code <= range.last;
  });
}

/// Cuts one line end off and checks what is left.
Result<Passphrase> finish(SecretBytes text, PassphraseOrigin origin) {
  std::string_view view = text.text();
  if (view.ends_with('\n')) view.remove_suffix(1);
  if (view.ends_with('\r')) view.remove_suffix(1);
  text.shorten(view.size());
  if (const std::string fault = fault_of_passphrase(text.text()); !fault.empty()) {
    return fail(ErrorCode::invalid,
                "the passphrase from the " + std::string(to_string(origin)) + ' ' + fault);
  }
  return Passphrase{std::move(text), origin};
}

Result<SecretBytes> read_descriptor(int descriptor) {
  SecretBytes text(passphrase_limit + 3);  // a line end, and one byte that says "longer"
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t count = ::read(descriptor, text.bytes().data() + size, text.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      return fail(ErrorCode::invalid,
                  "cannot read the passphrase from file descriptor " + std::to_string(descriptor) +
                      ": " + std::generic_category().message(errno));
    }
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  text.shorten(size);
  return text;
}

Result<Passphrase> read_file(const std::filesystem::path& file, PassphraseOrigin origin) {
  const FileTrust trust =
      origin == PassphraseOrigin::credential ? FileTrust::credential : FileTrust::own;
  auto bytes = read_trusted(file, trust, passphrase_limit + 2);
  if (!bytes) return std::move(bytes).error().within("the passphrase");
  SecretBytes text = SecretBytes::copy_of(*bytes);
  wipe(bytes->data(), bytes->size());
  return finish(std::move(text), origin);
}

}  // namespace

std::string_view to_string(PassphraseOrigin origin) {
  switch (origin) {
    case PassphraseOrigin::descriptor:
      return "file descriptor";
    case PassphraseOrigin::credential:
      return "systemd credential";
    case PassphraseOrigin::file:
      return "file";
    case PassphraseOrigin::variable:
      return "environment variable";
    case PassphraseOrigin::prompt:
      return "prompt";
  }
  return "prompt";
}

Result<std::optional<Passphrase>> find_passphrase(PassphraseSources sources) {
  if (sources.descriptor >= 0) {
    AITRADE_TRY(SecretBytes text, read_descriptor(sources.descriptor));
    AITRADE_TRY(Passphrase found, finish(std::move(text), PassphraseOrigin::descriptor));
    return std::optional<Passphrase>(std::move(found));
  }
  if (!sources.credential.empty()) {
    auto found = read_file(sources.credential, PassphraseOrigin::credential);
    if (found) return std::optional<Passphrase>(*std::move(found));
    if (found.error().code != ErrorCode::not_found) return std::move(found).error();
  }
  if (!sources.file.empty()) {
    AITRADE_TRY(Passphrase found, read_file(sources.file, PassphraseOrigin::file));
    return std::optional<Passphrase>(std::move(found));
  }
  if (!sources.variable.empty()) {
    AITRADE_TRY(Passphrase found, finish(std::move(sources.variable), PassphraseOrigin::variable));
    return std::optional<Passphrase>(std::move(found));
  }
  return std::optional<Passphrase>{};
}

SecretBytes take_variable(std::string_view name) {
  const std::string key(name);
  char* const value = std::getenv(key.c_str());
  if (value == nullptr) return {};
  const std::size_t size = std::strlen(value);
  SecretBytes text = SecretBytes::copy_of({value, size});
  wipe(value, size);  // what /proc/PID/environ shows is this very memory
  ::unsetenv(key.c_str());
  return text;
}

std::string fault_of_passphrase(std::string_view text) {
  if (text.empty()) return "is empty";
  if (text.size() > passphrase_limit) return "is longer than 1024 bytes";
  if (!is_vault_text(text)) return "is not text (UTF-8)";
  while (!text.empty()) {
    if (!is_composed(take_character(text))) {
      return "holds a character that keyboards write in more than one way, or that cannot be seen; "
             "use letters, digits and signs";
    }
  }
  return {};
}

std::string weakness_of(std::string_view passphrase) {
  std::set<char32_t> different;
  std::size_t characters = 0;
  SecretBytes lower = SecretBytes::copy_of(passphrase);
  for (unsigned char& c : lower.bytes()) {
    if (c >= 'A' && c <= 'Z') c = static_cast<unsigned char>(c - 'A' + 'a');
  }
  for (std::string_view rest = passphrase; !rest.empty(); ++characters) {
    different.insert(take_character(rest));
  }
  if (characters < least_characters) return "has fewer than 12 characters";
  if (different.size() < least_different) return "repeats a few characters";
  if (std::find(well_known.begin(), well_known.end(), lower.text()) != well_known.end()) {
    return "is one of the first that anybody tries";
  }
  return {};
}

Result<SecretBytes> generate_passphrase() {
  constexpr std::size_t words = 6;
  constexpr std::string_view consonants = "bdfghjklmnprstvz";  // 4 bits each
  constexpr std::string_view vowels = "aiou";                  // 2 bits each
  SecretBytes random(words * 2);
  AITRADE_TRY_STATUS(fill_random(random.bytes()));
  SecretBytes phrase(words * 6 - 1);
  for (std::size_t word = 0; word < words; ++word) {
    unsigned bits = static_cast<unsigned>(random.bytes()[2 * word]) << 8U | random.bytes()[2 * word + 1];
    unsigned char* const letters = phrase.bytes().data() + word * 6;
    for (std::size_t i = 0; i < 5; ++i) {
      const bool is_vowel = i % 2 == 1;
      letters[i] = static_cast<unsigned char>(is_vowel ? vowels[bits & 3U] : consonants[bits & 15U]);
      bits >>= is_vowel ? 2U : 4U;
    }
    if (word + 1 < words) letters[5] = '-';
  }
  return phrase;
}

}  // namespace aitrade
