#include "core/net/http_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <cstring>
#include <mutex>
#include <utility>

#include "core/net/url.h"

namespace aitrade {
namespace {

struct HeaderListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

using HeaderListHandle = std::unique_ptr<curl_slist, HeaderListDeleter>;

/// One call in flight: what went out, what came back.
struct Call {
  const HttpRequest* request{nullptr};
  const std::atomic<bool>* canceled{nullptr};
  HttpReply reply;
  std::size_t body_sent{0};
  int starts{0};              // how often libcurl was about to write the request
  bool head_complete{false};  // the final status and its headers are in
  bool too_large{false};
  char message[CURL_ERROR_SIZE]{};
};

/// Called when the connection stands and the request is about to be written.
int on_start(void* user, char*, char*, int, int) {
  auto& call = *static_cast<Call*>(user);
  const bool again = call.starts > 0;
  if (again && !call.request->idempotent) return CURL_PREREQFUNC_ABORT;
  ++call.starts;
  return CURL_PREREQFUNC_OK;
}

/// Hands out the body once. There is no seek callback, so libcurl cannot start over.
std::size_t on_read(char* buffer, std::size_t size, std::size_t count, void* user) {
  auto& call = *static_cast<Call*>(user);
  const std::string& body = call.request->body;
  const std::size_t n = std::min(size * count, body.size() - call.body_sent);
  std::memcpy(buffer, body.data() + call.body_sent, n);
  call.body_sent += n;
  return n;
}

std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* user) {
  auto& call = *static_cast<Call*>(user);
  const std::size_t n = size * count;
  if (call.reply.body.size() + n > call.request->max_reply_bytes) {
    call.too_large = true;
    return 0;
  }
  call.reply.body.append(bytes, n);
  return n;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front()))) {
    text.remove_prefix(1);
  }
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) {
    text.remove_suffix(1);
  }
  return text;
}

int status_of(std::string_view line) {
  const auto space = line.find(' ');
  if (space == std::string_view::npos || line.size() < space + 4) return 0;
  int status = 0;
  for (const char c : line.substr(space + 1, 3)) {
    if (c < '0' || c > '9') return 0;
    status = status * 10 + (c - '0');
  }
  return status;
}

std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* user) {
  auto& call = *static_cast<Call*>(user);
  const std::size_t n = size * count;
  const std::string_view line = trimmed({bytes, n});
  if (line.starts_with("HTTP/")) {  // also the start of what follows a 1xx
    call.reply.status = status_of(line);
    call.reply.headers.clear();
  } else if (line.empty()) {
    call.head_complete = call.reply.status >= 200;
  } else if (const auto colon = line.find(':'); colon != std::string_view::npos) {
    call.reply.headers.push_back(
        {std::string(trimmed(line.substr(0, colon))), std::string(trimmed(line.substr(colon + 1)))});
  }
  return n;
}

int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Call*>(user)->canceled->load(std::memory_order_relaxed) ? 1 : 0;
}

ErrorCode code_of(CURLcode code) {
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT: return ErrorCode::timeout;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM: return ErrorCode::rejected;
    default: return ErrorCode::network;
  }
}

HttpOutcome not_sent(Error error) {
  HttpOutcome outcome;
  outcome.error = std::move(error);
  return outcome;
}

bool is_one_line(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

Status check_request(const HttpRequest& request) {
  AITRADE_TRY(const Url url, parse_url(request.url));
  if (url.scheme != "http" && url.scheme != "https") {
    return fail(ErrorCode::invalid, "not an HTTP URL: scheme '" + url.scheme + "'");
  }
  if (request.unix_socket.empty()) AITRADE_TRY_STATUS(check_transport_security(url));
  for (const HttpHeader& header : request.headers) {
    if (!is_one_line(header.name) || !is_one_line(header.value)) {
      return fail(ErrorCode::invalid, "line break in a request header");
    }
  }
  return ok();
}

Result<HeaderListHandle> header_list(const HttpRequest& request) {
  curl_slist* list = nullptr;
  auto add = [&list](const std::string& line) {
    curl_slist* longer = curl_slist_append(list, line.c_str());
    if (longer != nullptr) list = longer;
    return longer != nullptr;
  };
  bool complete = add("Expect:");  // never wait for 100-continue
  for (const HttpHeader& header : request.headers) {
    // A header without a value is written "Name;": libcurl would leave "Name:" out.
    complete = complete && add(header.name + (header.value.empty() ? ";" : ": " + header.value));
  }
  HeaderListHandle handle(list);
  if (!complete) return fail(ErrorCode::io, "out of memory for request headers");
  return handle;
}

template <class T>
void set(CURL* handle, CURLoption option, T value) {
  curl_easy_setopt(handle, option, value);
}

void set_policy(CURL* curl, const HttpClientOptions& options) {
  set(curl, CURLOPT_NOSIGNAL, 1L);
  set(curl, CURLOPT_SSL_VERIFYPEER, 1L);
  set(curl, CURLOPT_SSL_VERIFYHOST, 2L);
  set(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!options.ca_file.empty()) set(curl, CURLOPT_CAINFO, options.ca_file.c_str());
  set(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  set(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(curl, CURLOPT_FOLLOWLOCATION, 0L);
  set(curl, CURLOPT_PROXY, "");
  set(curl, CURLOPT_NOPROXY, "*");
  set(curl, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(curl, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  set(curl, CURLOPT_USERAGENT, options.user_agent.c_str());
  set(curl, CURLOPT_TCP_KEEPALIVE, 1L);
}

void set_body(CURL* curl, const HttpRequest& request, Call& call) {
  const bool has_body = !request.body.empty() || request.method == "POST" ||
                        request.method == "PUT" || request.method == "PATCH";
  if (has_body) {
    set(curl, CURLOPT_POST, 1L);
    set(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    if (request.idempotent) {
      set(curl, CURLOPT_POSTFIELDS, request.body.data());
    } else {
      set(curl, CURLOPT_READFUNCTION, &on_read);
      set(curl, CURLOPT_READDATA, &call);
    }
  }
  if (request.method == "HEAD") {
    set(curl, CURLOPT_NOBODY, 1L);
  } else if (request.method != (has_body ? "POST" : "GET")) {
    set(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
}

void set_call(CURL* curl, const HttpRequest& request, Call& call) {
  set(curl, CURLOPT_URL, request.url.c_str());
  if (!request.unix_socket.empty()) {
    set(curl, CURLOPT_UNIX_SOCKET_PATH, request.unix_socket.c_str());
  }
  set(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.timeouts.connect.count()));
  set(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeouts.total.count()));
  if (request.idempotent) set(curl, CURLOPT_ACCEPT_ENCODING, "gzip");
  set(curl, CURLOPT_ERRORBUFFER, call.message);
  set(curl, CURLOPT_PREREQFUNCTION, &on_start);
  set(curl, CURLOPT_PREREQDATA, &call);
  set(curl, CURLOPT_WRITEFUNCTION, &on_body);
  set(curl, CURLOPT_WRITEDATA, &call);
  set(curl, CURLOPT_HEADERFUNCTION, &on_header);
  set(curl, CURLOPT_HEADERDATA, &call);
  set(curl, CURLOPT_NOPROGRESS, 0L);
  set(curl, CURLOPT_XFERINFOFUNCTION, &on_progress);
  set(curl, CURLOPT_XFERINFODATA, &call);
}

HttpOutcome outcome_of(CURLcode code, Call& call) {
  HttpOutcome outcome;
  outcome.reply = std::move(call.reply);
  if (code == CURLE_OK && call.head_complete) {
    outcome.fact = TransportFact::reply;
    return outcome;
  }
  outcome.fact = call.head_complete ? TransportFact::reply_partial
                 : call.starts > 0  ? TransportFact::sent_no_reply
                                    : TransportFact::not_sent;
  outcome.error = Error{code_of(code), call.message[0] != '\0' ? call.message
                                                              : curl_easy_strerror(code)};
  if (call.too_large) outcome.error = Error{ErrorCode::full, "reply larger than allowed"};
  return outcome;
}

}  // namespace

struct HttpClient::State {
  HttpClientOptions options;
  std::mutex one_at_a_time;
  CURL* curl{nullptr};  // keeps the connection cache between calls
  std::atomic<bool> canceled{false};
};

HttpClient::HttpClient(HttpClientOptions options) : state_(std::make_unique<State>()) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  state_->options = std::move(options);
  if (ready == CURLE_OK) state_->curl = curl_easy_init();
}

HttpClient::~HttpClient() {
  if (state_->curl != nullptr) curl_easy_cleanup(state_->curl);
}

HttpOutcome HttpClient::perform(const HttpRequest& request) {
  const std::lock_guard lock(state_->one_at_a_time);
  if (state_->curl == nullptr) return not_sent({ErrorCode::io, "libcurl does not start"});
  if (auto checked = check_request(request); !checked) return not_sent(std::move(checked).error());
  auto headers = header_list(request);
  if (!headers) return not_sent(std::move(headers).error());

  Call call;
  call.request = &request;
  call.canceled = &state_->canceled;
  CURL* curl = state_->curl;
  curl_easy_reset(curl);  // options only: connections stay
  set_policy(curl, state_->options);
  set_call(curl, request, call);
  set_body(curl, request, call);
  set(curl, CURLOPT_HTTPHEADER, headers->get());
  const CURLcode code = curl_easy_perform(curl);
  HttpOutcome outcome = outcome_of(code, call);
  curl_easy_reset(curl);  // no pointer to this frame stays behind
  return outcome;
}

void HttpClient::cancel() { state_->canceled.store(true, std::memory_order_relaxed); }

}  // namespace aitrade
