// The live view over WebSocket: the whole picture first, then what changed, numbered.
//
// One thread looks at the board; a part of the view that did not change is not sent again, and every client
// gets the same text. A read channel only: nothing a client says has an effect. A client that does not read is
// dropped by the server; one whose credential ends is closed with 4401 within a second (security.md 2.5).
#pragma once

#include <memory>
#include <string_view>

#include "core/api/api.h"

namespace aitrade {

class LiveStream {
 public:
  static constexpr std::string_view path = "/ws/live";
  static constexpr std::string_view protocol = "aitrade.v1";

  /// `context` is borrowed and must outlive the stream.
  explicit LiveStream(const ApiContext& context);
  ~LiveStream();
  LiveStream(const LiveStream&) = delete;
  LiveStream& operator=(const LiveStream&) = delete;

  /// Returns who serves this upgrade, or nothing: then refusal() says why not.
  std::unique_ptr<WsPeer> admit(const ServerRequest& request);

 private:
  struct State;
  std::shared_ptr<State> state_;   // shared with peers, which may end later
};

/// Answers a request for the stream that was not admitted.
Response refuse_stream(const Request& request, const ApiContext& context);

}  // namespace aitrade
