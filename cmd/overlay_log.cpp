#include "cmd/overlay_log.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <system_error>
#include <unistd.h>

#include <rapidjson/document.h>

#include "cmd/client.h"
#include "cmd/output.h"
#include "core/report/result_hash.h"

namespace aitrade::cli {
namespace {

namespace fs = std::filesystem;

Error failed(const fs::path& path, const char* what) {
  const int number = errno;
  return fail(number == ENOSPC || number == EROFS || number == EACCES ? ErrorCode::full : ErrorCode::io,
              path.string() + ": " + what + ": " + std::strerror(number));
}

/// Writes a whole file durably. `flags` say whether it is added to or made.
Status write_durably(const fs::path& path, const std::string& text, int flags) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600);
  if (file < 0) return failed(path, "open");
  const bool is_written =
      ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(file) == 0;
  const int number = errno;
  ::close(file);
  errno = number;
  if (!is_written) return failed(path, "write");
  return ok();
}

Status put_back(const fs::path& overlay, const std::optional<std::string>& text) {
  if (!text) {
    std::error_code error;
    fs::remove(overlay, error);
    if (error) return fail(ErrorCode::full, overlay.string() + ": " + error.message());
    return ok();
  }
  const fs::path fresh = overlay.string() + ".new";
  AITRADE_TRY_STATUS(write_durably(fresh, *text, O_TRUNC));
  if (std::rename(fresh.c_str(), overlay.c_str()) != 0) return failed(overlay, "rename");
  return ok();
}

}  // namespace

std::vector<OverlayChange> OverlayLog::standing() const {
  std::vector<OverlayChange> out;
  std::ifstream in(log_, std::ios::binary);
  for (std::string line; std::getline(in, line);) {
    rapidjson::Document json;
    if (json.Parse(line.c_str()).HasParseError() || !json.IsObject() || !json.HasMember("t")) continue;
    const std::string kind = json["t"].GetString();
    if (kind == kind_) {
      OverlayChange one;
      one.label = json[label_key_.c_str()].GetString();
      one.line = line;
      if (json["overlay_before"].IsString()) one.before = json["overlay_before"].GetString();
      out.push_back(std::move(one));
    } else if (kind == "done" && !out.empty()) {
      out.back().digest = json["overlay_digest"].GetString();
    } else if (kind == "rollback" && !out.empty()) {
      out.pop_back();
    }
  }
  return out;
}

std::optional<std::string> OverlayLog::overlay() const {
  std::ifstream in(overlay_, std::ios::binary);
  if (!in) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

Status OverlayLog::begin(const std::string& line) const { return write_durably(log_, line, O_APPEND); }

Status OverlayLog::done() const {
  JsonWriter json;
  json.begin_object().field("t", "done").field("overlay_digest", sha256_hex(overlay().value_or(""))).end_object();
  return write_durably(log_, json.take() + '\n', O_APPEND);
}

bool OverlayLog::is_untouched(const OverlayChange& change) const {
  const auto now = overlay();
  return sha256_hex(now.value_or("")) == change.digest || now == change.before;
}

Status OverlayLog::roll_back(const OverlayChange& change) const {
  AITRADE_TRY_STATUS(put_back(overlay_, change.before));
  JsonWriter json;
  json.begin_object().field("t", "rollback").field("at", to_string(wall_now())).field(label_key_, change.label).end_object();
  return write_durably(log_, json.take() + '\n', O_APPEND);
}

}  // namespace aitrade::cli
