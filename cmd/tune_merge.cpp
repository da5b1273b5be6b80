#include "cmd/tune_merge.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <map>
#include <string>
#include <unistd.h>

#include <rapidjson/document.h>

namespace aitrade::cli {
namespace {

/// The trials of one search, as lines by number.
struct Gathered {
  std::string header;
  std::map<std::uint64_t, std::string> lines;
};

Status gather(const std::filesystem::path& path, Gathered& all) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(ErrorCode::not_found, path.string() + ": no such trial ledger");
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    if (in.eof()) break;   // torn by a kill: that trial did not finish
    rapidjson::Document json;
    json.Parse(line.c_str());
    const bool is_header = number == 1;
    const char* key = is_header ? "schema" : "number";
    if (json.HasParseError() || !json.IsObject() || !json.HasMember(key)) {
      return fail(ErrorCode::invalid, path.string() + ":" + std::to_string(number) + ": not a trial ledger");
    }
    if (is_header) {
      if (all.header.empty()) all.header = line;
      if (line != all.header) return fail(ErrorCode::invalid, path.string() + ": of another search than the first");
      continue;
    }
    const auto [at, is_new] = all.lines.emplace(json["number"].GetUint64(), line);
    if (!is_new && at->second != line) {
      return fail(ErrorCode::corrupt, path.string() + ":" + std::to_string(number) + ": another result of trial " +
                                          std::to_string(at->first));
    }
  }
  if (all.header.empty()) return fail(ErrorCode::invalid, path.string() + ": not a trial ledger");
  return ok();
}

Status write_new(const std::filesystem::path& path, const std::string& text) {
  const std::filesystem::path part = path.string() + ".part";
  const auto failed = [&](const char* what) {
    const int number = errno;
    ::unlink(part.c_str());
    return fail(number == ENOSPC || number == EROFS || number == EACCES ? ErrorCode::full : ErrorCode::io,
                path.string() + ": " + what + ": " + std::strerror(number));
  };
  const int file = ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return failed("open");
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t wrote = ::write(file, text.data() + done, text.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) {
      ::close(file);
      return failed("write");
    }
    done += static_cast<std::size_t>(wrote);
  }
  if (::fsync(file) != 0 || ::close(file) != 0) return failed("write");
  if (::link(part.c_str(), path.c_str()) != 0) return failed("make");   // never over a ledger that is there
  ::unlink(part.c_str());
  return ok();
}

}  // namespace

Result<MergedTrials> merge_trials(const std::vector<std::filesystem::path>& ledgers,
                                  const std::filesystem::path& out) {
  std::error_code ignored;
  if (std::filesystem::exists(out, ignored)) return fail(ErrorCode::invalid, out.string() + " exists already");
  Gathered all;
  for (const std::filesystem::path& path : ledgers) AITRADE_TRY_STATUS(gather(path, all));
  std::string text = all.header + '\n';
  for (const auto& [number, line] : all.lines) text += line + '\n';
  AITRADE_TRY_STATUS(write_new(out, text));
  MergedTrials merged;
  merged.trials = all.lines.size();
  if (!all.lines.empty()) merged.missing = all.lines.rbegin()->first + 1 - merged.trials;
  return merged;
}

}  // namespace aitrade::cli
