#include "core/vault/body.h"

#include "core/vault/format.h"

#include <rapidjson/document.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <set>

namespace aitrade {
namespace {

constexpr std::int64_t body_version = 1;

/// What RapidJSON reads and writes in place: secret memory instead of its own buffers.
class SecretStream {
 public:
  using Ch = char;

  explicit SecretStream(std::size_t limit) : bytes_(limit) {}

  void Put(Ch c) {  // NOLINT: the library's spelling
    if (size_ < bytes_.size()) bytes_.bytes()[size_] = static_cast<unsigned char>(c);
    ++size_;
  }

  void Flush() {}  // NOLINT: the library's spelling

  [[nodiscard]] bool is_over() const { return size_ > bytes_.size(); }

  SecretBytes take() {
    bytes_.shorten(size_);
    return std::move(bytes_);
  }

 private:
  SecretBytes bytes_;
  std::size_t size_{0};
};

Error not_a_vault(const char* what) {
  return fail(ErrorCode::rejected, std::string("damaged inside: ") + what);
}

std::string_view text_of(const rapidjson::Value& value) {
  return {value.GetString(), value.GetStringLength()};
}

bool is_text(const rapidjson::Value& object, const char* name) {
  return object.HasMember(name) && object[name].IsString();
}

Result<VaultEntry> read_entry(const rapidjson::Value& item) {
  if (!item.IsObject() || item.MemberCount() != 4 || !is_text(item, "name") ||
      !is_text(item, "value") || !is_text(item, "note") || !item.HasMember("created") ||
      !item["created"].IsInt64()) {
    return not_a_vault("an entry without name, value, created and note");
  }
  const VaultEntry entry{text_of(item["name"]), text_of(item["value"]), item["created"].GetInt64(),
                         text_of(item["note"])};
  if (!fault_of_name(entry.name).empty() || !fault_of_value(entry.value).empty() ||
      !fault_of_note(entry.note).empty()) {
    return not_a_vault("an entry that no version would write");
  }
  return entry;
}

Result<SecretBytes> text_of(const std::vector<VaultEntry>& entries) {
  SecretStream out(vault_format::body_limit);
  rapidjson::Writer<SecretStream> json(out);
  const auto text = [&json](std::string_view value) {
    json.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  };
  json.StartObject();
  json.Key("v");
  json.Int64(body_version);
  json.Key("entries");
  json.StartArray();
  for (const VaultEntry& entry : entries) {
    json.StartObject();
    json.Key("name");
    text(entry.name);
    json.Key("value");
    text(entry.value);
    json.Key("created");
    json.Int64(entry.created);
    json.Key("note");
    text(entry.note);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  if (out.is_over()) {
    return fail(ErrorCode::invalid, "the vault is full: its entries may take 1 MiB together");
  }
  return out.take();
}

Result<VaultBody> body_of(const std::vector<VaultEntry>& entries) {
  AITRADE_TRY(SecretBytes text, text_of(entries));
  return VaultBody::parse(std::move(text));
}

bool is_name_character(char c, bool is_first) {
  const bool is_letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  return is_letter || (!is_first && ((c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-'));
}

}  // namespace

std::string fault_of_name(std::string_view name) {
  if (name.empty() || name.size() > vault_name_limit) return "must have 1 to 64 characters";
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (is_name_character(name[i], i == 0)) continue;
    return "must begin with a letter and hold letters, digits, '_', '.' and '-' only";
  }
  return {};
}

std::string fault_of_value(std::string_view value) {
  if (value.empty()) return "is empty";
  if (value.size() > vault_value_limit) return "is longer than 16 KiB";
  return is_vault_text(value) ? std::string{} : "is not text (UTF-8)";
}

std::string fault_of_note(std::string_view note) {
  if (note.size() > vault_note_limit) return "is longer than 256 bytes";
  if (!is_vault_text(note)) return "is not text (UTF-8)";
  const bool is_line = std::none_of(note.begin(), note.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  return is_line ? std::string{} : "must be one line";
}

bool is_vault_text(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return false;
  rapidjson::MemoryStream in(text.data(), text.size());
  while (in.Tell() < text.size()) {
    unsigned character = 0;
    if (!rapidjson::UTF8<>::Decode(in, &character)) return false;
  }
  return true;
}

Result<VaultBody> VaultBody::parse(SecretBytes text) {
  // In place, the parser ends at a zero byte: one is put behind the text.
  VaultBody body;
  body.text_ = SecretBytes(text.size() + 1);
  std::copy(text.bytes().begin(), text.bytes().end(), body.text_.bytes().begin());
  rapidjson::Document json;
  constexpr unsigned flags = rapidjson::kParseInsituFlag | rapidjson::kParseIterativeFlag |
                             rapidjson::kParseValidateEncodingFlag;
  json.ParseInsitu<flags>(reinterpret_cast<char*>(body.text_.bytes().data()));
  if (json.HasParseError() || !json.IsObject() || json.MemberCount() != 2 ||
      !json.HasMember("v") || !json["v"].IsInt64() || !json.HasMember("entries") ||
      !json["entries"].IsArray()) {
    return not_a_vault("not the text of a vault");
  }
  if (json["v"].GetInt64() != body_version) {
    return fail(ErrorCode::unsupported, "its entries have a form that is not known here; use a "
                                        "newer aitrade");
  }
  std::set<std::string_view> names;
  for (const rapidjson::Value& item : json["entries"].GetArray()) {
    AITRADE_TRY(const VaultEntry entry, read_entry(item));
    if (!names.insert(entry.name).second) return not_a_vault("a name that stands twice");
    body.entries_.push_back(entry);
  }
  return body;
}

Result<SecretBytes> VaultBody::text() const { return text_of(entries_); }

const VaultEntry* VaultBody::find(std::string_view name) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [name](const VaultEntry& entry) { return entry.name == name; });
  return found == entries_.end() ? nullptr : &*found;
}

Result<VaultBody> VaultBody::with(const VaultEntry& entry) const {
  const auto refuse = [](const std::string& what, const std::string& fault) {
    return fail(ErrorCode::invalid, what + " " + fault);
  };
  if (const std::string fault = fault_of_name(entry.name); !fault.empty()) {
    return refuse("the name of an entry", fault);
  }
  if (const std::string fault = fault_of_value(entry.value); !fault.empty()) {
    return refuse("the value of '" + std::string(entry.name) + "'", fault);
  }
  if (const std::string fault = fault_of_note(entry.note); !fault.empty()) {
    return refuse("the note", fault);
  }
  std::vector<VaultEntry> entries = entries_;
  const auto same = std::find_if(entries.begin(), entries.end(), [&entry](const VaultEntry& other) {
    return other.name == entry.name;
  });
  if (same == entries.end()) {
    entries.push_back(entry);
  } else {
    *same = entry;
  }
  return body_of(entries);
}

Result<VaultBody> VaultBody::without(std::string_view name) const {
  std::vector<VaultEntry> entries = entries_;
  std::erase_if(entries, [name](const VaultEntry& entry) { return entry.name == name; });
  if (entries.size() == entries_.size()) {
    return fail(ErrorCode::not_found, "no entry '" + std::string(name) + "'");
  }
  return body_of(entries);
}

}  // namespace aitrade
