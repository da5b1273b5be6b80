#include "core/runtime/heartbeat.h"

#include <fcntl.h>
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

namespace aitrade {
namespace {

std::string to_json(const Heartbeat& beat) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
  json.StartObject();
  json.Key("pid");
  json.Int64(beat.pid);
  json.Key("seq");
  json.Uint64(beat.seq);
  json.Key("progress");
  json.Uint64(beat.progress);
  json.Key("state");
  json.String(beat.state.c_str());
  json.Key("now");
  json.String(to_string(beat.now).c_str());
  json.Key("progressed_at");
  json.String(to_string(beat.progressed_at).c_str());
  if (!beat.engines.empty()) {
    json.Key("engines");
    json.StartArray();
    for (const Heartbeat::Engine& engine : beat.engines) {
      json.StartObject();
      json.Key("tenant");
      json.String(engine.tenant.c_str());
      json.Key("account");
      json.String(engine.account.c_str());
      json.Key("state");
      json.String(engine.state.c_str());
      json.EndObject();
    }
    json.EndArray();
  }
  json.EndObject();
  return std::string(buffer.GetString()) + "\n";
}

Error system_error(const std::string& doing, const std::filesystem::path& path, int number) {
  const bool is_full = number == ENOSPC || number == EDQUOT || number == EROFS;
  return fail(is_full ? ErrorCode::full : ErrorCode::io,
              doing + " '" + path.string() + "': " + std::strerror(number));
}

}  // namespace

Status write_heartbeat(const std::filesystem::path& path, const Heartbeat& beat) {
  std::filesystem::path fresh = path;
  fresh += ".new";
  const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return system_error("cannot write", fresh, errno);
  const std::string text = to_json(beat);
  const auto written = ::write(file, text.data(), text.size());
  const int number = errno;
  ::close(file);
  if (written != static_cast<ssize_t>(text.size())) return system_error("cannot write", fresh, number);
  // Not synced: after a power cut there is no process whose heartbeat could matter.
  if (::rename(fresh.c_str(), path.c_str()) != 0) return system_error("cannot replace", path, errno);
  return ok();
}

Result<Heartbeat> read_heartbeat(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(ErrorCode::not_found, "no heartbeat at '" + path.string() + "'");
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const Error broken = fail(ErrorCode::corrupt, "'" + path.string() + "' is not a heartbeat");
  rapidjson::Document json;
  json.Parse<rapidjson::kParseIterativeFlag>(text.data(), text.size());
  if (json.HasParseError() || !json.IsObject()) return broken;
  for (const char* name : {"pid", "seq", "progress"}) {
    if (!json.HasMember(name) || !json[name].IsUint64()) return broken;
  }
  for (const char* name : {"state", "now", "progressed_at"}) {
    if (!json.HasMember(name) || !json[name].IsString()) return broken;
  }
  Heartbeat beat;
  beat.pid = static_cast<std::int64_t>(json["pid"].GetUint64());
  beat.seq = json["seq"].GetUint64();
  beat.progress = json["progress"].GetUint64();
  beat.state = json["state"].GetString();
  const auto now = parse_time(json["now"].GetString());
  const auto progressed = parse_time(json["progressed_at"].GetString());
  if (!now || !progressed) return broken;
  beat.now = *now;
  beat.progressed_at = *progressed;
  if (!json.HasMember("engines")) return beat;
  if (!json["engines"].IsArray()) return broken;
  for (const auto& one : json["engines"].GetArray()) {
    for (const char* name : {"tenant", "account", "state"}) {
      if (!one.IsObject() || !one.HasMember(name) || !one[name].IsString()) return broken;
    }
    beat.engines.push_back({one["tenant"].GetString(), one["account"].GetString(), one["state"].GetString()});
  }
  return beat;
}

Status HeartbeatWriter::beat(std::uint64_t progress, const std::string& state, Time now,
                             std::vector<Heartbeat::Engine> engines) {
  last_.engines = std::move(engines);
  if (last_.seq == 0 || progress != last_.progress) last_.progressed_at = now;
  last_.pid = ::getpid();
  ++last_.seq;
  last_.progress = progress;
  last_.state = state;
  last_.now = now;
  return write_heartbeat(path_, last_);
}

}  // namespace aitrade
