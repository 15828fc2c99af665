// A document as a tree in which every value remembers where it stands. YAML and JSON go through the
// same reader (libyaml's events; JSON is a part of YAML), so a JSON config gets the same positions
// and the same refusals. Scalars keep their text: what `10` means is for the field to say, not for
// a guess of the reader, and a quoted "10" stays distinguishable from a bare 10.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/config/diagnostic.hpp"
#include "headgate/core/units.hpp"

namespace headgate::config {

/// What a document may hold at most; beyond it, it is unreadable.
inline constexpr Bytes kDocumentBytesMax{std::uint64_t{4} << 20};
inline constexpr Bytes kScalarBytesMax{std::uint64_t{64} << 10};
inline constexpr std::size_t kDocumentDepthMax = 64;

struct Member;

struct Node {
  enum class Kind { kScalar, kList, kMap };

  Kind kind = Kind::kScalar;
  Position at = {};
  std::string text = {};         ///< of a scalar, unescaped
  bool quoted = false;           ///< a scalar in quotes, or a block scalar
  std::vector<Node> items = {};  ///< of a list
  // No initialiser: clang would need a whole Member for it here.
  std::vector<Member> members;  ///< of a map, in the order of the file; keys may repeat

  /// The member's value, or null. Requires: nothing (a node that is no map has no members).
  [[nodiscard]] const Node* find(std::string_view key) const noexcept;
  [[nodiscard]] Node* find(std::string_view key) noexcept;
};

struct Member {
  std::string key;
  Position at;  ///< of the key
  Node value;
};

/// A document: its root and the name that diagnostics show.
struct Tree {
  std::string file;
  Node root;
};

/// Reads `text`, YAML or JSON. One document, no anchors, aliases or tags (a config says what it
/// means where it means it). A failure is one GW000 diagnostic; a key that stands twice in one map
/// is GW002 beside a usable tree, in which `find` sees the first.
[[nodiscard]] Loaded<Tree> read_text(std::string_view text, std::string file);

/// The same from a file. A missing, unreadable or oversized file is a GW000 diagnostic.
[[nodiscard]] Loaded<Tree> read_file(const std::string& path);

// Paths are dotted: `services.orders.balance.policy`, `routes.0.match`. A step into a list is an
// index or the `name` of an item. Keys with dots in them are found too: the longest key that fits.

/// The value at `path`, or null. The empty path is `root`.
[[nodiscard]] const Node* find_path(const Node& root, std::string_view path) noexcept;

/// Where a finding about `path` points: at the key of a map or a list, at a scalar itself; if there
/// is nothing at `path`, at what comes nearest above it.
[[nodiscard]] Position position_of(const Node& root, std::string_view path) noexcept;

/// Puts the value written in `text` (YAML) at `path`; missing maps on the way are made (a slip is
/// then an unknown key). This is `--set PATH=VALUE` and a point of a sweep. Returns why it cannot
/// be, or nothing.
[[nodiscard]] std::optional<std::string> set_path(Node& root, std::string_view path,
                                                  std::string_view text);

}  // namespace headgate::config
