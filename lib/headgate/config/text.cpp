#include "headgate/config/text.hpp"

#include <fmt/format.h>
#include <yaml.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <memory>
#include <system_error>
#include <unordered_map>

namespace headgate::config {
namespace {

/// The first thing that makes a text unreadable ends the reading; it never leaves this file.
struct Unreadable {
  Position at;
  std::string why;
};

Position position_of(const yaml_mark_t& mark) {
  return {static_cast<std::uint32_t>(mark.line + 1), static_cast<std::uint32_t>(mark.column + 1)};
}

/// A place given in bytes, for errors that libyaml finds before it knows lines.
Position position_of(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const auto lines = std::ranges::count(before, '\n');
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0: the first line
  return {static_cast<std::uint32_t>(lines + 1),
          static_cast<std::uint32_t>(before.size() - line_start + 1)};
}

/// libyaml's events, as values that free themselves.
class Events {
 public:
  explicit Events(std::string_view text) : text_(text) {
    if (yaml_parser_initialize(&parser_) == 0) throw std::bad_alloc{};
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()),
                                 text.size());
  }
  Events(const Events&) = delete;
  Events& operator=(const Events&) = delete;
  ~Events() {
    yaml_event_delete(&event_);
    yaml_parser_delete(&parser_);
  }

  /// The next event; it lives until the next call.
  const yaml_event_t& next() {
    yaml_event_delete(&event_);
    if (yaml_parser_parse(&parser_, &event_) == 0) throw fault();
    return event_;
  }

 private:
  [[nodiscard]] Unreadable fault() const {
    const std::string why = parser_.problem != nullptr ? parser_.problem : "out of memory";
    if (parser_.error == YAML_READER_ERROR)
      return {position_of(text_, parser_.problem_offset), why};
    if (parser_.context == nullptr) return {position_of(parser_.problem_mark), why};
    return {position_of(parser_.problem_mark), fmt::format("{} {}", parser_.context, why)};
  }

  std::string_view text_;
  yaml_parser_t parser_{};
  yaml_event_t event_{};
};

/// Builds the tree by recursive descent; kDocumentDepthMax bounds the recursion.
class Builder {
 public:
  Builder(std::string_view text, std::string file, std::vector<Diagnostic>& found)
      : events_(text), file_(std::move(file)), found_(found) {}

  Node document() {
    events_.next();  // the start of the stream
    if (events_.next().type == YAML_STREAM_END_EVENT) throw Unreadable{{}, "the document is empty"};
    Node root = node(events_.next(), 0);
    events_.next();  // the end of the document
    if (const yaml_event_t& after = events_.next(); after.type != YAML_STREAM_END_EVENT) {
      throw Unreadable{position_of(after.start_mark), "a second document starts here"};
    }
    return root;
  }

 private:
  Node node(const yaml_event_t& event, std::size_t depth) {
    Node node;
    node.at = position_of(event.start_mark);
    if (depth > kDocumentDepthMax) {
      throw Unreadable{node.at, fmt::format("nested deeper than {} levels", kDocumentDepthMax)};
    }
    switch (event.type) {
      case YAML_SCALAR_EVENT:
        refuse_decoration(event.data.scalar.anchor, event.data.scalar.tag, node.at);
        read_scalar(event, node);
        break;
      case YAML_SEQUENCE_START_EVENT:
        refuse_decoration(event.data.sequence_start.anchor, event.data.sequence_start.tag, node.at);
        read_list(node, depth);
        break;
      case YAML_MAPPING_START_EVENT:
        refuse_decoration(event.data.mapping_start.anchor, event.data.mapping_start.tag, node.at);
        read_map(node, depth);
        break;
      default:
        throw Unreadable{node.at, "aliases are not supported: write the value where it is used"};
    }
    return node;
  }

  /// Anchors and tags would give a value a meaning that does not stand beside it (and aliases can
  /// make a small file a huge tree).
  static void refuse_decoration(const unsigned char* anchor, const unsigned char* tag,
                                Position at) {
    if (anchor != nullptr) throw Unreadable{at, "anchors are not supported: write the value twice"};
    if (tag != nullptr) throw Unreadable{at, "tags are not supported: write the bare value"};
  }

  static void read_scalar(const yaml_event_t& event, Node& node) {
    const auto& scalar = event.data.scalar;
    if (scalar.length > kScalarBytesMax.count) {
      throw Unreadable{node.at,
                       fmt::format("a value of more than {} bytes", kScalarBytesMax.count)};
    }
    node.kind = Node::Kind::kScalar;
    node.text.assign(reinterpret_cast<const char*>(scalar.value), scalar.length);
    node.quoted = scalar.style != YAML_PLAIN_SCALAR_STYLE;
  }

  void read_list(Node& list, std::size_t depth) {
    list.kind = Node::Kind::kList;
    for (const yaml_event_t* event = &events_.next(); event->type != YAML_SEQUENCE_END_EVENT;
         event = &events_.next()) {
      list.items.push_back(node(*event, depth + 1));
    }
  }

  void read_map(Node& map, std::size_t depth) {
    map.kind = Node::Kind::kMap;
    std::unordered_map<std::string, Position> seen;
    for (const yaml_event_t* event = &events_.next(); event->type != YAML_MAPPING_END_EVENT;
         event = &events_.next()) {
      if (event->type != YAML_SCALAR_EVENT) {
        throw Unreadable{position_of(event->start_mark), "a key must be a plain word"};
      }
      Node key = node(*event, depth + 1);
      const auto [first, is_new] = seen.emplace(key.text, key.at);
      if (!is_new) report_duplicate(key, first->second);
      Node value = node(events_.next(), depth + 1);
      map.members.push_back({std::move(key.text), key.at, std::move(value)});
    }
  }

  void report_duplicate(const Node& key, Position first) {
    found_.push_back({.id = "GW002",
                      .file = file_,
                      .at = key.at,
                      .path = key.text,
                      .message = fmt::format("key '{}' stands twice in this map", key.text),
                      .hint = fmt::format("the first is at {}:{}", first.line, first.column)});
  }

  Events events_;
  std::string file_;
  std::vector<Diagnostic>& found_;
};

/// The code unit of `\uXXXX` at the start of `text`, if it is one from first to last.
bool is_escape_between(std::string_view text, std::uint32_t first, std::uint32_t last,
                       std::uint32_t& unit) {
  if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') return false;
  const auto [end, error] = std::from_chars(text.data() + 2, text.data() + 6, unit, 16);
  return error == std::errc{} && end == text.data() + 6 && first <= unit && unit <= last;
}

/// JSON writes characters beyond U+FFFF as two escapes, which YAML does not know: \ud83d\ude00
/// becomes \U0001f600. Only for texts that are JSON; columns after it on its line move by two.
std::string join_surrogates(std::string_view text) {
  std::string joined;
  joined.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    std::uint32_t high = 0;
    std::uint32_t low = 0;
    if (is_escape_between(text.substr(i), 0xd800, 0xdbff, high) &&
        is_escape_between(text.substr(i + 6), 0xdc00, 0xdfff, low)) {
      joined += fmt::format("\\U{:08x}", 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
      i += 12;
      continue;
    }
    const std::size_t step = text[i] == '\\' ? 2 : 1;  // "\\u" is a backslash and a u
    joined += text.substr(i, step);
    i += step;
  }
  return joined;
}

bool is_json(std::string_view text) {
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  return start != std::string_view::npos && (text[start] == '{' || text[start] == '[');
}

Loaded<Tree> unreadable(std::string file, Position at, std::string why) {
  Loaded<Tree> loaded{.value = {.file = file, .root = {}}, .readable = false};
  loaded.diagnostics.push_back({.id = std::string{kUnreadable},
                                .file = std::move(file),
                                .at = at,
                                .path = {},
                                .message = std::move(why),
                                .hint = {}});
  return loaded;
}

}  // namespace

const Node* Node::find(std::string_view key) const noexcept {
  const auto found = std::ranges::find(members, key, &Member::key);
  return found == members.end() ? nullptr : &found->value;
}

Node* Node::find(std::string_view key) noexcept {
  const auto found = std::ranges::find(members, key, &Member::key);
  return found == members.end() ? nullptr : &found->value;
}

Loaded<Tree> read_text(std::string_view text, std::string file) {
  if (text.size() > kDocumentBytesMax.count) {
    return unreadable(std::move(file), {},
                      fmt::format("larger than {} bytes", kDocumentBytesMax.count));
  }
  const std::string joined = is_json(text) ? join_surrogates(text) : std::string{text};
  Loaded<Tree> loaded{.value = {.file = file, .root = {}}};
  try {
    loaded.value.root = Builder{joined, file, loaded.diagnostics}.document();
  } catch (const Unreadable& fault) {
    return unreadable(std::move(file), fault.at, fault.why);
  }
  return loaded;
}

Loaded<Tree> read_file(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  std::string text;
  text.resize(kDocumentBytesMax.count + 1);  // one more than allowed, so that too much is noticed
  if (in) in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!in.is_open() || in.bad()) {
    return unreadable(path, {}, "cannot be read: " + std::generic_category().message(errno));
  }
  text.resize(static_cast<std::size_t>(in.gcount()));
  return read_text(text, path);
}

}  // namespace headgate::config
