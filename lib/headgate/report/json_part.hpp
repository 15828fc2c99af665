// A stored document, read part by part. Each part knows its place, and the first that is not what
// it should be is remembered with that place: who reads asks once, at the end, whether all was
// well.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"
#include "headgate/report/json.hpp"

namespace headgate::report {

class JsonPart {
 public:
  /// `document`, and the first fault found in it, outlive this and every part of it.
  JsonPart(const Json& document, std::optional<Error>& fault) : node_{&document}, fault_{&fault} {}

  /// The member of an object. If it is not there: a fault, and what is read of it is nothing.
  [[nodiscard]] JsonPart operator[](std::string_view key) const;
  [[nodiscard]] bool has(std::string_view key) const;
  /// The entry of a list.
  [[nodiscard]] JsonPart at(std::size_t index) const;
  [[nodiscard]] bool is_number() const;
  /// Calls `visit` with key and value of each member of an object, with index and value of a list.
  void each(const std::function<void(const std::string&, const JsonPart&)>& visit) const;

  /// Fault, and 0, if this is no whole number of 0 or more; and so on.
  [[nodiscard]] std::uint64_t count() const;
  [[nodiscard]] Duration nanoseconds() const;
  [[nodiscard]] double number() const;
  [[nodiscard]] bool flag() const;
  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::vector<std::string> texts() const;

  /// The first fault of the document is this, unless there was one: `where` is the JSON pointer.
  void blame(std::string why, Errc code = Errc::kCorrupt) const;
  /// Takes over a failure of something that this part holds.
  void blame(const Error& error) const { blame(error.why, error.code); }

 private:
  JsonPart(const Json* node, std::string pointer, std::optional<Error>* fault)
      : node_{node}, pointer_{std::move(pointer)}, fault_{fault} {}
  [[nodiscard]] JsonPart below(const std::string& key, const Json* node) const;

  const Json* node_;  // null: what should be here is not
  std::string pointer_;
  std::optional<Error>* fault_;
};

/// The JSON of `text`, which must be an object whose "format" is `format`. Fails with kCorrupt:
/// `where` is as given, `why` says what the document is instead.
[[nodiscard]] Result<Json> parse_document(std::string_view text, std::string_view format,
                                          const std::string& where);

}  // namespace headgate::report
