// Entries, KEY=VALUE files, passphrases and the memory they live in.

#include <catch2/catch.hpp>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>

#include "core/vault/env_file.h"
#include "core/vault/passphrase.h"
#include "tests/core/vault/vault_support.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

Result<VaultBody> parsed(std::string_view text) { return VaultBody::parse(SecretBytes::copy_of(text)); }

std::string entry_json(const std::string& name, const std::string& rest) {
  return R"({"v":1,"entries":[{"name":")" + name + "\"," + rest + "}]}";
}

}  // namespace

TEST_CASE("vault body: every text survives being written and read", "[vault][body]") {
  const std::string value = "-----BEGIN KEY-----\nA\"\\/\t\r\x01\x7f \u00e9\u20ac\U0001f512\n-----END KEY-----\n";
  auto body = VaultBody().with({"a.pem", value, 12, "read only"});
  REQUIRE(body.has_value());
  auto text = body->text();
  REQUIRE(text.has_value());
  const auto again = VaultBody::parse(*std::move(text));

  REQUIRE(again.has_value());
  REQUIRE(again->entries().size() == 1);
  CHECK(again->entries()[0].value == value);
  CHECK(again->entries()[0].note == "read only");
  CHECK(again->entries()[0].created == 12);
}

TEST_CASE("vault body: adding replaces, removing needs the name", "[vault][body]") {
  auto body = VaultBody().with({"a", "1", 0, ""});
  body = body->with({"b", "2", 0, ""});
  body = body->with({"a", "3", 0, ""});
  REQUIRE(body.has_value());

  CHECK(body->entries().size() == 2);
  CHECK(body->find("a")->value == "3");
  CHECK(body->without("c").error().code == ErrorCode::not_found);
  CHECK(body->without("a")->find("a") == nullptr);
}

TEST_CASE("vault body: names, values and notes have bounds, and a refusal never repeats the value", "[vault][body]") {
  const std::string secret(vault_value_limit + 1, 's');
  CHECK(VaultBody().with({"a", std::string_view(secret).substr(1), 0, ""}).has_value());
  const auto refused = VaultBody().with({"a", secret, 0, ""});
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().what == "the value of 'a' is longer than 16 KiB");
  for (const std::string name : {"", "1a", "a b", "a=b", "a/b", "\u00e9"}) {
    CAPTURE(name);
    CHECK_FALSE(VaultBody().with({name, "v", 0, ""}).has_value());
  }
  CHECK_FALSE(VaultBody().with({std::string(65, 'a'), "v", 0, ""}).has_value());
  for (const std::string& value : {std::string(), std::string("a\0b", 3), std::string("\xc0\x80"), std::string("\xed\xa0\x80"),
                                  std::string("\xff"), std::string("\xe2\x82")}) {
    CHECK_FALSE(VaultBody().with({"a", value, 0, ""}).has_value());
  }
  CHECK_FALSE(VaultBody().with({"a", "v", 0, "two\nlines"}).has_value());
}

TEST_CASE("vault body: more than 1 MiB is refused and changes nothing", "[vault][body]") {
  VaultBody body;
  const std::string value(vault_value_limit, 'v');
  int added = 0;
  while (added < 100) {
    auto more = body.with({"a" + std::to_string(added), value, 0, ""});
    if (!more) {
      CHECK(more.error().code == ErrorCode::invalid);
      break;
    }
    body = *std::move(more);
    ++added;
  }
  CHECK(added == 63);  // 64 times 16 KiB is 1 MiB without the names
}

TEST_CASE("vault body: text that no version writes is refused", "[vault][body]") {
  const std::string rest = R"("value":"v","created":1,"note":"")";
  REQUIRE(parsed(entry_json("a", rest)).has_value());
  REQUIRE(parsed(R"({"v":1,"entries":[]})" + std::string(100, ' ')).has_value());
  for (const std::string& text :
       {std::string(), std::string("[]"), std::string(R"({"v":1})"), std::string(R"({"v":"1","entries":[]})"),
        std::string(R"({"v":1,"entries":[],"x":1})"), std::string(R"({"v":1,"entries":[]} x)"),
        entry_json("a", rest + ",\"x\":1"), entry_json("1", rest), entry_json("a", R"("value":"","created":1,"note":"")"),
        entry_json("a", R"("value":1,"created":1,"note":"")"), entry_json("a", R"("value":"v","created":1.5,"note":"")"),
        R"({"v":1,"entries":[{"name":"a",)" + rest + R"(},{"name":"a",)" + rest + "}]}"}) {
    CAPTURE(text);
    CHECK_FALSE(parsed(text).has_value());
  }
  CHECK(parsed(R"({"v":2,"entries":[]})").error().code == ErrorCode::unsupported);
}

TEST_CASE("env file: raw, quoted and commented lines", "[vault][env]") {
  const auto file = EnvFile::parse(SecretBytes::copy_of(
      "# comment\n\nA=plain $text #1 \nexport B = \"two\\nlines \\\"q\\\" \\$\"\r\nC='raw \\n'\nD=\nE=\"over\ntwo\" # end\nA=later"));
  REQUIRE(file.has_value());
  std::string text;
  for (const EnvLine& line : file->lines()) text += std::string(line.name) + '[' + std::string(line.value) + ']';

  CHECK(text == "B[two\nlines \"q\" $]C[raw \\n]D[]E[over\ntwo]A[later]");
}

TEST_CASE("env file: a broken line is named by its number and never shown", "[vault][env]") {
  for (const std::string& broken : {std::string("A=1\nhunter2 secret\n"), std::string("A=1\nB C=hunter2\n"),
                                    std::string("A=1\nB=\"hunter2\n"), std::string("A=1\nB=\"x\" hunter2\n")}) {
    const auto file = EnvFile::parse(SecretBytes::copy_of(broken));
    REQUIRE_FALSE(file.has_value());
    CHECK(file.error().what.find("line 2 ") == 0);
    CHECK(file.error().what.find("hunter2") == std::string::npos);
  }
}

TEST_CASE("env file: what is written is read back without loss", "[vault][env]") {
  const std::string value = " a\"b\\c$d\r\n\te\u00e9#f' ";
  const std::vector<VaultEntry> entries{{"A", value, 0, ""}, {"b.c-d", "x", 0, ""}};
  const auto file = EnvFile::parse(to_env_text(entries));

  REQUIRE(file.has_value());
  REQUIRE(file->lines().size() == 2);
  CHECK(file->lines()[0].value == value);
  CHECK(file->lines()[1].name == "b.c-d");
}

TEST_CASE("passphrase: the first source that is there is taken", "[vault][passphrase]") {
  const TempFolder folder;
  const std::string credential = folder.write("vault_pass", "from the credential\n");
  const std::string file = folder.write("pass", "from the file\r\n");
  ::chmod(credential.c_str(), 0440);
  ::chmod(file.c_str(), 0600);
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  REQUIRE(::write(ends[1], "from the pipe", 13) == 13);
  ::close(ends[1]);
  const auto taken = [&](int descriptor, const std::string& credential_file, const std::string& own_file, bool variable) {
    PassphraseSources sources;
    sources.descriptor = descriptor;
    sources.credential = credential_file;
    sources.file = own_file;
    if (variable) sources.variable = phrase("from the variable");
    auto found = find_passphrase(std::move(sources));
    if (!found) return found.error().what;
    return *found ? std::string((*found)->text.text()) : "nothing";
  };

  CHECK(taken(ends[0], credential, file, true) == "from the pipe");
  CHECK(taken(-1, credential, file, true) == "from the credential");
  CHECK(taken(-1, folder / "none", file, true) == "from the file");
  CHECK(taken(-1, "", "", true) == "from the variable");
  CHECK(taken(-1, "", "", false) == "nothing");
  CHECK(taken(-1, "", folder / "none", true).find("does not exist") != std::string::npos);
  ::chmod(file.c_str(), 0640);
  CHECK(taken(-1, "", file, false).find("chmod 600") != std::string::npos);
  ::chmod(credential.c_str(), 0444);
  CHECK(taken(-1, credential, "", false).find("0444") != std::string::npos);
  ::close(ends[0]);
  CHECK(taken(ends[0], "", "", false).find("cannot read the passphrase") == 0);
}

TEST_CASE("passphrase: the variable is gone from the environment once read", "[vault][passphrase]") {
  ::setenv("AITRADE_TEST_PASSWORD", "a phrase", 1);
  const SecretBytes text = take_variable("AITRADE_TEST_PASSWORD");

  CHECK(text.text() == "a phrase");
  CHECK(std::getenv("AITRADE_TEST_PASSWORD") == nullptr);
  CHECK(take_variable("AITRADE_TEST_PASSWORD").empty());
}

TEST_CASE("passphrase: what has two forms in Unicode is refused, composed letters are not", "[vault][passphrase]") {
  CHECK(fault_of_passphrase("caf\u00e9 \u4e2d\u6587 \u0436\u03b1 \U0001f512").empty());
  for (const std::string text : {"", "cafe\u0301", "\u212b", "\u1100\u1161", "tab\there", "zero\u200dwidth", "\xff"}) {
    CAPTURE(text);
    CHECK_FALSE(fault_of_passphrase(text).empty());
  }
  CHECK_FALSE(fault_of_passphrase(std::string(1025, 'a')).empty());
}

TEST_CASE("passphrase: weak ones are named, generated ones are strong and differ", "[vault][passphrase]") {
  CHECK_FALSE(weakness_of("elevenchars").empty());
  CHECK_FALSE(weakness_of("aaaaaaaaaaaabbb").empty());
  CHECK_FALSE(weakness_of("PassWord1234").empty());
  CHECK(weakness_of("twelve chars").empty());
  CHECK_FALSE(weakness_of("\u00e9\u00e8\u00ea\u00eb\u00e0").empty());  // five characters, ten bytes
  std::set<std::string> made;
  for (int i = 0; i < 50; ++i) {
    const auto phrase = generate_passphrase();
    REQUIRE(phrase.has_value());
    CHECK(weakness_of(phrase->text()).empty());
    CHECK(fault_of_passphrase(phrase->text()).empty());
    CHECK(phrase->size() == 35);
    made.insert(std::string(phrase->text()));
  }
  CHECK(made.size() == 50);
}

TEST_CASE("secret bytes: moves leave nothing behind, and shortening wipes", "[vault][secret]") {
  SecretBytes a = SecretBytes::copy_of("0123456789");
  const unsigned char* const memory = a.bytes().data();
  a.shorten(4);
  CHECK(a.text() == "0123");
  CHECK(memory[4] == 0);
  CHECK(memory[9] == 0);
  const SecretBytes b = std::move(a);
  CHECK(b.bytes().data() == memory);
  CHECK(equal_secrets(b.text(), "0123"));
  CHECK_FALSE(equal_secrets(b.text(), "0124"));
  CHECK_FALSE(equal_secrets(b.text(), "012"));
  CHECK(SecretBytes().text().empty());
}
