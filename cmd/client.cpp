#include "cmd/client.h"

#include <rapidjson/document.h>

#include <algorithm>
#include <utility>

#include "cmd/output.h"
#include "core/net/http_client.h"

namespace aitrade::cli {
namespace {

/// The message of an error body, or the bare status for anything else.
std::string words_of(const HttpReply& reply) {
  rapidjson::Document json;
  json.Parse<rapidjson::kParseIterativeFlag>(reply.body.data(), reply.body.size());
  if (!json.HasParseError() && json.IsObject() && json.HasMember("error") &&
      json["error"].IsObject() && json["error"].HasMember("message") &&
      json["error"]["message"].IsString()) {
    return json["error"]["message"].GetString();
  }
  return "the daemon answered with status " + std::to_string(reply.status);
}

}  // namespace

Result<Paths> paths_of(const Context& context) {
  return find_paths(context.global.home, process_environment());
}

Time wall_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return Time{std::chrono::duration_cast<std::chrono::nanoseconds>(now).count()};
}

Result<HttpReply> call(const Daemon& daemon, std::string_view method, std::string_view path,
                       std::string body, milliseconds limit) {
  HttpRequest request;
  request.method = std::string(method);
  request.url = (daemon.url.empty() ? "http://localhost" : daemon.url) + std::string(path);
  request.unix_socket = daemon.url.empty() ? daemon.socket : "";
  request.idempotent = method == "GET";
  request.timeouts = {std::min(limit, milliseconds{2'000}), limit};
  if (!body.empty()) request.headers.push_back({"Content-Type", "application/json"});
  if (!daemon.tenant.empty()) request.headers.push_back({"X-Tenant-ID", daemon.tenant});
  if (!daemon.account.empty()) request.headers.push_back({"X-Account-ID", daemon.account});
  if (!daemon.url.empty()) {
    const auto environment = process_environment();
    const auto key = environment.find("AITRADE_API_KEY");
    if (key != environment.end() && !key->second.empty()) {
      request.headers.push_back({"X-API-Key", key->second});
    }
  }
  request.body = std::move(body);
  HttpClient client;
  HttpOutcome outcome = client.perform(request);
  if (outcome.is_reply()) return std::move(outcome.reply);
  if (outcome.fact == TransportFact::not_sent && daemon.url.empty() &&
      outcome.error.code == ErrorCode::network) {
    return fail(ErrorCode::not_found, "no daemon is running (nothing answers on '" + daemon.socket +
                                          "'); start one with `aitrade run`");
  }
  return std::move(outcome.error).within("asking the daemon");
}

Status check_reply(const HttpReply& reply) {
  if (reply.status >= 200 && reply.status < 300) return ok();
  switch (reply.status) {
    case 401:
    case 403: return fail(ErrorCode::rejected, words_of(reply));
    case 404: return fail(ErrorCode::not_found, words_of(reply));
    case 409: return fail(ErrorCode::rejected, words_of(reply));
    case 429:
    case 503: return fail(ErrorCode::busy, words_of(reply));
    case 504: return fail(ErrorCode::timeout, words_of(reply));
    default: return fail(ErrorCode::invalid, words_of(reply));
  }
}

Result<std::string> control(const Daemon& daemon, std::string_view command, std::string_view reason,
                            std::string_view confirm, milliseconds limit, bool clear_halt,
                            bool is_to_all) {
  JsonWriter json;
  json.begin_object().field("reason", reason);
  if (!confirm.empty()) json.field("confirm", confirm);
  if (clear_halt) json.field("clear_halt", true);
  if (is_to_all) json.field("all_tenants", true);
  json.end_object();
  const std::string path = "/api/v1/control/" + std::string(command);
  AITRADE_TRY(HttpReply reply, call(daemon, "POST", path, json.take(), limit));
  AITRADE_TRY_STATUS(check_reply(reply));
  return std::move(reply.body);
}

bool is_partial(const std::string& reply) { return reply.find("\"status\":\"partial\"") != std::string::npos; }

}  // namespace aitrade::cli
