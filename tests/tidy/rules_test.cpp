// Planted violations: each rule finds what it is for, and leaves what is allowed alone.

#include "tests/tidy/rules.h"

#include "tests/tidy/scan.h"

#include <catch2/catch.hpp>

#include <string>

using namespace aitrade::tidy;

namespace {

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i)
    all += text;
  return all;
}

}  // namespace

TEST_CASE("tidy rules: an include upward is found", "[tidy][rules]") {
  CHECK(check_includes({"core/domain/a.h", "#include \"core/market/b.h\"\n"}).size() == 1);
  CHECK(check_includes({"core/trading/a.cpp", "#include \"core/sim/b.h\"\n"}).size() == 1);
  CHECK(check_includes({"exchanges/kraken/a.cpp", "#include \"core/store/b.h\"\n"}).size() == 1);
  CHECK(check_includes({"core/net/a.cpp", "#include \"core/config/b.h\"\n"}).size() == 1);
  CHECK(check_includes({"core/base/a.h", "#include \"result.h\"\n"}).size() == 1);
}

TEST_CASE("tidy rules: an include downward is allowed, over several steps too", "[tidy][rules]") {
  CHECK(check_includes({"core/trading/a.cpp", "#include \"core/base/b.h\"\n"}).empty());
  CHECK(check_includes({"core/store/a.cpp", "#include \"core/domain/b.h\"\n"}).empty());
  CHECK(check_includes({"cmd/a.cpp", "#include \"strategies/registry.h\"\n"}).empty());
}

TEST_CASE("tidy rules: an edge to one header opens that header only", "[tidy][rules]") {
  CHECK(check_includes({"strategies/a.cpp", "#include \"core/trading/strategy.h\"\n"}).empty());
  CHECK(check_includes({"strategies/a.cpp", "#include \"core/trading/risk.h\"\n"}).size() == 1);
  CHECK(check_includes({"core/api/a.cpp", "#include \"core/runtime/session.h\"\n"}).size() == 1);
}

TEST_CASE("tidy rules: third-party headers stay out of pure folders", "[tidy][rules]") {
  CHECK(check_includes({"core/sim/a.cpp", "#include <sqlite3.h>\n"}).size() == 1);
  CHECK(check_includes({"core/store/a.cpp", "#include <sqlite3.h>\n"}).empty());
  CHECK(check_includes({"core/sim/a.cpp", "#include <vector>\n"}).empty());
}

TEST_CASE("tidy rules: a header with a third-party header in it is private to its folder",
          "[tidy][rules]") {
  const SourceFile header{"core/store/a.h", "#include <sqlite3.h>\n"};
  const SourceFile beside{"core/store/b.cpp", "#include \"core/store/a.h\"\n"};
  const SourceFile other_header{"core/store/c.h", "#include \"core/store/a.h\"\n"};
  const SourceFile elsewhere{"core/api/d.cpp", "#include \"core/store/a.h\"\n"};
  const SourceFile exempt{"core/store/a.h", "#include <sqlite3.h>  // tidy: a reason\n"};

  CHECK(check_private_headers({header, beside}).empty());
  CHECK(check_private_headers({header, other_header}).size() == 1);
  CHECK(check_private_headers({header, elsewhere}).size() == 1);
  CHECK(check_private_headers({exempt, elsewhere}).empty());
}

TEST_CASE("tidy rules: banned calls are found in pure folders only", "[tidy][rules]") {
  const std::string bad =
      GENERATE("auto t = std::chrono::system_clock::now();\n",
               "auto t = std::chrono::steady_clock::now();\n", "std::random_device seed;\n",
               "const char* home = std::getenv(\"HOME\");\n", "std::thread t;\n",
               "std::FILE* f = std::fopen(\"x\", \"r\");\n", "#include <iostream>\n",
               "#include <fstream>\n", "int x = std::rand();\n", "int x = rand();\n",
               "std::printf(\"x\");\n", "auto t = time(nullptr);\n", "std::cerr << 1;\n");

  CHECK(check_banned_calls({"core/trading/a.cpp", bad}).size() >= 1);
  CHECK(check_banned_calls({"strategies/a.cpp", bad}).size() >= 1);
  CHECK(check_banned_calls({"core/runtime/a.cpp", bad}).empty());
}

TEST_CASE("tidy rules: comments and strings are no calls", "[tidy][rules]") {
  const std::string fine =
      "// no system_clock here\nauto s = \"std::thread\"; /* fopen( */\nDuration open_time(int);\n";

  CHECK(check_banned_calls({"core/trading/a.cpp", fine}).empty());
  CHECK(check_banned_calls({"core/base/a.cpp", "std::fprintf(e, s);  // tidy: last words\n"})
            .empty());
}

TEST_CASE("tidy rules: iterating an unordered container is found, looking up is not",
          "[tidy][rules]") {
  const std::string header = "std::unordered_map<int, std::pair<int, int>> orders_;\n";
  const auto names = unordered_names({"core/trading/a.h", header});

  REQUIRE(names == std::set<std::string>{"orders_"});
  CHECK(
      check_unordered_iteration({"core/trading/a.cpp", "for (const auto& o : orders_) {\n"}, names)
          .size() == 1);
  CHECK(check_unordered_iteration({"core/trading/a.cpp", "auto it = orders_.begin();\n"}, names)
            .size() == 1);
  CHECK(check_unordered_iteration({"core/trading/a.cpp", "auto it = orders_.find(3);\n"}, names)
            .empty());
  CHECK(check_unordered_iteration({"core/store/a.cpp", "for (auto& o : orders_) {\n"}, names)
            .empty());
}

TEST_CASE("tidy rules: a long file and a long function are found", "[tidy][rules]") {
  const std::string body = repeated("  x += 1;\n", 69);

  CHECK(check_lengths({"core/base/a.cpp", repeated("int x;\n", 701)}).size() == 1);
  CHECK(check_lengths({"core/base/a.cpp", repeated("int x;\n", 700)}).empty());
  CHECK(check_lengths({"core/base/a.cpp", "void f() {\n" + body + "}\n"}).size() == 1);
  CHECK(check_lengths({"core/base/a.cpp", "void f() {\n" + repeated("  x += 1;\n", 68) + "}\n"})
            .empty());
}

TEST_CASE("tidy rules: functions are seen in classes, constructors, lambdas and macros",
          "[tidy][rules]") {
  const std::string code = code_only(
      "namespace a {\nclass B : public C {\n public:\n  B() : x_{1}, y_(2) {\n    go();\n  }\n"
      "  int f() const override { return x_{3}; }\n  int x_{0};\n};\n"
      "#define M(x) { x }\nint g(int v = {}) {\n  auto h = [](int q) { return q; };\n  if (v) {\n  "
      "}\n"
      "  return '{' + h(1'000);\n}\n}\n");

  const auto functions = find_functions(code);

  REQUIRE(functions.size() == 3);
  CHECK(functions[0].name == "B");
  CHECK(functions[1].name == "f");
  CHECK(functions[2].name == "g");
  CHECK(functions[2].last_line - functions[2].first_line + 1 == 6);
}

TEST_CASE("tidy rules: a header without a comment is found", "[tidy][rules]") {
  CHECK(check_header_comment({"core/base/a.h", "#pragma once\n"}).size() == 1);
  CHECK(check_header_comment({"core/base/a.h", "// What it answers.\n// How.\n#pragma once\n"})
            .empty());
  CHECK(check_header_comment({"core/base/a.h", "// What it answers.\n// How.\n"}).size() == 1);
}

TEST_CASE("tidy rules: notes to self and machine paths are found", "[tidy][rules]") {
  CHECK(check_words({"core/base/a.h", std::string("// TO") + "DO later\n"}).size() == 1);
  CHECK(check_words({"README.md", "run /home/somebody/x\n"}).size() == 1);
  CHECK(check_words({"core/base/a.cpp", "auto p = \"/tmp/x\";\n"}).size() == 1);
  CHECK(check_words({"tests/core/a.cpp", "auto p = \"/tmp/x\";\n"}).empty());
  CHECK(check_words({"core/base/a.cpp", "auto p = base + \"~/notes/tmp\";\n"}).empty());
}

TEST_CASE("tidy rules: inline code in the dashboard is found", "[tidy][rules]") {
  const std::string bad =
      GENERATE("node.innerHTML = text;\n", "<p style=\"color: red\">\n", "<script>go()</script>\n",
               "<a onclick=\"go()\">\n", "<img src=\"https://example.org/x.png\">\n",
               "<style>p {}</style>\n");

  CHECK(check_dashboard({"share/dashboard/index.html", bad}).size() == 1);
  CHECK(check_dashboard(
            {"share/dashboard/index.html", "<script type=\"module\" src=\"app.js\"></script>\n"})
            .empty());
}

TEST_CASE("tidy rules: SQL joined from strings is found", "[tidy][rules]") {
  CHECK(check_sql({"core/store/a.cpp", "run(\"SELECT a FROM b WHERE c = \" + name);\n"}).size() ==
        1);
  CHECK(check_sql({"core/store/a.cpp", "run(head + \" WHERE pair = 1\");\n"}).size() == 1);
  CHECK(check_sql({"core/store/a.cpp", "run(\"SELECT a FROM b WHERE c = ?\", name);\n"}).empty());
  CHECK(check_sql({"core/store/a.cpp", "run(head + \" WHERE a = ?\");  // tidy: constant text\n"})
            .empty());
}

TEST_CASE("tidy rules: SQL without its tenant is found, however it is spread over lines [D1]", "[tidy][rules][D1]") {
  const std::set<std::string> tables{"trades"};
  const auto found = [&tables](const char* text) { return check_tenant_sql({"core/store/a.cpp", text}, tables).size(); };
  CHECK(found("run(\"SELECT a FROM trades WHERE id = ?\");\n") == 1);
  CHECK(found("run(\"SELECT a \"\n    \"FROM trades \"\n    \"WHERE id = ?\");\n") == 1);
  CHECK(found("run(\"DELETE FROM trades\");\n") == 1);
  CHECK(found("run(\"SELECT a FROM b JOIN trades t ON t.id = b.id\");\n") == 1);
  CHECK(found("run(\"SELECT a FROM trades \"\n    \"WHERE tenant_id = ? AND id = ?\");\n") == 0);
  CHECK(found("run(\"SELECT a FROM others WHERE id = ?\");\n") == 0);
  CHECK(found("// every tenant: a check of the whole file\nrun(\"SELECT a FROM trades\");\n") == 0);
  CHECK(found("const char c = '\"';\nconst int n = 1'000;\nrun(\"SELECT a FROM trades\");\n") == 1);
  CHECK(tenant_tables({{"share/schema/x/1.sql", "CREATE TABLE a(id TEXT, tenant_id TEXT) STRICT;\n"
                                                "CREATE TABLE b(id TEXT) STRICT;"}}) == std::set<std::string>{"a"});
}
