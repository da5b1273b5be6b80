#include "cmd/tune_ledger.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <sys/file.h>
#include <unistd.h>
#include <utility>

#include <rapidjson/document.h>

#include "cmd/tune_lines.h"

namespace aitrade::cli {
namespace {

Error system_error(const std::filesystem::path& path, const char* what) {
  const int number = errno;
  const bool is_full = number == ENOSPC || number == EROFS || number == EACCES || number == EPERM || number == EDQUOT;
  return fail(is_full ? ErrorCode::full : ErrorCode::io,
              "trial ledger " + path.string() + ": " + what + ": " + std::strerror(number));
}

/// Says which keys of two headers differ.
std::string differences(const std::string& there, const std::string& wanted) {
  rapidjson::Document a, b;
  if (a.Parse(there.c_str()).HasParseError() || !a.IsObject()) return "its first line is no header";
  b.Parse(wanted.c_str());
  std::string names;
  for (const auto& member : b.GetObject()) {
    const auto at = a.FindMember(member.name);
    if (at != a.MemberEnd() && at->value == member.value) continue;
    names += (names.empty() ? "" : ", ") + std::string(member.name.GetString());
  }
  return names.empty() ? "its header has other keys" : "it differs in " + names;
}

}  // namespace

TrialLedger::TrialLedger(TrialLedger&& other) noexcept
    : file_(std::exchange(other.file_, -1)), path_(std::move(other.path_)), known_(std::move(other.known_)) {}

TrialLedger& TrialLedger::operator=(TrialLedger&& other) noexcept {
  std::swap(file_, other.file_);
  std::swap(path_, other.path_);
  std::swap(known_, other.known_);
  return *this;
}

TrialLedger::~TrialLedger() {
  if (file_ >= 0) ::close(file_);
}

Result<TrialLedger> TrialLedger::open(const std::filesystem::path& path, const Study& study) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return system_error(path, "open");
  TrialLedger ledger(file, path);
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    return fail(ErrorCode::busy, "trial ledger " + path.string() + ": another process writes it");
  }
  std::ifstream in(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  const std::size_t end = text.rfind('\n');
  text.resize(end == std::string::npos ? 0 : end + 1);   // what follows was torn
  if (::ftruncate(file, static_cast<off_t>(text.size())) != 0) return system_error(path, "truncate");
  if (text.empty()) {
    AITRADE_TRY_STATUS(ledger.write(study.header()));
  } else {
    AITRADE_TRY_STATUS(ledger.load(text, study));
  }
  return ledger;
}

Status TrialLedger::load(const std::string& text, const Study& study) {
  std::size_t at = 0;
  for (std::size_t line = 1; at < text.size(); ++line) {
    const std::size_t end = text.find('\n', at);
    const std::string row = text.substr(at, end - at);
    at = end + 1;
    if (line == 1) {
      if (row == study.header()) continue;
      return fail(ErrorCode::invalid, "trial ledger " + path_.string() + " is of another search: " +
                                          differences(row, study.header()));
    }
    auto trial = trial_of(row, study.axes.size());
    if (!trial) {
      return fail(ErrorCode::corrupt, "trial ledger " + path_.string() + ": line " + std::to_string(line) +
                                          " is no trial");
    }
    known_.push_back(std::move(*trial));
  }
  std::stable_sort(known_.begin(), known_.end(),
                   [](const TrialRecord& a, const TrialRecord& b) { return a.number < b.number; });
  return ok();
}

Status TrialLedger::write(const std::string& line) {
  const std::string text = line + '\n';
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t wrote = ::write(file_, text.data() + done, text.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return system_error(path_, "write");
    done += static_cast<std::size_t>(wrote);
  }
  return ok();
}

Status TrialLedger::append(const TrialRecord& trial) {
  return write(line_of(trial));
}

}  // namespace aitrade::cli
