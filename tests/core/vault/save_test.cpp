// Saving and opening on a real file system: cut at every step, lost power, full disks, wrong modes.

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "core/vault/generation_mark.h"
#include "tests/core/vault/vault_support.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

namespace fs = std::filesystem;

/// The file system, with something that happens before the n-th step.
class SteppedFiles final : public VaultFiles {
 public:
  using Happening = std::function<Status()>;

  SteppedFiles(int step, Happening happening) : left_(step), happening_(std::move(happening)) {}

  Result<std::string> read(const fs::path& file) override {
    AITRADE_TRY_STATUS(step());
    return files_.read(file);
  }

  Status write_new(const fs::path& file, std::string_view bytes) override {
    if (auto stepped = step(); !stepped) {
      static_cast<void>(files_.write_new(file, bytes.substr(0, bytes.size() / 2)));  // cut in the middle
      return stepped;
    }
    return files_.write_new(file, bytes);
  }

  Status sync(const fs::path& file) override {
    AITRADE_TRY_STATUS(step());
    return files_.sync(file);
  }

  Status keep_as(const fs::path& file, const fs::path& second) override {
    AITRADE_TRY_STATUS(step());
    return files_.keep_as(file, second);
  }

  Status replace(const fs::path& file, const fs::path& by) override {
    AITRADE_TRY_STATUS(step());
    return files_.replace(file, by);
  }

  Status remove(const fs::path& file) override {
    AITRADE_TRY_STATUS(step());
    return files_.remove(file);
  }

  Status sync_directory(const fs::path& directory) override {
    AITRADE_TRY_STATUS(step());
    return files_.sync_directory(directory);
  }

  [[nodiscard]] bool happened() const { return left_ <= 0; }

 private:
  Status step() { return --left_ == 0 ? happening_() : ok(); }

  int left_;
  Happening happening_;
  SystemFiles files_;
};

/// A disk in memory that forgets what was not synced: contents and names apart, as file systems do.
class ForgetfulDisk final : public VaultFiles {
 public:
  struct File {
    std::string written, durable;
  };

  using Names = std::map<std::string, std::shared_ptr<File>>;

  explicit ForgetfulDisk(int steps) : left_(steps) {}

  void put(const fs::path& file, const std::string& bytes) {
    names_[file.string()] = std::make_shared<File>(File{bytes, bytes});
    durable_names_ = names_;
  }

  Result<std::string> read(const fs::path& file) override {
    const auto found = names_.find(file.string());
    if (found == names_.end()) return fail(ErrorCode::not_found, "none");
    return found->second->written;
  }

  Status write_new(const fs::path& file, std::string_view bytes) override {
    return act([&] { names_[file.string()] = std::make_shared<File>(File{std::string(bytes), ""}); });
  }

  Status sync(const fs::path& file) override {
    return act([&] { names_.at(file.string())->durable = names_.at(file.string())->written; });
  }

  Status keep_as(const fs::path& file, const fs::path& second) override {
    return act([&] {
      if (names_.contains(file.string())) names_[second.string()] = names_.at(file.string());
    });
  }

  Status replace(const fs::path& file, const fs::path& by) override {
    return act([&] {
      names_[file.string()] = names_.at(by.string());
      names_.erase(by.string());
    });
  }

  Status remove(const fs::path& file) override {
    return act([&] { names_.erase(file.string()); });
  }

  Status sync_directory(const fs::path&) override {
    return act([&] { durable_names_ = names_; });
  }

  [[nodiscard]] bool lost_power() const { return left_ < 0; }

  /// What a name holds after the power came back: with the names as they were synced, or as they were.
  [[nodiscard]] std::string after(const fs::path& file, bool names_survive) const {
    const Names& names = names_survive ? names_ : durable_names_;
    const auto found = names.find(file.string());
    return found == names.end() ? std::string() : found->second->durable;
  }

 private:
  template <class Act>
  Status act(const Act& act) {
    if (left_ >= 0) --left_;
    if (left_ < 0) return fail(ErrorCode::io, "the power is off");
    act();
    return ok();
  }

  int left_;
  Names names_, durable_names_;
};

/// Changes the value of "name" to "new".
Status change(VaultWriter& vault) {
  AITRADE_TRY_STATUS(vault.set({"name", "new", 1'700'000'001, ""}));
  return vault.save();
}

std::string opened(const std::string& file) {
  const auto header = read_header(file, std::uint64_t{512} << 20U);
  if (!header) return "refused: " + header.error().what;
  const std::string_view salt(reinterpret_cast<const char*>(header->salt.data()), header->salt.size());
  const auto key = derive_key("correct horse battery", salt, header->cost);
  auto text = unseal_vault(*key, file, *header);
  if (!text) return "refused: " + text.error().what;
  const auto body = VaultBody::parse(*std::move(text));
  return std::string(body->find("name")->value);
}

unsigned mode_of(const fs::path& path) {
  struct stat found {};

  REQUIRE(::lstat(path.c_str(), &found) == 0);
  return found.st_mode & 0777U;
}

}  // namespace

TEST_CASE("vault: what was set is read back, with fresh keys for each save", "[vault][save]") {
  const VaultRig rig;
  const std::string before = rig.bytes();
  SystemFiles files;
  auto writer = VaultWriter::open(rig.place, phrase(), files);
  REQUIRE(writer.has_value());
  REQUIRE(writer->save().has_value());
  const std::string after = rig.bytes();

  CHECK(rig.value() == "old");
  CHECK(mode_of(rig.place.file) == 0600);
  CHECK(mode_of(rig.place.file.parent_path()) == 0700);
  CHECK(before.substr(20, 16) != after.substr(20, 16));    // salt
  CHECK(before.substr(36, 16) == after.substr(36, 16));    // id
  CHECK(before.substr(60, 12) != after.substr(60, 12));    // nonces
  CHECK(before.substr(72, 32) != after.substr(72, 32));    // wrapped key
  CHECK(before.substr(120, 12) != after.substr(120, 12));
  CHECK(rig.read()->header().generation == 2);
  CHECK(read_file(vault_backup(rig.place.file).string()) == before);
  const auto reader = rig.read();
  CHECK(reader->secret("name")->reveal() == "old");
  CHECK(reader->secret("other").error().code == ErrorCode::not_found);
}

TEST_CASE("vault: a wrong passphrase and a changed byte are refused with the same words", "[vault][save]") {
  const VaultRig rig;
  const auto wrong = rig.read("wrong horse battery");
  REQUIRE_FALSE(wrong.has_value());
  std::string bytes = rig.bytes();
  bytes[300] = static_cast<char>(bytes[300] ^ 1);
  std::ofstream(rig.place.file, std::ios::binary) << bytes;
  const auto changed = rig.read();
  REQUIRE_FALSE(changed.has_value());

  CHECK(wrong.error().code == ErrorCode::rejected);
  CHECK(changed.error().code == ErrorCode::rejected);
  CHECK(wrong.error().what == changed.error().what);
}

TEST_CASE("vault: a save needs nothing of the old file, and makes it again when it has gone [V3]", "[vault][save]") {
  const TempFolder folder;
  const VaultPlace place = VaultRig::make_place(folder);
  SystemFiles files;
  {
    auto made = VaultWriter::create(place, phrase(), cheap, files);
    REQUIRE(made.has_value());
    REQUIRE(made->save().has_value());
    fs::remove(place.file);
    REQUIRE(made->set({"name", "value", 0, ""}).has_value());
    REQUIRE(made->save().has_value());
  }
  const auto reader = VaultReader::open(place, phrase());

  REQUIRE(reader.has_value());
  CHECK(reader->secret("name")->reveal() == "value");
}

TEST_CASE("vault: killed at any step of a save, the old or the new file opens", "[vault][save][crash]") {
  int killed = 0;
  int finished = 0;
  for (int step = 2; finished == 0; ++step) {  // the first step is the read when it is opened
    REQUIRE(step < 40);
    const VaultRig rig;
    const pid_t child = ::fork();
    if (child == 0) {
      SteppedFiles files(step, []() -> Status {
        ::raise(SIGKILL);
        return ok();
      });
      auto writer = VaultWriter::open(rig.place, phrase(), files);
      ::_exit(writer && change(*writer) ? 0 : 1);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    const std::string value = rig.value();
    CAPTURE(step);
    if (WIFSIGNALED(status)) {
      ++killed;
      CHECK((value == "old" || value == "new"));
    } else {
      REQUIRE(WEXITSTATUS(status) == 0);
      CHECK(value == "new");
      ++finished;
    }
    SystemFiles files;
    auto next = VaultWriter::open(rig.place, phrase(), files);  // what a cut save left is in nobody's way
    REQUIRE(next.has_value());
    REQUIRE(change(*next).has_value());
    CHECK(rig.value() == "new");
  }
  CHECK(killed >= 7);
}

TEST_CASE("vault: a disk that fails at any step leaves a vault that opens, and no loose file", "[vault][save]") {
  for (const ErrorCode code : {ErrorCode::full, ErrorCode::io}) {
    for (int step = 2;; ++step) {
      REQUIRE(step < 40);
      const VaultRig rig;
      SteppedFiles files(step, [code] { return Status(fail(code, "no")); });
      auto writer = VaultWriter::open(rig.place, phrase(), files);
      REQUIRE(writer.has_value());
      const Status changed = change(*writer);
      if (!files.happened()) {
        CHECK(changed.has_value());
        break;
      }
      CAPTURE(step);
      const std::string value = rig.value();
      CHECK((value == "old" || value == "new"));
      if (!changed) CHECK(changed.error().code == code);
      CHECK_FALSE(fs::exists(rig.place.file.string() + ".new"));
    }
  }
}

TEST_CASE("vault: after a loss of power the old or the new file is whole", "[vault][save][crash]") {
  const VaultRig rig;
  bool saved = false;
  for (int steps = 0; !saved; ++steps) {
    REQUIRE(steps < 40);
    ForgetfulDisk disk(steps);
    disk.put(rig.place.file, rig.bytes());
    auto writer = VaultWriter::open(rig.place, phrase(), disk);
    REQUIRE(writer.has_value());
    saved = change(*writer).has_value();
    CAPTURE(steps);
    for (const bool names_survive : {false, true}) {
      const std::string value = opened(disk.after(rig.place.file, names_survive));
      CHECK((value == "new" || (!saved && value == "old")));
    }
    CHECK(saved != disk.lost_power());
  }
}

TEST_CASE("vault: files and directories that others can reach are refused, with the fix", "[vault][save]") {
  const VaultRig rig;
  const fs::path file = rig.place.file;
  const fs::path kept = file.string() + ".kept";
  std::string expected;
  SECTION("mode 0644") {
    ::chmod(file.c_str(), 0644);
    expected = "chmod 600";
  }
  SECTION("mode 0640") {
    ::chmod(file.c_str(), 0640);
    expected = "chmod 600";
  }
  SECTION("directory 0755") {
    ::chmod(file.parent_path().c_str(), 0755);
    expected = "chmod 700";
  }
  SECTION("a directory above that anybody may change") {
    ::chmod(rig.folder.path().c_str(), 0777);
    expected = "chmod go-w";
  }
  SECTION("a symbolic link") {
    fs::rename(file, kept);
    fs::create_symlink(kept, file);
    expected = "symbolic link";
  }
  SECTION("a pipe") {
    fs::rename(file, kept);
    REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
    expected = "no regular file";
  }
  SECTION("a directory") {
    fs::rename(file, kept);
    fs::create_directory(file);
    expected = "no regular file";
  }
  SECTION("another owner") {
    if (::geteuid() != 0) return;
    REQUIRE(::chown(file.c_str(), 65534, 65534) == 0);
    expected = "belongs to user 65534";
  }
  SECTION("a directory of another owner") {
    if (::geteuid() != 0) return;
    REQUIRE(::chown(file.parent_path().c_str(), 65534, 65534) == 0);
    expected = "belongs to user 65534";
  }
  SECTION("more than a vault can be") {
    fs::resize_file(file, 2 << 20);
    expected = "more than";
  }
  const auto reader = rig.read();
  SystemFiles files;
  const auto writer = VaultWriter::open(rig.place, phrase(), files);
  ::chmod(rig.folder.path().c_str(), 0700);

  REQUIRE_FALSE(reader.has_value());
  REQUIRE_FALSE(writer.has_value());
  CHECK(reader.error().code == ErrorCode::rejected);
  CHECK(writer.error().code == ErrorCode::rejected);
  CHECK(reader.error().what.find(expected) != std::string::npos);
  CHECK(reader.error().what.find(rig.folder.path()) != std::string::npos);
}

TEST_CASE("vault: none is made over what exists, and a missing one is said to be missing", "[vault][save]") {
  const VaultRig rig;
  SystemFiles files;
  CHECK(VaultWriter::create(rig.place, phrase(), cheap, files).error().code == ErrorCode::io);
  fs::remove(rig.place.file);
  fs::create_symlink(rig.folder / "nowhere", rig.place.file);
  CHECK(VaultWriter::create(rig.place, phrase(), cheap, files).error().code == ErrorCode::io);
  fs::remove(rig.place.file);
  CHECK(rig.read().error().code == ErrorCode::not_found);
  CHECK(look_at_vault(rig.place).error().code == ErrorCode::not_found);
  fs::remove_all(rig.place.file.parent_path());
  CHECK(rig.read().error().code == ErrorCode::not_found);
}

TEST_CASE("vault: an older copy is refused unless it is accepted, and then counts on", "[vault][save]") {
  VaultRig rig;
  const std::string older = rig.bytes();
  SystemFiles files;
  {
    auto writer = VaultWriter::open(rig.place, phrase(), files);
    REQUIRE(change(*writer).has_value());
    REQUIRE(change(*writer).has_value());
  }
  std::ofstream(rig.place.file, std::ios::binary) << older;
  const auto refused = rig.read();
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == ErrorCode::corrupt);
  CHECK(refused.error().what.find("generation 1, and 3 was seen") != std::string::npos);
  rig.place.allow_rollback = true;
  {
    auto writer = VaultWriter::open(rig.place, phrase(), files);
    REQUIRE(writer.has_value());
    CHECK(writer->body().find("name")->value == "old");
    REQUIRE(writer->save().has_value());
  }
  rig.place.allow_rollback = false;

  REQUIRE(rig.read().has_value());
  CHECK(rig.read()->header().generation == 4);
  std::ofstream(rig.place.mark, std::ios::binary) << "nonsense";
  CHECK(rig.read().error().code == ErrorCode::rejected);
}

TEST_CASE("vault: two that change it wait for each other with a clear word", "[vault][save]") {
  const VaultRig rig;
  SystemFiles files;
  auto first = VaultWriter::open(rig.place, phrase(), files);
  REQUIRE(first.has_value());
  CHECK(VaultWriter::open(rig.place, phrase(), files).error().code == ErrorCode::busy);
  CHECK(rig.read().has_value());  // reading needs no lock
}

TEST_CASE("vault: after a change of passphrase the old one opens neither file nor backup", "[vault][save]") {
  const VaultRig rig;
  SystemFiles files;
  {
    auto writer = VaultWriter::open(rig.place, phrase(), files);
    writer->change_passphrase(phrase("another phrase"), KdfCost{14, 8, 2});
    REQUIRE(writer->save().has_value());
    CHECK(fs::exists(vault_backup(rig.place.file)));
    REQUIRE(writer->forget_backup().has_value());
  }

  CHECK_FALSE(fs::exists(vault_backup(rig.place.file)));
  CHECK_FALSE(rig.read().has_value());
  const auto reader = rig.read("another phrase");
  REQUIRE(reader.has_value());
  CHECK(reader->header().cost == KdfCost{14, 8, 2});
  CHECK(reader->secret("name")->reveal() == "old");
}

TEST_CASE("vault: a disk that reads back otherwise than it was written is noticed", "[vault][save]") {
  const VaultRig rig;
  class Lossy final : public VaultFiles {
   public:
    Result<std::string> read(const fs::path& file) override {
      auto bytes = files.read(file);
      if (bytes && file.string().ends_with(".new")) bytes->back() = static_cast<char>(bytes->back() ^ 1);
      return bytes;
    }

    Status write_new(const fs::path& file, std::string_view bytes) override { return files.write_new(file, bytes); }

    Status sync(const fs::path& file) override { return files.sync(file); }

    Status keep_as(const fs::path& a, const fs::path& b) override { return files.keep_as(a, b); }

    Status replace(const fs::path& a, const fs::path& b) override { return files.replace(a, b); }

    Status remove(const fs::path& file) override { return files.remove(file); }

    Status sync_directory(const fs::path& directory) override { return files.sync_directory(directory); }

    SystemFiles files;
  } files;
  {
    auto writer = VaultWriter::open(rig.place, phrase(), files);
    REQUIRE(writer.has_value());
    const Status changed = change(*writer);
    REQUIRE_FALSE(changed.has_value());
    CHECK(changed.error().what.find("reads back otherwise") != std::string::npos);
  }

  CHECK(rig.value() == "old");
}
