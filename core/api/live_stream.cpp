#include "core/api/live_stream.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/api/access.h"
#include "core/api/query.h"
#include "core/api/view_json.h"
#include "core/threads/priority.h"

namespace aitrade {
namespace {

constexpr std::chrono::milliseconds look_every{50};
constexpr std::chrono::milliseconds check_every{500};   // of credentials
constexpr std::uint16_t ended_code = 4401, full_code = 1013;
constexpr std::string_view ticket_mark = "ticket.";

/// The ticket among the offered sub-protocols, when ours is offered too.
std::string_view offered_ticket(const Request& request) {
  std::string_view rest = request.header("Sec-WebSocket-Protocol");
  std::string_view ticket;
  bool has_ours = false;
  while (!rest.empty()) {
    const auto comma = std::min(rest.find(','), rest.size());
    std::string_view item = rest.substr(0, comma);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    has_ours |= item == LiveStream::protocol;
    if (item.starts_with(ticket_mark)) ticket = item.substr(ticket_mark.size());
  }
  return has_ours ? ticket : std::string_view{};
}

bool offers_ours(const Request& request) {
  return request.header("Sec-WebSocket-Protocol").find(LiveStream::protocol) != std::string_view::npos;
}

/// Who may look: a ticket's owner, the bearer of a key, the local user, anybody where reads are open.
std::optional<Principal> viewer(const Request& request, const ApiContext& context) {
  const Moment now = moment_of(context);
  if (const auto shown = credentials_in_url(request.query); !shown.empty()) {
    if (context.gate != nullptr) context.gate->flag_shown(shown.front(), client_of(request, context), now);
    return std::nullopt;
  }
  const bool is_foreign = !request.header("Origin").empty() && !request.origin_allowed;
  if (is_foreign) return std::nullopt;
  if (const auto ticket = offered_ticket(request); !ticket.empty()) {
    if (context.gate == nullptr || !request.origin_allowed) return std::nullopt;
    return context.gate->take_ticket(ticket, request.header("Origin"), now);
  }
  if (!session_cookie(request).empty()) return std::nullopt;   // a cookie alone opens no stream
  Asked asked = identify(request, context, now, false);
  if (asked.refused || asked.identity.principal.scope < Scope::read) return std::nullopt;
  return std::move(asked.identity.principal);
}

/// The account whose engine is meant: of the header or, as a browser has to say it, of the query; empty: the first.
std::string_view account_asked(const Request& request) {
  std::string_view account = request.header("X-Account-ID");
  for (const auto& [name, value] : query_pairs(request.query)) {
    if (name == "account" && account.empty()) account = value;
  }
  return account;
}

}  // namespace

struct LiveStream::State {
  explicit State(const ApiContext& borrowed) : context(borrowed) {}

  struct Viewer {
    std::shared_ptr<WsChannel> channel;
    Principal who;
    std::string owner;   // what its number of streams is counted by
    std::size_t seat{TenantViews::no_seat};   // the engine it looks at
  };

  /// What everybody at one engine has been told.
  struct Told {
    ViewParts sent;
    std::shared_ptr<const EngineView> view;         // the one that `sent` is of
    std::chrono::steady_clock::time_point at{};
    std::uint64_t seq{0};
  };

  const ApiContext& context;
  std::mutex mutex;   // guards all that follows
  std::condition_variable wake;
  bool is_stopping{false};
  std::map<std::uint64_t, Viewer> viewers;
  std::uint64_t next_viewer{0};
  std::map<std::size_t, Told> told;   // by engine
  std::thread thread;

  /// True when something happened that people wait for; prices alone can wait for their turn.
  [[nodiscard]] static bool is_news(const EngineView& now, const EngineView& before) {
    return now.run != before.run || now.state != before.state || now.paused != before.paused ||
           now.halted != before.halted || now.pause_reason != before.pause_reason ||
           now.trades != before.trades || now.entries != before.entries ||
           now.positions.size() != before.positions.size() || now.feed_up != before.feed_up ||
           now.ledger_ok != before.ledger_ok || now.entries_held != before.entries_held;
  }

  /// Tells everybody at an engine what changed, when it is time or `at_once`. Call with the mutex held.
  void look(std::size_t seat, bool at_once) {
    Told& known = told[seat];
    auto view = context.views.read(seat);
    if (view == known.view) return;
    const auto clock = std::chrono::steady_clock::now();
    const bool is_due = clock - known.at >= context.stream.refresh;
    if (!at_once && known.view && !is_due && !is_news(*view, *known.view)) return;   // looked at again with the next turn
    known.view = view;
    known.at = clock;
    ViewParts parts = view_parts(*view, {context.version, context.build, {}});
    std::string changes;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (i < known.sent.size() && parts[i].second == known.sent[i].second) continue;
      changes += (changes.empty() ? "\"" : ",\"") + std::string(parts[i].first) + "\":" + parts[i].second;
    }
    known.sent = std::move(parts);
    if (changes.empty()) return;
    ++known.seq;
    const auto text = message("update", known.seq, changes);
    std::erase_if(viewers, [seat, &text](const auto& entry) {
      return entry.second.seat == seat && !entry.second.channel->send(text);
    });
  }

  /// Looks at every engine that somebody looks at. Call with the mutex held.
  void look() {
    std::set<std::size_t> seats;
    for (const auto& [number, viewer] : viewers) {
      if (viewer.seat != TenantViews::no_seat) seats.insert(viewer.seat);   // an empty picture stays as it is
    }
    for (const std::size_t seat : seats) look(seat, false);
  }

  static std::shared_ptr<const std::string> message(std::string_view type, std::uint64_t seq, const std::string& data) {
    std::string text = "{\"type\":\"" + std::string(type) + "\",\"seq\":" + std::to_string(seq);
    text.append(",\"data\":{").append(data).append("}}");
    return std::make_shared<const std::string>(std::move(text));
  }

  void open(std::uint64_t number, std::shared_ptr<WsChannel> channel, Viewer viewer) {
    const std::lock_guard lock(mutex);
    const auto same = std::count_if(viewers.begin(), viewers.end(),
        [&viewer](const auto& entry) { return entry.second.owner == viewer.owner; });
    if (static_cast<std::size_t>(same) >= context.stream.per_principal) {
      channel->close(full_code, "too many streams of one user");
      return;
    }
    look(viewer.seat, true);   // a tenant without an engine gets the empty picture, and nothing after it
    const Told& known = told[viewer.seat];
    std::string all;
    for (const auto& [name, json] : known.sent) all += (all.empty() ? "\"" : ",\"") + std::string(name) + "\":" + json;
    if (channel->send(message("snapshot", known.seq, all))) {
      viewer.channel = std::move(channel);
      viewers[number] = std::move(viewer);
    }
  }

  void close_ended() {
    if (context.gate == nullptr) return;
    std::vector<std::pair<std::uint64_t, Principal>> all;
    {
      const std::lock_guard lock(mutex);
      for (const auto& [number, viewer] : viewers) all.emplace_back(number, viewer.who);
    }
    const Moment now = moment_of(context);
    for (const auto& [number, who] : all) {
      if (context.gate->is_live(who, now)) continue;
      const std::lock_guard lock(mutex);
      const auto found = viewers.find(number);
      if (found == viewers.end()) continue;
      found->second.channel->close(ended_code, "the log-in or key has ended");
      viewers.erase(found);
    }
  }

  void run() {
    yield_to_others(serving_nice);
    auto checked_at = std::chrono::steady_clock::now();
    std::unique_lock lock(mutex);
    while (!wake.wait_for(lock, look_every, [this] { return is_stopping; })) {
      look();
      const auto now = std::chrono::steady_clock::now();
      if (now - checked_at < check_every) continue;
      checked_at = now;
      lock.unlock();
      close_ended();
      lock.lock();
    }
  }
};

namespace {

/// Passes its channel on, and forgets it at its end.
class Peer final : public WsPeer {
 public:
  using Open = std::function<void(std::shared_ptr<WsChannel>)>;

  Peer(Open open, std::function<void()> closed, bool names_protocol)
      : open_(std::move(open)), closed_(std::move(closed)), names_protocol_(names_protocol) {}

  void on_open(std::shared_ptr<WsChannel> channel) override { open_(std::move(channel)); }

  void on_text(std::string_view) override {}   // a read channel

  void on_closed(std::uint16_t) override { closed_(); }

  [[nodiscard]] std::string subprotocol() const override {
    return names_protocol_ ? std::string(LiveStream::protocol) : std::string();
  }

 private:
  Open open_;
  std::function<void()> closed_;
  bool names_protocol_;
};

}  // namespace

LiveStream::LiveStream(const ApiContext& context) : state_(std::make_shared<State>(context)) {
  state_->thread = std::thread([state = state_.get()] { state->run(); });
}

LiveStream::~LiveStream() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->is_stopping = true;
    state_->viewers.clear();
  }
  state_->wake.notify_all();
  state_->thread.join();
}

std::unique_ptr<WsPeer> LiveStream::admit(const ServerRequest& request) {
  auto who = viewer(request, state_->context);
  if (!who) return nullptr;
  std::uint64_t number = 0;
  {
    const std::lock_guard lock(state_->mutex);
    number = state_->next_viewer++;
  }
  const std::size_t seat = state_->context.views.find(who->tenant, account_asked(request));
  const bool is_anonymous = who->kind == Principal::Kind::anonymous;
  State::Viewer viewer{{}, *who, is_anonymous ? client_of(request, state_->context) : who->actor(), seat};
  return std::make_unique<Peer>(
      [state = state_, number, viewer = std::move(viewer)](std::shared_ptr<WsChannel> channel) {
        state->open(number, std::move(channel), viewer);
      },
      [state = state_, number] {
        const std::lock_guard lock(state->mutex);
        state->viewers.erase(number);
      },
      offers_ours(request));
}

Response refuse_stream(const Request& request, const ApiContext&) {
  if (!request.header("Origin").empty() && !request.origin_allowed) {
    return error_response(403, "origin_refused", "this origin may not open a stream");
  }
  if (request.header("Upgrade").empty()) {
    Response response = error_response(426, "upgrade_required", "this is a WebSocket");
    response.headers.push_back({"Upgrade", "websocket"});
    return response;
  }
  return unauthorized();
}

}  // namespace aitrade
