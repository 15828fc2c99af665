// The bytes of a request, ready to send. Everything that is the same for every request is laid out
// once before the run; `{sequence}` in a path, a header value or a body becomes the request's place
// in the schedule, so each request can be told from the others at the far end.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "headgate/core/result.hpp"

namespace headgate::load {

/// A request as a plan writes it.
struct RequestSpec {
  std::string method = "GET";
  std::string path = "/";  ///< origin form: path and query
  std::string host = {};   ///< the value of Host, unless `headers` has one
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
};

class RequestText {
 public:
  /// Lays out `spec`. Fails with kInvalidArgument if it would not be one well-formed HTTP/1.1
  /// request: a method or header name that is no token, blanks or control characters in the path,
  /// line ends in a value, or Content-Length or Transfer-Encoding given by hand.
  [[nodiscard]] static Result<RequestText> make(const RequestSpec& spec);

  /// The request with this sequence number. The view lasts until `scratch` changes or this object
  /// dies. No allocation once `scratch` has grown; O(1) for a request without `{sequence}`.
  [[nodiscard]] std::string_view render(std::uint64_t sequence, std::string& scratch) const;

  [[nodiscard]] bool is_head() const noexcept { return is_head_; }

 private:
  std::string head_;  // without Content-Length and the empty line, if the body varies
  std::string body_;
  bool varies_ = false;  // there is a `{sequence}` somewhere
  bool sends_length_ = false;
  bool is_head_ = false;
};

}  // namespace headgate::load
