// A WebSocket connection that moves text frames and knows no venue.
//
// One thread runs one Boost.Beast connection at a time: plain toward loopback, else TLS with SNI and
// full verification. Text frames and the time of their receipt go to callbacks on that thread; what
// is sent waits in a bounded queue, so no caller blocks. When to reconnect is the owner's decision
// (backoff.h with wake_after). Pings are answered, and silence is probed and then ends the connection.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "core/net/transport.h"

namespace aitrade {

struct WsClientOptions {
  std::string user_agent{"aitrade"};
  std::string ca_file;                        // empty: the system's certificates
  std::size_t max_queued_bytes{4U << 20};     // of frames not yet written
  std::function<Time()> now;                  // receipt stamps; empty: the system's clock
};

class WsClient final : public WsTransport {
 public:
  WsClient(WsEvents events, WsClientOptions options = {});

  /// Drops the connection and joins the thread; no callback runs afterwards.
  ~WsClient() override;
  WsClient(const WsClient&) = delete;
  WsClient& operator=(const WsClient&) = delete;

  void connect(const WsConnect& target) override;
  Status send(std::string text) override;
  void close(std::uint16_t code = 1000) override;
  void wake_after(Duration delay) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace aitrade
