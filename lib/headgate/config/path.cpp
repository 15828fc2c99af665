// Dotted paths into a tree: what `--set` and sweeps name.
#include <fmt/format.h>

#include <charconv>

#include "headgate/config/text.hpp"

namespace headgate::config {
namespace {

/// The length of `key` if `path` starts with it as a whole step, else 0.
std::size_t step_length(std::string_view path, std::string_view key) {
  if (key.empty() || !path.starts_with(key)) return 0;
  return path.size() == key.size() || path[key.size()] == '.' ? key.size() : 0;
}

std::string_view after_step(std::string_view path, std::size_t length) {
  return path.size() > length ? path.substr(length + 1) : std::string_view{};
}

/// The child that the first step of `path` names, and the rest of the path.
struct Step {
  Node* child = nullptr;
  std::string_view rest;
  Position key;  ///< of the child, if it has one
};

Step step_into_map(Node& map, std::string_view path) {
  Step step;
  std::size_t longest = 0;
  for (Member& member : map.members) {
    const std::size_t length = step_length(path, member.key);
    if (length > longest) {
      longest = length;
      step = {&member.value, after_step(path, length), member.at};
    }
  }
  return step;
}

Step step_into_list(Node& list, std::string_view path) {
  const std::string_view first = path.substr(0, path.find('.'));
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(first.data(), first.data() + first.size(), index);
  if (error == std::errc{} && end == first.data() + first.size()) {
    if (index >= list.items.size()) return {};
    return {&list.items[index], after_step(path, first.size()), list.items[index].at};
  }
  for (Node& item : list.items) {
    const Node* name = item.find("name");
    const std::size_t length = name == nullptr ? 0 : step_length(path, name->text);
    if (length > 0) return {&item, after_step(path, length), item.at};
  }
  return {};
}

Step step_into(Node& node, std::string_view path) {
  switch (node.kind) {
    case Node::Kind::kMap:
      return step_into_map(node, path);
    case Node::Kind::kList:
      return step_into_list(node, path);
    case Node::Kind::kScalar:
      break;
  }
  return {};
}

/// A value from the command line has no place in the file.
void forget_positions(Node& node) {
  node.at = {};
  for (Node& item : node.items) forget_positions(item);
  for (Member& member : node.members) {
    member.at = {};
    forget_positions(member.value);
  }
}

}  // namespace

const Node* find_path(const Node& root, std::string_view path) noexcept {
  // Stepping never changes a node; it is written once, for both kinds of access.
  Node* node = const_cast<Node*>(&root);
  while (node != nullptr && !path.empty()) {
    const Step step = step_into(*node, path);
    node = step.child;
    path = step.rest;
  }
  return node;
}

Position position_of(const Node& root, std::string_view path) noexcept {
  Node* node = const_cast<Node*>(&root);
  Position at = root.at;
  while (!path.empty()) {
    const Step step = step_into(*node, path);
    if (step.child == nullptr) break;
    at = step.child->kind == Node::Kind::kScalar ? step.child->at : step.key;
    node = step.child;
    path = step.rest;
  }
  return at;
}

std::optional<std::string> set_path(Node& root, std::string_view path, std::string_view text) {
  if (path.empty()) return "a path is needed before '='";
  Loaded<Tree> value = read_text(text, "value");
  if (!value.ok()) return value.diagnostics.front().message;
  forget_positions(value.value.root);

  Node* node = &root;
  std::string_view rest = path;
  while (!rest.empty()) {
    const Step step = step_into(*node, rest);
    if (step.child != nullptr) {
      node = step.child;
      rest = step.rest;
      continue;
    }
    const bool is_nothing = node->kind == Node::Kind::kScalar && node->text.empty();
    if (is_nothing) node->kind = Node::Kind::kMap;
    if (node->kind != Node::Kind::kMap) {
      return fmt::format("there is no '{}' in the {}", rest,
                         node->kind == Node::Kind::kList ? "list" : "value before it");
    }
    const std::string_view first = rest.substr(0, rest.find('.'));
    node->members.push_back({std::string{first}, {}, Node{}});
    node = &node->members.back().value;
    rest = after_step(rest, first.size());
  }
  *node = std::move(value.value.root);
  return std::nullopt;
}

}  // namespace headgate::config
