// HTTP requests over libcurl, one at a time, on the caller's thread.
//
// A blocking object with one connection cache: the owner's thread is the request queue, which keeps
// requests of one API key strictly sequential. TLS is always verified; plain text goes only to
// loopback hosts and Unix sockets; no redirects, no proxy of the environment, no 100-continue.
// The body of a request that must not be repeated comes from a read callback that cannot rewind, so
// libcurl cannot send it twice on a connection that died (reliability.md 2.3; tested).
#pragma once

#include <memory>

#include "core/net/transport.h"

namespace aitrade {

struct HttpClientOptions {
  std::string user_agent{"aitrade"};
  std::string ca_file;  // empty: the system's certificates
};

class HttpClient final : public HttpTransport {
 public:
  explicit HttpClient(HttpClientOptions options = {});
  ~HttpClient() override;
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Performs a request; concurrent callers wait for each other.
  HttpOutcome perform(const HttpRequest& request) override;

  /// Makes the running call, and all later ones, end soon (within 1 s). Any thread; for shutdown.
  void cancel();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace aitrade
