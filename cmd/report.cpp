// `aitrade report`: a result of `backtest` as a page, as a list, or beside another one.

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <string>
#include <system_error>

#include <CLI/CLI.hpp>

#include "cmd/cli.h"
#include "cmd/commands.h"
#include "cmd/output.h"
#include "cmd/page_file.h"
#include "core/data/byte_source.h"
#include "core/report/compare.h"
#include "core/report/html_report.h"
#include "core/report/number_text.h"
#include "core/report/report_document.h"

namespace aitrade::cli {
namespace {

struct ReportCommandOptions {
  std::string file{"-"};
  std::string baseline;
  std::string output;
  bool html{false};
};

/// A result of ten years of daily equity and tens of thousands of trades has some 20 MB.
constexpr std::size_t input_bytes_max = std::size_t{512} << 20;

Result<ReportDocument> read_document(const std::string& path) {
  AITRADE_TRY(ByteSource source, ByteSource::open(path));
  std::string text;
  std::string chunk(std::size_t{64} << 10, '\0');
  for (;;) {
    auto count = source.read(chunk);
    if (!count) return std::move(count).error().within(source.name());
    if (*count == 0) break;
    if (text.size() + *count > input_bytes_max) {
      return fail(ErrorCode::invalid, source.name() + ": more than 512 MB is no backtest result");
    }
    text.append(chunk, 0, *count);
  }
  auto document = read_report(text);
  if (!document) return std::move(document).error().within(source.name());
  return document;
}

Status deliver(const std::string& text, const std::string& output, Context& context) {
  if (!output.empty() && output != "-") return write_page(output, text);
  context.out << text;
  return ok();
}

/// The name that a result has in a comparison.
std::string short_name(const std::string& path) {
  if (path == "-") return "stdin";
  return std::filesystem::path(path).filename().string();
}

Result<ExitCode> run_compare(const ReportCommandOptions& options, Context& context) {
  AITRADE_TRY(const ReportDocument first, read_document(options.baseline));
  AITRADE_TRY(const ReportDocument second, read_document(options.file));
  const std::string first_name = short_name(options.baseline), second_name = short_name(options.file);
  std::string text;
  if (options.html) {
    text = comparison_html(first, second, first_name, second_name);
  } else if (resolve_format(context, Format::table) == Format::table) {
    text = comparison_table(compare_reports(first, second), first_name, second_name);
  } else {
    text = comparison_json(compare_reports(first, second));
  }
  AITRADE_TRY_STATUS(deliver(text, options.output, context));
  return ExitCode::done;
}

/// Everything that was read as names and values: the verdict first, then the numbers.
void print_facts(const ReportDocument& report, Context& context) {
  const Format format = resolve_format(context, Format::table);
  if (format == Format::table) {
    context.out << wrapped(report.text("verdict"), 80, "") << '\n';
  }
  Table table({{"name", false}, {"value", true}});
  for (const auto& [name, fact] : report.facts) {
    if (name == "verdict" && format == Format::table) continue;
    table.add({Cell::of(name), fact.text.empty() ? Cell::none() : Cell::of(fact.text)});
  }
  table.print(context, format, "report");
}

Result<ExitCode> run_report(const ReportCommandOptions& options, Context& context) {
  if (!options.baseline.empty()) return run_compare(options, context);
  AITRADE_TRY(const ReportDocument report, read_document(options.file));
  if (!options.html) {
    if (!options.output.empty()) {
      return fail(ErrorCode::invalid, "-o names a page: add --html");
    }
    print_facts(report, context);
    return ExitCode::done;
  }
  AITRADE_TRY_STATUS(deliver(html_report(report), options.output, context));
  return ExitCode::done;
}

}  // namespace

void add_report(CommandList& commands) {
  auto [app, options] = commands.add<ReportCommandOptions>(
      {.name = "report",
       .group = "research",
       .summary = "show a backtest as one page, as a list, or beside another",
       .examples = {"aitrade report a.json --html -o a.html",
                    "aitrade backtest btc.csv --format ndjson | aitrade report - --html > r.html",
                    "aitrade report --compare baseline.json a.json"},
       .details = "Reads what backtest printed: the JSON object (with --trades --equity for charts and "
                  "lists) or the NDJSON stream. The page is one file that needs no network: charts, "
                  "tables and the verdict are in it. --compare BASELINE shows what differs from another "
                  "result, with --html as a page."},
      run_report);
  app.add_option("FILE", options.file, "result to read, or - for stdin, which is the default");
  app.add_option("--compare", options.baseline, "baseline: another result");
  app.add_flag("--html", options.html, "print one self-contained page");
  app.add_option("-o,--output", options.output, "write the page to this file");
}

}  // namespace aitrade::cli
