// A vault in a folder of its own, with a cheap key derivation.
#pragma once

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <utility>

#include "core/vault/vault.h"
#include "tests/support/process.h"

namespace aitrade::test {

constexpr KdfCost cheap{14, 8, 1};  // the least that is accepted: 16 MiB

inline SecretBytes phrase(std::string_view text = "correct horse battery") { return SecretBytes::copy_of(text); }

struct VaultRig {
  TempFolder folder;
  SystemFiles files;
  VaultPlace place = make_place(folder);

  static VaultPlace make_place(const TempFolder& folder) {
    VaultPlace place;
    place.file = std::filesystem::path(folder / "config") / "vault";
    place.mark = folder / "vault.seen";
    return place;
  }

  /// Makes a vault with one entry "name" = "old".
  VaultRig() {
    auto made = VaultWriter::create(place, phrase(), cheap, files);
    REQUIRE(made.has_value());
    REQUIRE(made->set({"name", "old", 1'700'000'000, ""}).has_value());
    REQUIRE(made->save().has_value());
  }

  [[nodiscard]] Result<VaultReader> read(std::string_view passphrase = "correct horse battery") const {
    return VaultReader::open(place, phrase(passphrase));
  }

  /// The value of "name"; the code of the refusal when it does not open.
  [[nodiscard]] std::string value() const {
    const auto reader = read();
    if (!reader) return "refused: " + reader.error().what;
    return std::string(reader->body().find("name")->value);
  }

  [[nodiscard]] std::string bytes() const { return read_file(place.file.string()); }
};

}  // namespace aitrade::test
