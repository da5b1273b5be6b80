#include "cmd/train_due.h"

#include <cmath>
#include <optional>
#include <ostream>

#include <sys/resource.h>
#include <unistd.h>

#include "cmd/client.h"
#include "cmd/output.h"

namespace aitrade::cli {

Status step_back(const DueOptions& options) {
  constexpr int lowest = 19;
  if (options.if_due) static_cast<void>(::setpriority(PRIO_PROCESS, 0, lowest));
  if (options.memory_mb == 0) return ok();
  const rlim_t bytes = static_cast<rlim_t>(options.memory_mb) << 20U;
  const rlimit limit{bytes, bytes};
  if (::setrlimit(RLIMIT_AS, &limit) != 0) return fail(ErrorCode::invalid, "--memory-limit: the system refuses it");
  return ok();
}

Result<ml::Due> decide_due(const DueOptions& options, const CandidateSet& candidates, const ml::ModelStore& store,
                           const std::filesystem::path& models) {
  ml::RetrainRules rules;
  AITRADE_TRY(rules.age, parse_duration(options.every));
  rules.samples_new = options.samples_new;
  AITRADE_TRY(const std::optional<ml::Watermark> mark, ml::read_watermark(models));
  std::optional<ml::Bundle> active;
  if (const auto id = store.active()) {
    if (auto loaded = store.load(*id)) active = std::move(*loaded);
  }
  return ml::due(candidates.samples, mark, active ? &active->model : nullptr, active ? active->figures.brier : 0,
                 wall_now(), rules);
}

ExitCode say_not_due(const ml::Due& due, Context& context) {
  if (resolve_format(context, Format::json) == Format::table) {
    context.out << "no training is due: " << due.why << '\n';
    return ExitCode::done;
  }
  JsonWriter json;
  json.begin_object().field("schema", "aitrade.train_due/1").field("due", false).field("why", due.why);
  json.field("new_candidates", static_cast<std::uint64_t>(due.samples_new)).field("psi", due.psi).key("shifted");
  due.shifted.empty() ? json.null() : json.string(due.shifted);
  json.key("brier");
  due.brier && std::isfinite(*due.brier) ? json.number(*due.brier) : json.null();
  context.out << json.end_object().take() << '\n';
  return ExitCode::done;
}

}  // namespace aitrade::cli
