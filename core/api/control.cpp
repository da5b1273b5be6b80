#include "core/api/control.h"

#include "core/api/access.h"
#include "core/api/body.h"
#include "core/api/json.h"
#include "core/api/route.h"

#include <algorithm>
#include <future>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace aitrade {
namespace {

constexpr BodyField body_fields[] = {
    {"reason"}, {"confirm"}, {"clear_halt", BodyField::Kind::truth}, {"all_tenants", BodyField::Kind::truth}};

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

/// What one engine made of a command.
struct Outcome {
  std::size_t seat{0};
  std::size_t before{0};                         // positions
  std::shared_ptr<const EngineView> after;
  Status done;
};

/// Whether the tenant of an engine may trade; a pause of one that may not is not ended (operations.md 7).
bool may_trade(const Call& call, std::size_t seat) {
  return call.context.gate == nullptr ||
         call.context.gate->may_trade(call.context.views.seats()[seat].tenant, moment_of(call.context));
}

/// Hands the steps to one engine.
Outcome run_steps(const Call& call, std::size_t seat, const std::vector<OperatorCommand>& steps) {
  Outcome outcome;
  outcome.seat = seat;
  outcome.before = call.context.views.read(seat)->positions.size();
  for (const OperatorCommand& step : steps) {
    if (outcome.done && step.action == OperatorAction::resume && !may_trade(call, seat)) {
      outcome.done = fail(ErrorCode::rejected, "the tenant is not active: `aitrade tenant status` makes it so");
    }
    if (outcome.done) outcome.done = call.context.command(seat, step);
  }
  outcome.after = call.context.views.read(seat);
  return outcome;
}

/// The same to several at once: one that does not answer costs the others nothing.
std::vector<Outcome> run_steps(const Call& call, const std::vector<std::size_t>& seats,
                               const std::vector<OperatorCommand>& steps) {
  std::vector<Outcome> all;
  if (seats.size() == 1) {
    all.push_back(run_steps(call, seats.front(), steps));
    return all;
  }
  std::vector<std::future<Outcome>> running;
  for (const std::size_t seat : seats) {
    running.push_back(std::async(std::launch::async, [&call, seat, &steps] { return run_steps(call, seat, steps); }));
  }
  for (auto& one : running) all.push_back(one.get());
  return all;
}

std::string_view word_of(OperatorAction action, std::size_t left) {
  switch (action) {
    case OperatorAction::pause: return "paused";
    case OperatorAction::resume: return "resumed";
    case OperatorAction::halt: return "halted";
    case OperatorAction::close_position: return left == 0 ? "closed" : "closing";
    case OperatorAction::close_all:
    case OperatorAction::clear_halt: break;
  }
  return left == 0 ? "flat" : "closing";
}

bool closes(OperatorAction action) {
  return action == OperatorAction::close_all || action == OperatorAction::halt || action == OperatorAction::close_position;
}

std::string failure_word(const Error& error) {
  const Response response = refused(error);
  return response.error_code;
}

void write_engine(Json& json, const Call& call, const Outcome& one) {
  json.begin();
  json.field("tenant", call.context.views.seats()[one.seat].tenant.name);
  json.field("account", call.context.account_of(one.seat));
  json.field("state", one.after->state);
  json.field("paused", one.after->paused);
  json.field("halted", one.after->halted);
  const std::size_t left = one.after->positions.size();
  json.field("closed", static_cast<std::uint64_t>(one.before > left ? one.before - left : 0));
  json.field("remaining", static_cast<std::uint64_t>(left));
  json.end();
}

/// The answer: the first engine's in the words of one, then each with what became of it.
std::string outcome_json(OperatorAction action, const Call& call, const std::vector<Outcome>& all) {
  std::size_t closed = 0, left = 0, fine = 0;
  bool is_paused = true;
  const Outcome* first = nullptr;
  for (const Outcome& one : all) {
    const std::size_t now = one.after->positions.size();
    left += now;
    closed += one.before > now ? one.before - now : 0;
    if (!one.done) continue;
    ++fine;
    is_paused = is_paused && one.after->paused;
    if (first == nullptr) first = &one;
  }
  Json json;
  json.begin();
  json.field("schema", "aitrade.control/1");
  json.field("status", fine < all.size() ? "partial" : word_of(action, left));
  json.field("state", first->after->state);
  json.field("paused", is_paused);
  if (closes(action)) {
    json.field("closed", static_cast<std::uint64_t>(closed));
    json.field("remaining", static_cast<std::uint64_t>(left));
  }
  json.key("engines");
  json.begin_list();
  for (const Outcome& one : all) {
    if (one.done) write_engine(json, call, one);
  }
  json.end_list();
  json.key("failed");
  json.begin_list();
  for (const Outcome& one : all) {
    if (one.done) continue;
    json.begin();
    json.field("tenant", call.context.views.seats()[one.seat].tenant.name);
    json.field("account", call.context.account_of(one.seat));
    json.field("code", failure_word(one.done.error()));
    json.field("remaining", static_cast<std::uint64_t>(one.after->positions.size()));
    json.end();
  }
  json.end_list();
  json.end();
  return json.take();
}

/// What a command does to positions is remembered under the tenant that owns them, with who asked (E1).
void remember(const Call& call, OperatorAction action, const std::vector<Outcome>& all, const OperatorCommand& last) {
  if (!closes(action)) return;
  const std::string_view name = action == OperatorAction::halt        ? "kill"
                                : action == OperatorAction::close_all ? "close_all"
                                                                      : "close";
  for (const Outcome& one : all) {
    if (one.done) {
      audit_of(call, call.context.views.seats()[one.seat].tenant, name, call.context.account_of(one.seat), last.reason);
    }
  }
}

/// Runs the steps on the engines meant, and tells what each made of them.
Response run_on(const Call& call, OperatorAction action, const std::vector<std::size_t>& seats,
                const std::vector<OperatorCommand>& steps) {
  if (seats.empty()) return not_found();
  const std::vector<Outcome> all = run_steps(call, seats, steps);
  remember(call, action, all, steps.back());
  const bool is_any = std::any_of(all.begin(), all.end(), [](const Outcome& one) { return bool(one.done); });
  if (!is_any) return refused(all.front().done.error());
  return json_response(outcome_json(action, call, all));
}

/// The engines that a body and the caller mean; a response where they may not.
std::variant<std::vector<std::size_t>, Response> seats_of(const Call& call, const Body& body) {
  if (!body.is_true("all_tenants")) return call.seats();
  if (call.who.scope < Scope::admin) return error_response(403, "scope", "all tenants are the administrator's");
  if (!call.account.empty()) return error_response(400, "bad_body", "all_tenants and an account exclude each other");
  std::vector<std::size_t> all(call.context.views.seats().size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

/// Runs one operator command for a request whose access has been settled.
Response run_control(OperatorAction action, const Call& call) {
  const Request& request = call.request;
  if (!request.body.empty() && !request.header("Content-Type").starts_with("application/json")) {
    return error_response(415, "unsupported_media_type", "the body must be application/json");
  }
  const auto body = Body::parse(request.body, body_fields);
  if (!body && !call.has_engine()) return not_found();
  if (!body) return error_response(400, "bad_body", body.error().what);
  auto meant = seats_of(call, *body);
  if (auto* no = std::get_if<Response>(&meant)) return std::move(*no);
  const auto& seats = std::get<std::vector<std::size_t>>(meant);
  if (seats.empty()) return not_found();
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
  std::vector<OperatorCommand> steps;
  for (const OperatorAction step : steps_of(action, clear_halt)) {
    steps.push_back({step, call.who.actor(), body->text("reason")});
  }
  return run_on(call, action, seats, steps);
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
  const auto is_it = [&pair](const auto& item) { return item.symbol == *pair; };
  std::vector<Outcome> all;
  OperatorCommand command{OperatorAction::close_position, call.who.actor(), body->text("reason")};
  for (const std::size_t seat : call.seats()) {
    const auto view = call.context.views.read(seat);
    const auto traded = std::find_if(view->pairs.begin(), view->pairs.end(), is_it);
    if (traded == view->pairs.end() || std::none_of(view->positions.begin(), view->positions.end(), is_it)) continue;
    command.instrument = InstrumentId{static_cast<std::uint32_t>(traded - view->pairs.begin())};
    all.push_back(run_steps(call, seat, {command}));
  }
  if (all.empty()) return error_response(404, "not_found", "there is no open position in this pair");
  for (Outcome& one : all) {   // of this pair alone
    auto& positions = one.after->positions;
    one.before = 1;
    EngineView only = *one.after;
    only.positions.assign(std::find_if(positions.begin(), positions.end(), is_it) == positions.end() ? 0 : 1, {});
    one.after = std::make_shared<const EngineView>(std::move(only));
  }
  remember(call, OperatorAction::close_position, all, command);
  const bool is_any = std::any_of(all.begin(), all.end(), [](const Outcome& one) { return bool(one.done); });
  if (!is_any) return refused(all.front().done.error());
  return json_response(outcome_json(OperatorAction::close_position, call, all));
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
  if (call.seats().size() > 1) {
    return error_response(400, "account_needed", "there are several accounts: name one with X-Account-ID");
  }
  const AdoptSink& adopt = call.context.adopt_of(call.seat);
  if (!adopt) return error_response(409, "conflict", "no real money is traded here");
  const auto amount = adopt(call.last, call.who.actor());
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
