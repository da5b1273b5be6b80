#include "core/api/control.h"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace aitrade {
namespace {

constexpr std::size_t reason_bytes = 500;

struct ControlBody {
  std::string reason, confirm;
  bool clear_halt{false};
};

/// The word that a command wants to be told; empty for none.
std::string_view confirmation_of(OperatorAction action) {
  return action == OperatorAction::close_all ? "CLOSE ALL" : action == OperatorAction::halt ? "KILL" : "";
}

/// What one request asks of the engine, in order.
std::vector<OperatorAction> steps_of(OperatorAction action, bool clear_halt) {
  if (action == OperatorAction::halt) return {OperatorAction::pause, OperatorAction::close_all, OperatorAction::halt};
  if (clear_halt) return {OperatorAction::clear_halt, action};
  return {action};
}

Result<ControlBody> read_body(const std::string& text) {
  ControlBody body;
  if (text.empty()) return body;
  rapidjson::Document json;
  // Iterative: a deep body must not use up the stack.
  json.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(text.data(),
                                                                                    text.size());
  if (json.HasParseError() || !json.IsObject()) {
    return fail(ErrorCode::invalid, "the body must be a JSON object");
  }
  std::set<std::string> seen;
  for (const auto& member : json.GetObject()) {
    const std::string name(member.name.GetString(), member.name.GetStringLength());
    if (!seen.insert(name).second) return fail(ErrorCode::invalid, "repeated field in the body");
    if (name == "clear_halt") {
      if (!member.value.IsBool()) return fail(ErrorCode::invalid, "clear_halt must be true or false");
      body.clear_halt = member.value.GetBool();
      continue;
    }
    std::string* field = name == "reason" ? &body.reason : name == "confirm" ? &body.confirm : nullptr;
    if (field == nullptr) return fail(ErrorCode::invalid, "unknown field in the body");
    if (!member.value.IsString() || member.value.GetStringLength() > reason_bytes) {
      return fail(ErrorCode::invalid, "fields must be text of at most 500 bytes");
    }
    field->assign(member.value.GetString(), member.value.GetStringLength());
  }
  return body;
}

Response refused(const Error& error) {
  switch (error.code) {
    case ErrorCode::timeout:
      return error_response(504, "timeout", "the engine did not confirm in time; ask for the status");
    case ErrorCode::busy:
      return error_response(503, "busy", "the engine takes no commands at the moment");
    case ErrorCode::rejected:
      return error_response(409, "conflict", error.what);
    case ErrorCode::invalid:
    case ErrorCode::not_found:
    case ErrorCode::corrupt:
    case ErrorCode::io:
    case ErrorCode::full:
    case ErrorCode::network:
    case ErrorCode::unsupported: break;
  }
  return error_response(500, "failed", "the command failed; the log of the daemon says why");
}

std::string outcome_json(OperatorAction action, std::size_t before, const EngineView& after) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
  json.StartObject();
  json.Key("schema");
  json.String("aitrade.control/1");
  json.Key("status");
  json.String(action == OperatorAction::pause    ? "paused"
              : action == OperatorAction::resume ? "resumed"
              : action == OperatorAction::halt   ? "halted"
              : after.positions.empty()          ? "flat"
                                                 : "closing");
  json.Key("state");
  json.String(after.state.c_str());
  json.Key("paused");
  json.Bool(after.paused);
  if (action == OperatorAction::close_all || action == OperatorAction::halt) {
    const std::size_t left = after.positions.size();
    json.Key("closed");
    json.Uint64(before > left ? before - left : 0);
    json.Key("remaining");
    json.Uint64(left);
  }
  json.EndObject();
  return buffer.GetString();
}

}  // namespace

Response run_control(OperatorAction action, const Request& request, const ApiContext& context) {
  if (!request.body.empty() && !request.header("Content-Type").starts_with("application/json")) {
    return error_response(415, "unsupported_media_type", "the body must be application/json");
  }
  auto body = read_body(request.body);
  if (!body) return error_response(400, "bad_body", body.error().what);
  if (const auto word = confirmation_of(action); !word.empty() && body->confirm != word) {
    return error_response(400, "confirmation_needed", "send {\"confirm\":\"" + std::string(word) + "\"}");
  }
  if (body->clear_halt && action != OperatorAction::resume) {
    return error_response(400, "bad_body", "clear_halt belongs to resume");
  }
  const std::size_t before = context.views.read()->positions.size();
  if (!context.submit) return refused({ErrorCode::busy, ""});
  for (const OperatorAction step : steps_of(action, body->clear_halt)) {
    const OperatorCommand command{step, "local:" + std::to_string(request.peer_uid), body->reason};
    if (auto done = context.submit(command); !done) return refused(done.error());
  }
  Response response;
  response.body = outcome_json(action, before, *context.views.read());
  return response;
}

}  // namespace aitrade
