#include "ml/model_store.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace aitrade::ml {
namespace {

namespace fs = std::filesystem;

constexpr const char* ending = ".model";
constexpr std::uintmax_t bytes_max = std::uintmax_t{256} << 20;   // a forest of 400 shallow trees has under one

Error system_error(const std::string& doing, const fs::path& path) {
  const ErrorCode code = errno == ENOSPC || errno == EROFS || errno == EACCES ? ErrorCode::full : ErrorCode::io;
  return Error{code, doing + " '" + path.string() + "': " + std::generic_category().message(errno)};
}

Status sync_folder(const fs::path& folder) {
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return system_error("cannot open", folder);
  const bool failed = ::fsync(file) != 0;
  ::close(file);
  if (failed) return system_error("cannot sync", folder);
  return ok();
}

bool write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return ::fsync(file) == 0;
}

/// Writes beside the target, syncs, and moves it there.
Status replace_file(const fs::path& path, std::string_view bytes) {
  const fs::path fresh = path.string() + ".new";
  const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
  if (file < 0) return system_error("cannot write", fresh);
  const bool written = write_all(file, bytes);
  const int fault = errno;
  ::close(file);
  errno = fault;
  if (!written || ::rename(fresh.c_str(), path.c_str()) != 0) {
    const Error error = system_error("cannot write", path);
    ::unlink(fresh.c_str());
    return error;
  }
  return sync_folder(path.parent_path());
}

Result<std::string> read_file(const fs::path& path) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  if (error) return fail(ErrorCode::not_found, "no model '" + path.stem().string() + "'; `train --list` shows them");
  if (size > bytes_max) return fail(ErrorCode::corrupt, path.string() + ": too large for a model");
  std::ifstream file(path, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file) return fail(ErrorCode::io, "cannot read '" + path.string() + "'");
  return bytes;
}

/// An id is part of a path, so it is nothing but hexadecimal digits.
bool is_id(const std::string& id) {
  return !id.empty() && id.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace

Result<NamedBundle> read_bundle(const fs::path& path) {
  AITRADE_TRY(const std::string bytes, read_file(path));
  auto bundle = bundle_from(bytes);
  if (!bundle) return std::move(bundle).error().within(path.string());
  return NamedBundle{bundle_id(bytes), std::move(*bundle)};
}

std::vector<std::string> ModelStore::order() const {
  std::ifstream file(folder_ / "order");
  std::vector<std::string> ids;
  for (std::string id; std::getline(file, id);) {
    std::error_code ignored;
    if (is_id(id) && fs::exists(folder_ / (id + ending), ignored)) ids.push_back(id);
  }
  return ids;
}

std::optional<std::string> ModelStore::link(const char* name) const {
  std::error_code error;
  const fs::path target = fs::read_symlink(folder_ / name, error);
  if (error || !is_id(target.stem().string())) return std::nullopt;
  return target.stem().string();
}

Status ModelStore::set_link(const char* name, const std::string& id) const {
  const fs::path path = folder_ / name, fresh = folder_ / (std::string(name) + ".new");
  ::unlink(fresh.c_str());
  if (::symlink((id + ending).c_str(), fresh.c_str()) != 0) return system_error("cannot link", fresh);
  if (::rename(fresh.c_str(), path.c_str()) != 0) return system_error("cannot link", path);
  return sync_folder(folder_);
}

Result<std::string> ModelStore::add(const Bundle& bundle) const {
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) return fail(ErrorCode::full, folder_.string() + ": " + error.message());
  const std::string bytes = to_bytes(bundle);
  const std::string id = bundle_id(bytes);
  AITRADE_TRY_STATUS(replace_file(folder_ / (id + ending), bytes));
  std::vector<std::string> ids = order();
  std::erase(ids, id);
  ids.push_back(id);
  const auto in_use = [&](const std::string& x) { return x == id || x == active() || x == previous(); };
  std::vector<std::string> gone;
  while (ids.size() > kept_max) {
    const auto oldest = std::find_if_not(ids.begin(), ids.end(), in_use);
    if (oldest == ids.end()) break;
    gone.push_back(*oldest);
    ids.erase(oldest);
  }
  std::string text;
  for (const std::string& x : ids) text += x + '\n';
  AITRADE_TRY_STATUS(replace_file(folder_ / "order", text));
  for (const std::string& x : gone) ::unlink((folder_ / (x + ending)).c_str());
  return id;
}

std::vector<ModelStore::Entry> ModelStore::list() const {
  std::vector<Entry> out;
  for (const std::string& id : order()) {
    Entry entry{id, active() == id, previous() == id, {}, {}};
    auto bundle = load(id);
    if (bundle) {
      entry.bundle = std::move(*bundle);
    } else {
      entry.fault = bundle.error().what;
    }
    out.push_back(std::move(entry));
  }
  return out;
}

Result<Bundle> ModelStore::load(const std::string& id) const {
  if (!is_id(id)) return fail(ErrorCode::not_found, "'" + id + "' is no id of a model; `train --list` shows them");
  auto read = read_bundle(folder_ / (id + ending));
  if (!read) return std::move(read).error();
  if (read->id != id) return fail(ErrorCode::corrupt, "model " + id + ": the file is another one than its name says");
  return std::move(read->bundle);
}

Status ModelStore::activate(const std::string& id) const {
  const auto bundle = load(id);
  if (!bundle) return bundle.error();
  const auto before = active();
  if (before == id) return ok();
  if (before) AITRADE_TRY_STATUS(set_link("previous", *before));
  return set_link("active", id);
}

Result<std::string> ModelStore::roll_back() const {
  const auto before = previous();
  if (!before) return fail(ErrorCode::not_found, "no model was active before this one");
  AITRADE_TRY_STATUS(activate(*before));
  return *before;
}

Result<std::uint64_t> ModelStore::log_opening(const std::string& data_hash) const {
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) return fail(ErrorCode::full, folder_.string() + ": " + error.message());
  std::ifstream file(folder_ / "openings");
  std::uint64_t before = 0;
  std::string text;
  for (std::string line; std::getline(file, line); text += line + '\n') before += line == data_hash ? 1U : 0U;
  AITRADE_TRY_STATUS(replace_file(folder_ / "openings", text + data_hash + '\n'));
  return before;
}

Status ModelStore::deactivate() const {
  const auto before = active();
  if (!before) return ok();
  AITRADE_TRY_STATUS(set_link("previous", *before));
  if (::unlink((folder_ / "active").c_str()) != 0) return system_error("cannot remove", folder_ / "active");
  return sync_folder(folder_);
}

}  // namespace aitrade::ml
