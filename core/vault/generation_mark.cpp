#include "core/vault/generation_mark.h"

#include "core/vault/files.h"

#include <charconv>
#include <string>
#include <string_view>

namespace aitrade {
namespace {

constexpr std::string_view digits = "0123456789abcdef";
constexpr std::size_t mark_limit = 128;  // 32 hexadecimal digits, a space, 20 digits, a line end

std::string hex(const VaultId& id) {
  std::string text;
  for (const unsigned char byte : id) {
    text += digits[byte >> 4U];
    text += digits[byte & 15U];
  }
  return text;
}

bool read_id(std::string_view text, VaultId& id) {
  for (std::size_t i = 0; i < id.size(); ++i) {
    const auto high = digits.find(text[2 * i]);
    const auto low = digits.find(text[2 * i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return false;
    id[i] = static_cast<unsigned char>(high * 16 + low);
  }
  return true;
}

}  // namespace

Result<GenerationMark> read_mark(const std::filesystem::path& file) {
  auto text = read_trusted(file, FileTrust::own, mark_limit);
  if (!text && text.error().code == ErrorCode::not_found) return GenerationMark{};
  if (!text) return std::move(text).error();
  GenerationMark mark;
  const std::size_t id_size = 2 * mark.id.size();
  const char* const end = text->data() + text->size();
  const bool is_whole = text->size() > id_size + 2 && text->back() == '\n' &&
                        (*text)[id_size] == ' ' && read_id(*text, mark.id);
  if (is_whole) {
    const auto read = std::from_chars(text->data() + id_size + 1, end, mark.generation);
    if (read.ec == std::errc{} && read.ptr == end - 1) return mark;
  }
  return fail(ErrorCode::rejected, "'" + file.string() +
                                       "' is damaged: it says which generation of the vault was seen");
}

Status write_mark(const std::filesystem::path& file, const GenerationMark& mark) {
  SystemFiles files;
  const std::filesystem::path fresh = file.string() + ".new";
  AITRADE_TRY_STATUS(make_directory(file.parent_path()));
  AITRADE_TRY_STATUS(files.remove(fresh));
  AITRADE_TRY_STATUS(
      files.write_new(fresh, hex(mark.id) + ' ' + std::to_string(mark.generation) + '\n'));
  AITRADE_TRY_STATUS(files.sync(fresh));
  AITRADE_TRY_STATUS(files.replace(file, fresh));
  return files.sync_directory(file.parent_path());
}

}  // namespace aitrade
