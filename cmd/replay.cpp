// `aitrade replay RUN`: the recorded events through a new engine; its actions must be the recorded ones.

#include <filesystem>
#include <ostream>

#include <CLI/CLI.hpp>

#include "cmd/cli.h"
#include "cmd/commands.h"
#include "cmd/output.h"
#include "cmd/recorded_run.h"
#include "core/store/recording.h"
#include "core/store/recording_codec.h"

namespace aitrade::cli {
namespace {

struct ReplayOptions {
  std::string run;
};

/// What a replay found.
struct Outcome {
  std::uint64_t events{0}, actions{0};
  std::uint64_t entries{0};
  bool differs{false};
  std::uint64_t event{0};         // first difference or damage
  std::string recorded, replayed; // the action there, in words
  std::string damage;
};

std::string words_of(const Action& action) {
  struct Name {
    std::string operator()(const SubmitOrder& a) const {
      return "submit " + to_string(a.order.client_id) + " " + std::string(to_string(a.order.side)) + " " +
             to_string(a.order.quantity) + " " + std::string(to_string(a.order.type));
    }
    std::string operator()(const CancelOrder& a) const { return "cancel " + to_string(a.client_id); }
    std::string operator()(const ReplaceOrder& a) const {
      return "replace " + to_string(a.client_id) + " trigger " + to_string(a.trigger) + " limit " +
             to_string(a.limit) + " quantity " + to_string(a.quantity);
    }
    std::string operator()(const Decision& a) const {
      return "decision " + std::string(to_string(a.reason)) + " at " + to_string(a.candle_close);
    }
    std::string operator()(const PositionChanged& a) const { return "position " + to_string(a.quantity); }
    std::string operator()(const TradeClosed& a) const { return "trade closed, pnl " + to_string(a.pnl); }
    std::string operator()(const AccountChanged& a) const { return "account, cash " + to_string(a.cash); }
    std::string operator()(const CooldownSet&) const { return "cooldown"; }
    std::string operator()(const RunStateChanged& a) const { return "run state: " + a.reason; }
    std::string operator()(const Incident& a) const { return "incident: " + a.what; }
    std::string operator()(const OrderChanged& a) const {
      return "order " + to_string(a.client_id) + " " + std::string(to_string(a.state));
    }
    std::string operator()(const Notify& a) const { return "notice: " + a.text; }
    std::string operator()(const HoldingTaken& a) const { return "taken by somebody else: " + to_string(a.quantity); }
    std::string operator()(const SignalJudged& a) const {
      return "signal " + a.id + ": " + std::string(to_string(a.reason));
    }
    std::string operator()(const GateChanged& a) const {
      return "gate, " + std::to_string(a.state.outcomes) + " outcomes";
    }
  };
  return std::visit(Name{}, action);
}

std::string words_of_packed(const std::string& bytes) {
  const auto action = decode_action(bytes);
  return action ? words_of(*action) : "an action that cannot be read";
}

/// Compares the actions of one event; false at the first difference.
bool compare(const RecordedEvent& recorded, const ActionList& actions, Outcome& outcome) {
  const std::size_t most = std::max(recorded.actions.size(), actions.size());
  for (std::size_t i = 0; i < most; ++i) {
    const bool has_recorded = i < recorded.actions.size();
    const bool has_replayed = i < actions.size();
    if (has_recorded && has_replayed && encode_action(actions[i]) == recorded.actions[i]) {
      ++outcome.actions;
      if (const auto* decision = std::get_if<Decision>(&actions[i]); decision != nullptr && decision->entered) {
        ++outcome.entries;
      }
      continue;
    }
    outcome.differs = true;
    outcome.event = number(recorded.event.seq);
    outcome.recorded = has_recorded ? words_of_packed(recorded.actions[i]) : "nothing";
    outcome.replayed = has_replayed ? words_of(actions[i]) : "nothing";
    return false;
  }
  return true;
}

Result<Outcome> replay(RecordingReader& reader, const Paths& paths) {
  AITRADE_TRY(RecordedSetup setup, recorded_setup(reader.header(), paths));
  Engine engine(std::move(setup.engine));
  ActionList actions(true);
  Outcome outcome;
  for (;;) {
    auto next = reader.next();
    if (!next) {
      outcome.differs = true;
      outcome.damage = next.error().what;
      outcome.event = reader.damage() ? number(reader.damage()->first_event) : outcome.events + 1;
      return outcome;
    }
    if (!next->has_value()) return outcome;
    const RecordedEvent& recorded = **next;
    ++outcome.events;
    actions.clear();
    engine.step(recorded.event, actions);
    if (auto fault = setup.models_read->fault()) return *std::move(fault);
    if (!compare(recorded, actions, outcome)) return outcome;
  }
}

void print(const Outcome& outcome, const RecordingReader& reader, Context& context) {
  if (resolve_format(context, Format::json) != Format::table) {
    JsonWriter json;
    json.begin_object().field("schema", "aitrade.replay/1").field("run", reader.header().run_id);
    json.field("identical", !outcome.differs).field("events", outcome.events);
    json.field("actions", outcome.actions).field("entries", outcome.entries).field("chain", reader.chain());
    if (outcome.differs) {
      json.field("event", outcome.event).field("recorded", outcome.recorded);
      json.field("replayed", outcome.replayed).field("damage", outcome.damage);
    }
    context.out << json.end_object().take() << '\n';
    return;
  }
  if (!outcome.differs) {
    context.out << "identical: " << outcome.events << " events, " << outcome.actions << " actions, "
                << outcome.entries << " entries\n";
  } else if (!outcome.damage.empty()) {
    context.out << "damaged: " << outcome.damage << " (first event that cannot be trusted: " << outcome.event
                << "; " << outcome.events << " events before it are identical)\n";
  } else {
    context.out << "difference at event " << outcome.event << "\n  recorded  " << outcome.recorded
                << "\n  replayed  " << outcome.replayed << '\n';
  }
}

Result<ExitCode> run_replay(const ReplayOptions& options, Context& context) {
  AITRADE_TRY(const Paths paths, find_paths(context.global.home, process_environment()));
  AITRADE_TRY(const std::filesystem::path folder, find_run(options.run, paths));
  AITRADE_TRY(const std::unique_ptr<RecordingReader> reader, RecordingReader::open(folder));
  AITRADE_TRY(const Outcome outcome, replay(*reader, paths));
  print(outcome, *reader, context);
  return outcome.differs ? ExitCode::negative : ExitCode::done;
}

}  // namespace

void add_replay(CommandList& commands) {
  auto [app, options] = commands.add<ReplayOptions>(
      {.name = "replay",
       .group = "research",
       .summary = "feed a recorded run to a new engine and compare every action",
       .examples = {"aitrade replay 20220125-110300-000", "aitrade replay RUN --json"},
       .details = "Exit code 0 when every action is the same to the byte, 3 at the first difference or where "
                  "the recording is damaged."},
      run_replay);
  app.add_option("RUN", options.run, "run id, or the folder of a recording")->required();
}

}  // namespace aitrade::cli
