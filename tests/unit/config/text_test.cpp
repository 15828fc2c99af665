#include "headgate/config/text.hpp"

#include <catch2/catch.hpp>
#include <fstream>

#include "support/process.hpp"

namespace {

using namespace headgate::config;

/// The tree in one line, with the place of every value: `{a@1:1: x@1:4}`.
std::string shape(const Node& node) {
  const auto place = [](Position at) {
    return "@" + std::to_string(at.line) + ":" + std::to_string(at.column);
  };
  std::string text;
  switch (node.kind) {
    case Node::Kind::kScalar:
      return (node.quoted ? "'" + node.text + "'" : node.text) + place(node.at);
    case Node::Kind::kList:
      for (const Node& item : node.items) text += (text.empty() ? "" : ", ") + shape(item);
      return "[" + text + "]" + place(node.at);
    case Node::Kind::kMap:
      break;
  }
  for (const Member& member : node.members) {
    text += (text.empty() ? "" : ", ") + member.key + place(member.at) + ": " + shape(member.value);
  }
  return "{" + text + "}" + place(node.at);
}

/// The one diagnostic of an unreadable text.
std::string why(const std::string& text) {
  const auto loaded = read_text(text, "f");
  CHECK_FALSE(loaded.readable);
  CHECK_FALSE(loaded.ok());
  REQUIRE(loaded.diagnostics.size() == 1);
  CHECK(loaded.diagnostics[0].id == "GW000");
  return to_text(loaded.diagnostics[0]);
}

TEST_CASE("every value knows the line and column where it starts") {
  const auto loaded = read_text("a: x\nb:\n- 1\n- {c: \"2\"}\n", "f");
  REQUIRE(loaded.ok());
  CHECK(shape(loaded.value.root) == "{a@1:1: x@1:4, b@2:1: [1@3:3, {c@4:4: '2'@4:7}@4:3]@3:1}@1:1");
}

TEST_CASE("JSON is read by the same reader, with the same places") {
  const auto loaded = read_text("{\"a\":\"x\",\n\t\"b\": [1, {\"c\": \"2\"}]}", "f");
  REQUIRE(loaded.ok());
  CHECK(shape(loaded.value.root) ==
        "{a@1:2: 'x'@1:6, b@2:2: [1@2:8, {c@2:12: '2'@2:17}@2:11]@2:7}@1:1");
}

TEST_CASE("columns count characters, not bytes") {
  const auto loaded = read_text("{ö: ü, a: b}", "f");
  CHECK(shape(loaded.value.root) == "{ö@1:2: ü@1:5, a@1:8: b@1:11}@1:1");
}

TEST_CASE("JSON's escapes mean what JSON says, pairs of surrogates too") {
  const auto loaded = read_text(R"({"a": "\ud83d\ude00 \u00e9 \/ \\ud83d\\ude00 \n"})", "f");
  REQUIRE(loaded.ok());
  CHECK(loaded.value.root.find("a")->text == "\xF0\x9F\x98\x80 \xC3\xA9 / \\ud83d\\ude00 \n");
}

TEST_CASE("half of a surrogate pair is unreadable") {
  CHECK(why(R"({"a": "\ud83d"})").starts_with("f:1:"));
}

TEST_CASE("a key that stands twice is reported with both places, and the first one counts") {
  const auto loaded = read_text("a: 1\nb: 2\na: 3\n", "f");
  CHECK(loaded.readable);
  REQUIRE(loaded.diagnostics.size() == 1);
  CHECK(to_text(loaded.diagnostics[0]) ==
        "f:3:1: error[GW002] key 'a' stands twice in this map; the first is at 1:1");
  CHECK(loaded.value.root.find("a")->text == "1");
}

TEST_CASE("what is no document is unreadable, and says where") {
  CHECK(why("") == "f: error[GW000] the document is empty");
  CHECK(why("# only a comment\n") == "f: error[GW000] the document is empty");
  CHECK(why("a: 1\n---\nb: 2\n") == "f:2:1: error[GW000] a second document starts here");
  CHECK(why("a: &x 1\nb: *x\n") ==
        "f:1:4: error[GW000] anchors are not supported: write the value twice");
  CHECK(why("b: *x\n") ==
        "f:1:4: error[GW000] aliases are not supported: write the value where it is used");
  CHECK(why("a: !!str 1\n") == "f:1:4: error[GW000] tags are not supported: write the bare value");
  CHECK(why("[a]: 1\n") == "f:1:1: error[GW000] a key must be a plain word");
  CHECK(why("a: [1\nb: 2\n").starts_with("f:2:"));
  CHECK(why(std::string{"a: 1\n\x01"}).starts_with("f:2:1: error[GW000] control characters"));
  CHECK(why(std::string{"\x7f"
                        "ELF\x02\x01\x01\0\0",
                        9})
            .starts_with("f:1:"));
  CHECK(why("a: \xff\xfe\n").starts_with("f:1:4: error[GW000]"));
}

TEST_CASE("depth and sizes are bounded, on both sides of the bound") {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  CHECK(read_text(nested(kDocumentDepthMax), "f").ok());
  CHECK(read_text(nested(kDocumentDepthMax + 1), "f").ok());
  CHECK(why(nested(kDocumentDepthMax + 2)) == "f:1:66: error[GW000] nested deeper than 64 levels");
  CHECK(why(nested(100'000)) == "f:1:66: error[GW000] nested deeper than 64 levels");
  const std::string longest(kScalarBytesMax.count, 'x');
  CHECK(read_text("a: " + longest, "f").ok());
  CHECK(why("a: " + longest + "x") == "f:1:4: error[GW000] a value of more than 65536 bytes");
  CHECK(why(std::string(1'000'000, 'x')) == "f:1:1: error[GW000] a value of more than 65536 bytes");
  CHECK(why(std::string(kDocumentBytesMax.count + 1, ' ')) ==
        "f: error[GW000] larger than 4194304 bytes");
}

TEST_CASE("a file that is missing or a folder is unreadable, with the system's reason") {
  const headgate::test::TempDir dir;
  const auto missing = read_file(dir.path() + "/none.yaml");
  CHECK_FALSE(missing.readable);
  CHECK(to_text(missing.diagnostics.at(0)) ==
        dir.path() + "/none.yaml: error[GW000] cannot be read: No such file or directory");
  const auto folder = read_file(dir.path());
  CHECK_FALSE(folder.readable);
  CHECK(to_text(folder.diagnostics.at(0)) ==
        dir.path() + ": error[GW000] cannot be read: Is a directory");
  CHECK(read_file(dir.write("a.yaml", "a: 1\n")).ok());
}

TEST_CASE("a diagnostic without a line shows the path, and as JSON it has every member") {
  Diagnostic diagnostic{.id = "GW001",
                        .severity = Severity::kWarning,
                        .file = "f",
                        .at = {},
                        .path = "a.b",
                        .message = "no \"good\"",
                        .hint = "try c"};
  CHECK(to_text(diagnostic) == "f: at a.b: warning[GW001] no \"good\"; try c");
  diagnostic.at = {.line = 3, .column = 7};
  CHECK(to_text(diagnostic) == "f:3:7: warning[GW001] no \"good\"; try c");
  CHECK(to_json(diagnostic) ==
        R"({"id":"GW001","severity":"warning","file":"f","line":3,"column":7,"path":"a.b",)"
        R"("message":"no \"good\"","hint":"try c"})");
}

// ---- Paths ----

Node tree(const std::string& text) { return read_text(text, "f").value.root; }

TEST_CASE("a path steps through maps, lists by index or name, and keys with dots") {
  const Node root = tree("a: {b: [x, {name: n, v: 1}], \"c.d\": {e: 2}, c: {d: 3}}");
  const auto at = [&](std::string_view path) {
    const Node* node = find_path(root, path);
    return node == nullptr ? std::string{"-"} : node->text;
  };
  CHECK(at("a.b.0") == "x");
  CHECK(at("a.b.1.v") == "1");
  CHECK(at("a.b.n.v") == "1");
  CHECK(at("a.c.d.e") == "2");  // the longest key that fits
  CHECK(at("a.b.2") == "-");
  CHECK(at("a.x") == "-");
  CHECK(at("a.b.0.x") == "-");
  CHECK(find_path(root, "") == &root);
}

TEST_CASE("a finding points at the key of a map, at a scalar itself, or at what is there above") {
  const Node root = tree("a:\n  b: {c: 1}\n");
  CHECK(position_of(root, "a.b") == Position{.line = 2, .column = 3});
  CHECK(position_of(root, "a.b.c") == Position{.line = 2, .column = 10});
  CHECK(position_of(root, "a.b.missing") == Position{.line = 2, .column = 3});
  CHECK(position_of(root, "nothing") == Position{.line = 1, .column = 1});
}

TEST_CASE("setting a path replaces a value, adds a member, and makes maps on the way") {
  Node root = tree("a: {b: [1, 2]}\nempty:\n");
  CHECK_FALSE(set_path(root, "a.b.1", "{x: 10ms}"));
  CHECK_FALSE(set_path(root, "a.c", "new"));
  CHECK_FALSE(set_path(root, "d.e.f", "deep"));
  CHECK_FALSE(set_path(root, "empty.x", "1"));
  CHECK(find_path(root, "a.b.1.x")->text == "10ms");
  CHECK(find_path(root, "a.c")->text == "new");
  CHECK(find_path(root, "d.e.f")->text == "deep");
  CHECK(find_path(root, "empty.x")->text == "1");
  CHECK(find_path(root, "a.b.1.x")->at == Position{});
  CHECK(find_path(root, "a.b.0")->text == "1");
}

TEST_CASE("a path that cannot be set says why, and changes nothing") {
  Node root = tree("a: {b: [1, 2]}\n");
  const std::string before = shape(root);
  CHECK(set_path(root, "a.b.7", "x") == "there is no '7' in the list");
  CHECK(set_path(root, "a.b.0.c", "x") == "there is no 'c' in the value before it");
  CHECK(set_path(root, "", "x") == "a path is needed before '='");
  CHECK(set_path(root, "a", "[1") != std::nullopt);
  CHECK(shape(root) == before);
}

}  // namespace
