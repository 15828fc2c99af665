// Each rule on input that breaks it: its message, and the nearest input that keeps it.
#include "source/rules.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>

namespace headgate::source {
namespace {

const File& cmake_lists() {
  static const File file{"CMakeLists.txt",
                         "# base\n"
                         "headgate_module(core LIBS fmt::fmt)\n"
                         "# pure\n"
                         "headgate_module(stats USES core)\n"
                         "headgate_module(arrival USES core stats\n"
                         "                LIBS z)\n"
                         "# edge\n"
                         "headgate_module(net USES core)\n"
                         "headgate_module(config USES core stats)\n"
                         "# whole\n"
                         "headgate_module(sim USES core stats arrival)\n"};
  return file;
}

std::string header(std::string_view body) {
  return "// Says what it is, at some length.\n#pragma once\n" + std::string{body};
}

std::string repeated(std::string_view line, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text.append(line);
  return text;
}

TEST_CASE("code: comments and literals are blank, and everything else is in its place") {
  CHECK(code_of("a // b\nc") == "a     \nc");
  CHECK(code_of("a /* b\n */ c") == "a     \n    c");
  CHECK(code_of("f(\"x{\\\"\", '{')") == "f(      ,    )");
  CHECK(code_of("x = R\"y(\"{)y\" + 1'000;") == "x = R         + 1'000;");
}

TEST_CASE("layers: the table is read with its rows") {
  const LayerTable table = layer_table(cmake_lists());
  CHECK(table.size() == 6);
  CHECK(table.at("core").row == Row::kBase);
  CHECK(table.at("arrival").row == Row::kPure);
  CHECK(table.at("arrival").uses == std::set<std::string, std::less<>>{"core", "stats"});
  CHECK(table.at("sim").row == Row::kWhole);
  CHECK(upward_arrows(cmake_lists()).empty());
}

TEST_CASE("layers: an arrow that does not point down is refused") {
  const auto arrow = [](std::string_view module) {
    const File file{"CMakeLists.txt", "# base\nheadgate_module(core)\n# pure\n" +
                                          std::string{module} +
                                          "\nheadgate_module(stats USES core)\n# edge\n"
                                          "headgate_module(net)\nheadgate_module(journal)\n"};
    return upward_arrows(file);
  };
  CHECK(arrow("headgate_module(http USES core)").empty());
  CHECK(arrow("headgate_module(http USES core net)") ==
        Findings{"CMakeLists.txt:4: http may not use net: edge does not lie below pure; move what "
                 "both need into a lower module"});
  CHECK(
      arrow("headgate_module(http USES stats)") ==
      Findings{"CMakeLists.txt:4: http may not use stats: pure does not lie below pure; move what "
               "both need into a lower module"});
  CHECK(arrow("headgate_module(http USES nte)") ==
        Findings{"CMakeLists.txt:4: http may not use nte: there is no such module"});
  CHECK(arrow("# edge\nheadgate_module(kafka USES journal)\n# pure").size() == 1);
  CHECK(arrow("# whole\nheadgate_module(load USES net)\n# pure").empty());
  CHECK(arrow("# whole\nheadgate_module(sim USES net)\n# pure") ==
        Findings{"CMakeLists.txt:5: sim may not use net: a simulation meets no outside; model it"});
}

TEST_CASE("layers: an include that the table does not give is refused, with what to do instead") {
  const LayerTable table = layer_table(cmake_lists());
  const auto includes = [&](const std::string& path, const std::string& text) {
    const File file{path, text};
    return forbidden_includes(file, table);
  };
  CHECK(includes("lib/headgate/stats/a.cpp", "#include \"headgate/core/time.hpp\"\n").empty());
  CHECK(includes("lib/headgate/stats/a.cpp", "// #include \"headgate/net/a.hpp\"\n").empty());
  CHECK(includes("lib/headgate/stats/a.cpp", "\n#include \"headgate/net/a.hpp\"\n") ==
        Findings{"lib/headgate/stats/a.cpp:2: stats may not include net: take what you need as an "
                 "argument, or move it into a module that the table in CMakeLists.txt gives to "
                 "stats"});
  CHECK(includes("lib/headgate/stats/a.cpp", "#include \"a.hpp\"\n") ==
        Findings{"lib/headgate/stats/a.cpp:1: \"a.hpp\": write the whole path, "
                 "\"headgate/MODULE/…\""});
  CHECK(includes("lib/headgate/cache/a.cpp", "") ==
        Findings{"lib/headgate/cache/a.cpp:1: the folder cache is no module: add "
                 "headgate_module(cache USES …) to its row in CMakeLists.txt"});
  CHECK(includes("tools/sim/run.cpp",
                 "#include \"a.hpp\"\n#include \"sim/a.hpp\"\n#include \"headgate/sim/b.hpp\"\n")
            .empty());
  CHECK(includes("tools/sim/run.cpp", "#include \"gwctl/a.hpp\"\n") ==
        Findings{
            "tools/sim/run.cpp:1: a command includes \"headgate/…\" and its own headers only; what "
            "commands share belongs in the library"});
}

Findings impurities_of(const std::string& path, const std::string& text) {
  const File file{path, text};
  return impurities(file, layer_table(cmake_lists()));
}

TEST_CASE("purity: a decision that reads the clock is refused") {
  CHECK(impurities_of("lib/headgate/stats/a.cpp", "auto t = std::chrono::steady_clock::now();\n") ==
        Findings{"lib/headgate/stats/a.cpp:1: steady_clock reads the clock; take a TimePoint as an "
                 "argument"});
  CHECK(impurities_of("lib/headgate/core/a.cpp", "\nusleep(1);\n") ==
        Findings{"lib/headgate/core/a.cpp:2: usleep waits; return the time of the next step "
                 "instead"});
  CHECK(impurities_of("lib/headgate/sim/a.cpp", "clock_gettime(0, &t);\n").size() == 1);
  CHECK(impurities_of("lib/headgate/config/a.cpp", "std::time(&t);\n").size() == 1);
  CHECK(impurities_of("lib/headgate/net/a.cpp", "clock_gettime(0, &t);\n").empty());
  CHECK(
      impurities_of("lib/headgate/stats/a.cpp", "// steady_clock\nint steady_clock_of;\n").empty());
}

TEST_CASE("purity: a decision that meets the outside is refused") {
  const auto one = [](const std::string& text) {
    const Findings found = impurities_of("lib/headgate/stats/a.cpp", text);
    return found.size() == 1 ? found.front() : std::to_string(found.size()) + " findings";
  };
  CHECK(one("#include <fstream>\n") ==
        "lib/headgate/stats/a.cpp:1: <fstream> meets the outside; edge modules do that");
  CHECK(one("#include <sys/socket.h>\n") ==
        "lib/headgate/stats/a.cpp:1: <sys/socket.h> meets the outside; edge modules do that");
  CHECK(
      one("std::thread t;\n") ==
      "lib/headgate/stats/a.cpp:1: std::thread starts a thread; edge and whole modules own those");
  CHECK(one("std::printf(1);\n") ==
        "lib/headgate/stats/a.cpp:1: printf prints; return a value and let the tool print it");
  CHECK(one("std::normal_distribution<> n;\n") ==
        "lib/headgate/stats/a.cpp:1: std::*_distribution differs between libraries; use "
        "arrival/distribution.hpp or draw it from a Random&");
  CHECK(one("int i = std::rand();\n") ==
        "lib/headgate/stats/a.cpp:1: rand() is not ours; draw from a Random& (core/random.hpp)");
  CHECK(one("std::snprintf(a, 1);\n") == "0 findings");
  CHECK(one("Distribution my_distribution;\n") == "0 findings");
  CHECK(impurities_of("lib/headgate/sim/a.cpp", "#include <boost/asio.hpp>\n") ==
        Findings{"lib/headgate/sim/a.cpp:1: <boost/asio.hpp> meets the outside; model it"});
  CHECK(impurities_of("lib/headgate/core/check.hpp", "std::fprintf(stderr, 1);\n").empty());
}

TEST_CASE("awaits: what g++ 12 destroys wrongly is refused") {
  const auto awaits = [](const std::string& text) {
    const File file{"a.cpp", text};
    return unsafe_awaits(file);
  };
  CHECK(awaits("int n = 1;\nco_await f([n] { return n; });\n") ==
        Findings{"a.cpp:2: a capturing lambda within co_await: name it, then move it"});
  CHECK(awaits("co_await f([&](int) { g({1}); }, use_result);\n").size() == 1);
  CHECK(awaits("co_await write(s, Buffer{a, b});\n") ==
        Findings{"a.cpp:1: a braced aggregate within co_await: name it, then move it"});
  CHECK(awaits("co_await f({.limit = 1});\n").size() == 1);
  CHECK(awaits("co_await f([](int i) { return X{i}; });\n").empty());  // captures nothing
  CHECK(awaits("auto x = X{1};\nauto [e, n] = co_await f(a[1], x);\nY y{2};\n").empty());
  CHECK(awaits("if (co_await f(x)) {\n  g([n] {});\n}\n").empty());
}

TEST_CASE("headers: a heavy one in a header of the library is refused") {
  const File heavy{"lib/headgate/net/a.hpp", header("#include <boost/asio.hpp>\n")};
  CHECK(
      heavy_headers(heavy) ==
      Findings{"lib/headgate/net/a.hpp:3: <boost/asio.hpp> in a header of the library: include it "
               "in the .cpp and keep it behind a class of ours"});
  const File source{"lib/headgate/net/a.cpp", "#include <boost/asio.hpp>\n"};
  CHECK(heavy_headers(source).empty());
  const File forward{"lib/headgate/report/a.hpp", header("#include <nlohmann/json_fwd.hpp>\n")};
  CHECK(heavy_headers(forward).empty());
}

TEST_CASE("openings: a file says first what it is") {
  const auto opening = [](const std::string& path, const std::string& text) {
    const File file{path, text};
    return bad_openings(file, {"lib/headgate/net/a.hpp"});
  };
  CHECK(opening("lib/headgate/net/a.hpp", header("int a;\n")).empty());
  CHECK(opening("lib/headgate/net/a.hpp", "#pragma once\n") ==
        Findings{"lib/headgate/net/a.hpp:1: open with prose: what this file is and why it works"});
  CHECK(opening("lib/headgate/net/a.hpp", "// Prose enough for a header.\n#include <map>\n") ==
        Findings{"lib/headgate/net/a.hpp:2: #pragma once must be the first line of code"});
  CHECK(opening("tools/sim/run.cpp", "#include <map>\n") ==
        Findings{"tools/sim/run.cpp:1: open with prose: what this file is and why it works"});
  CHECK(opening("lib/headgate/net/a.cpp", "#include \"headgate/net/a.hpp\"\n").empty());
  CHECK(
      opening("lib/headgate/net/a.cpp", "// Prose that is long enough.\n#include <map>\n") ==
      Findings{"lib/headgate/net/a.cpp:2: include lib/headgate/net/a.hpp first: it shows that the "
               "header compiles alone"});
}

TEST_CASE("sizes: a file over 450 lines and a function over 70 are refused") {
  const auto sizes = [](const std::string& text) {
    const File file{"a.cpp", text};
    return oversizes(file);
  };
  const std::string statement = "  g();\n";
  CHECK(sizes("void f(int a) {\n" + repeated(statement, 68) + "}\n").empty());
  CHECK(
      sizes("\nvoid f(int a) {\n" + repeated(statement, 69) + "}\n") ==
      Findings{"a.cpp:2: a function of 71 lines, over 70: let helpers compute what it decides on"});
  CHECK(sizes("namespace a {\nclass B : public C<int(int)> {\n  B() : c_{1}, d_(2) {\n" +
              repeated(statement, 69) + "  }\n};\n}\n")
            .size() == 1);
  CHECK(sizes("TEST_CASE(\"a {\") {\n  if (a) {\n" + repeated(statement, 68) + "  }\n}\n").size() ==
        1);
  CHECK(sizes("template <class T>\nvoid f(T t) {\n" + repeated(statement, 69) + "}\n").size() == 1);
  CHECK(
      sizes("#define A(x) {\nbool operator==(A a) {\n" + repeated(statement, 69) + "}\n").size() ==
      1);
  // Neither a namespace, nor a class, nor a table of data is a function.
  CHECK(sizes("namespace a {\n" + repeated("int f();\n", 80) + "}\n").empty());
  CHECK(sizes("struct A final : B {\n" + repeated("  int f();\n", 80) + "};\n").empty());
  CHECK(
      sizes("constexpr auto kA = to_array<A>({\n" + repeated("  {1, 2},\n", 80) + "});\n").empty());
  CHECK(sizes(repeated("int a;\n", 450)).empty());
  CHECK(sizes(repeated("int a;\n", 451)) ==
        Findings{"a.cpp:450: a file of 451 lines, over 450: look for the second idea"});
}

TEST_CASE("leftovers: unfinished work and places of one machine are refused") {
  const auto found = [](const std::string& path, const std::string& text) {
    const File file{path, text};
    return leftovers(file);
  };
  CHECK(found("a.md",
              "\nTO"
              "DO: more\n") == Findings{"a.md:2: TO"
                                        "DO: finish it, or open an issue"});
  CHECK(found("a.md", "headgate-XXXXXX, maxTODOs\n").empty());
  CHECK(found("a.md",
              "see /ho"
              "me/me/a\n") ==
        Findings{"a.md:1: /ho"
                 "me/… is a place on one machine: use a path from the root of the "
                 "tree, or a temp dir"});
  CHECK(found("dev",
              "cd \"/wo"
              "rk/x\"\n")
            .size() == 1);
  CHECK(found("tests/a_test.cpp",
              "get(\"/t"
              "mp/a\"); get(\"/ho"
              "me/a\");\n")
            .empty());
  CHECK(found("tests/a_test.cpp",
              "get(\"/wo"
              "rk/a\");\n")
            .size() == 1);
  CHECK(found("a.md",
              "frame/wo"
              "rk/, host.name/t"
              "mp/, $X/t"
              "mp/\n")
            .empty());
  CHECK(found("pom.xml",
              "https://repo1."
              "maven.org\n") == Findings{"pom.xml:1: repo1."
                                         "maven…: let the package manager choose its registry"});
  CHECK(found("a.bin", std::string{"TO"
                                   "DO\0",
                                   5})
            .empty());
}

const Promises& promises() {
  static const File dev{"dev",
                        "case $command in\n  demo | build) \"$command\" ;;\n  test) test_all ;;\n"
                        "esac\n"};
  static const Promises found =
      promises_of(dev, {"lib/README.md", "tools/sim/run.cpp", "tools/gwctl/main.cpp"});
  return found;
}

TEST_CASE("readme: a command or a path that does not exist is a broken promise") {
  const auto broken = [](const std::string& text) {
    const File file{"README.md", text};
    return broken_promises(file, promises());
  };
  CHECK(broken("```\n./dev demo\n$ ./dev build   # all\nbuild/release/bin/sim run a.yaml\n"
               "sim --help\nA=1 sim run\n```\n")
            .empty());
  CHECK(broken("```sh\n./dev demos\n```\n") == Findings{"README.md:2: ./dev has no command demos"});
  CHECK(broken("```\nbuild/release/bin/sim walk\n```\n") ==
        Findings{"README.md:2: sim has no command walk"});
  CHECK(broken("```\ngwctl lint a.yaml\n```\n") ==
        Findings{"README.md:2: gwctl has no command lint"});
  CHECK(broken("```text\nsim walks\n```\nRun\nsim walk.\n").empty());  // output, prose
  CHECK(
      broken("See `lib/README.md`, lib/, [x](tools/sim/run.cpp) and `lib/headgate/M/`.\n").empty());
  CHECK(broken("See `lib/headgate/x.hpp`.\n") ==
        Findings{"README.md:1: there is no lib/headgate/x.hpp"});
  CHECK(broken("The tests/ are there.\n") == Findings{"README.md:1: there is no tests/"});
}

}  // namespace
}  // namespace headgate::source
