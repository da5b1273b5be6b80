#include "core/api/control.h"

#include "core/api/body.h"
#include "core/api/route.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace aitrade {
namespace {

constexpr BodyField body_fields[] = {{"reason"}, {"confirm"}, {"clear_halt", BodyField::Kind::truth}};

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

/// Runs one operator command for a request whose access has been settled.
Response run_control(OperatorAction action, const Call& call) {
  const Request& request = call.request;
  if (!request.body.empty() && !request.header("Content-Type").starts_with("application/json")) {
    return error_response(415, "unsupported_media_type", "the body must be application/json");
  }
  const auto body = Body::parse(request.body, body_fields);
  if (!body) return error_response(400, "bad_body", body.error().what);
  if (const auto word = confirmation_of(action); !word.empty() && body->text("confirm") != word) {
    return error_response(400, "confirmation_needed", "send {\"confirm\":\"" + std::string(word) + "\"}");
  }
  const bool clear_halt = body->is_true("clear_halt");
  if (clear_halt && action != OperatorAction::resume) {
    return error_response(400, "bad_body", "clear_halt belongs to resume");
  }
  if (clear_halt && call.who.scope < Scope::admin) {
    return error_response(403, "scope", "a halt is cleared by the administrator");
  }
  const std::size_t before = call.view()->positions.size();
  if (!call.context.submit) return refused({ErrorCode::busy, ""});
  for (const OperatorAction step : steps_of(action, clear_halt)) {
    const OperatorCommand command{step, call.who.actor(), body->text("reason")};
    if (auto done = call.context.submit(command); !done) return refused(done.error());
  }
  return json_response(outcome_json(action, before, *call.view()));
}

}  // namespace

Response post_pause(const Call& call) { return run_control(OperatorAction::pause, call); }

Response post_resume(const Call& call) { return run_control(OperatorAction::resume, call); }

Response post_close_all(const Call& call) { return run_control(OperatorAction::close_all, call); }

Response post_close(const Call& call) {
  const Request& request = call.request;
  static constexpr BodyField fields[] = {{"reason"}, {"confirm"}};
  if (!request.body.empty() && !request.header("Content-Type").starts_with("application/json")) {
    return error_response(415, "unsupported_media_type", "the body must be application/json");
  }
  const auto body = Body::parse(request.body, fields);
  if (!body) return error_response(400, "bad_body", body.error().what);
  const auto pair = pair_of(call.last);
  if (!pair) return error_response(400, "bad_path", "the path ends in a pair such as BTC-USD");
  const auto view = call.view();
  const auto is_it = [&pair](const auto& item) { return item.symbol == *pair; };
  const auto traded = std::find_if(view->pairs.begin(), view->pairs.end(), is_it);
  if (traded == view->pairs.end() || std::none_of(view->positions.begin(), view->positions.end(), is_it)) {
    return error_response(404, "not_found", "there is no open position in this pair");
  }
  if (!call.context.submit) return refused({ErrorCode::busy, ""});
  OperatorCommand command{OperatorAction::close_position, call.who.actor(), body->text("reason"),
                          InstrumentId{static_cast<std::uint32_t>(traded - view->pairs.begin())}};
  if (auto done = call.context.submit(command); !done) return refused(done.error());
  const auto after = call.view();
  const bool is_left = std::any_of(after->positions.begin(), after->positions.end(), is_it);
  return json_response(std::string(R"({"schema":"aitrade.control/1","status":")") + (is_left ? "closing" : "closed") +
                       R"(","state":")" + after->state + R"(","paused":)" + (after->paused ? "true" : "false") + "}");
}

Response post_adopt(const Call& call) {
  const Request& request = call.request;
  static constexpr BodyField fields[] = {{"reason"}};
  if (!request.body.empty() && !request.header("Content-Type").starts_with("application/json")) {
    return error_response(415, "unsupported_media_type", "the body must be application/json");
  }
  const auto body = Body::parse(request.body, fields);
  if (!body) return error_response(400, "bad_body", body.error().what);
  constexpr std::size_t asset_max = 16;
  const bool is_asset = !call.last.empty() && call.last.size() <= asset_max &&
                        std::all_of(call.last.begin(), call.last.end(), [](char c) {
                          return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.';
                        });
  if (!is_asset) return error_response(400, "bad_path", "the path ends in a currency such as USD");
  if (!call.context.adopt) return error_response(409, "conflict", "no real money is traded here");
  const auto amount = call.context.adopt(call.last, call.who.actor());
  if (!amount && amount.error().code == ErrorCode::not_found) {
    return error_response(404, "not_found", amount.error().what);
  }
  if (!amount && amount.error().code == ErrorCode::busy) return error_response(503, "busy", amount.error().what);
  if (!amount) return refused(amount.error());
  const auto after = call.view();
  return json_response(R"({"schema":"aitrade.control/1","status":"adopted","state":")" + after->state +
                       R"(","paused":)" + (after->paused ? "true" : "false") + R"(,"asset":")" + call.last +
                       R"(","amount":")" + *amount + R"("})");
}

Response post_model(const Call& call) {
  if (!call.context.take_model) return not_found();
  const auto model = call.context.take_model(call.who.actor());
  if (!model && model.error().code == ErrorCode::busy) return error_response(503, "busy", model.error().what);
  if (!model) return refused(model.error());
  if (!model->empty()) audit(call, "model_taken", "", *model);
  const auto after = call.view();
  return json_response(R"({"schema":"aitrade.control/1","status":")" +
                       std::string(model->empty() ? "unchanged" : "model_taken") + R"(","state":")" + after->state +
                       R"(","paused":)" + (after->paused ? "true" : "false") +
                       (model->empty() ? "" : R"(,"model":")" + *model + '"') + "}");
}

Response post_kill(const Call& call) { return run_control(OperatorAction::halt, call); }

}  // namespace aitrade
