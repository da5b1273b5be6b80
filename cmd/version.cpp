// `aitrade version`: which build this is, of what it is made, and where it is supported.

#include "cmd/cli.h"
#include "cmd/commands.h"
#include "cmd/output.h"

#include <CLI/CLI.hpp>
#include <boost/version.hpp>
#include <curl/curlver.h>
#include <openssl/opensslv.h>
#include <rapidjson/rapidjson.h>
#include <spdlog/version.h>
#include <sqlite3.h>

#include <ostream>
#include <string>
#include <zlib.h>

namespace aitrade::cli {
namespace {

constexpr const char* supported_platforms =
    "g++ 12 or newer, Debian 12, Linux on x86-64 and aarch64";

struct VersionOptions {};

std::string libraries() {
  std::string boost = BOOST_LIB_VERSION;  // "1_81"
  boost.replace(boost.find('_'), 1, ".");
  return "sqlite " SQLITE_VERSION ", curl " LIBCURL_VERSION ", openssl " OPENSSL_VERSION_STR
         ", zlib " ZLIB_VERSION ", rapidjson " RAPIDJSON_VERSION_STRING ", boost " +
         boost + ", spdlog " + std::to_string(SPDLOG_VER_MAJOR) + '.' +
         std::to_string(SPDLOG_VER_MINOR) + '.' + std::to_string(SPDLOG_VER_PATCH);
}

Result<ExitCode> run_version(const VersionOptions&, Context& context) {
  const BuildInfo& info = build_info();
  if (context.global.json) {
    JsonWriter json;
    json.begin_object().field("schema", "aitrade.version/1").field("version", info.version);
    json.field("build", info.build)
        .field("compiler", info.compiler)
        .field("platform", info.platform);
    json.field("libraries", libraries()).field("supported", supported_platforms).end_object();
    context.out << json.take() << '\n';
    return ExitCode::done;
  }
  context.out << "aitrade " << info.version << '\n'
              << "build      " << info.build << '\n'
              << "compiler   " << info.compiler << '\n'
              << "platform   " << info.platform << '\n'
              << "libraries  " << libraries() << '\n'
              << "supported  " << supported_platforms << '\n';
  return ExitCode::done;
}

#if defined(__x86_64__)
constexpr const char* platform_name = "linux x86-64";
#elif defined(__aarch64__)
constexpr const char* platform_name = "linux aarch64";
#else
constexpr const char* platform_name = "linux, untested processor";
#endif

#if defined(__clang__)
constexpr const char* compiler_name = "clang " __clang_version__;
#else
constexpr const char* compiler_name = "g++ " __VERSION__;
#endif

}  // namespace

const BuildInfo& build_info() {
  static const BuildInfo info{AITRADE_VERSION, AITRADE_BUILD_ID, compiler_name, platform_name};
  return info;
}

void add_version(CommandList& commands) {
  commands.add<VersionOptions>(
      {.name = "version",
       .group = "tools",
       .summary = "print version, build, compiler and supported platforms",
       .examples = {"aitrade version", "aitrade version --json"},
       .details = "With --json: schema, version, build, compiler, platform, libraries, supported."},
      run_version);
}

}  // namespace aitrade::cli
