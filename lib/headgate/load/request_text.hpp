// A request, ready to send. Everything that is the same for every request is laid out once before
// the run; places such as `{sequence}` (see fill.hpp) are filled as each is sent.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/load/fill.hpp"

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
  struct Header {
    std::string name;
    FillText value;
  };

  /// Lays out `spec`. Fails with kInvalidArgument if it would not be one well-formed request: a
  /// method or header name that is no token, blanks or control characters in the path, line ends in
  /// a value, also by a cell of the data, Content-Length or Transfer-Encoding given by hand, or a
  /// place that `names` does not have.
  [[nodiscard]] static Result<RequestText> make(const RequestSpec& spec,
                                                const PlaceNames& names = {});

  /// The bytes of HTTP/1.1. The view lasts until `scratch` changes or this object dies. No
  /// allocation once `scratch` has grown; O(1) for a request without places.
  [[nodiscard]] std::string_view render(const Fill& fill, std::string& scratch) const;

  [[nodiscard]] bool is_head() const noexcept { return is_head_; }
  /// Whether the answer's fields and body are wanted, not only its status.
  [[nodiscard]] bool keeps_answer() const noexcept { return keeps_answer_; }
  void keep_answer() noexcept { keeps_answer_ = true; }

  // The parts, for other framings. `headers` has no Host and no Content-Length.
  [[nodiscard]] const std::string& method() const noexcept { return method_; }
  [[nodiscard]] const FillText& path() const noexcept { return path_; }
  [[nodiscard]] const FillText& host() const noexcept { return host_; }
  [[nodiscard]] const std::vector<Header>& headers() const noexcept { return headers_; }
  [[nodiscard]] const FillText& body() const noexcept { return body_; }
  /// RFC 9110 section 8.6: methods whose content has a meaning say its length even if it is 0.
  [[nodiscard]] bool sends_length() const noexcept { return sends_length_; }

 private:
  std::string method_;
  FillText path_;
  FillText host_;
  std::vector<Header> headers_;
  FillText body_;
  FillText head_;      // request line and all fields but Content-Length
  std::string fixed_;  // the whole request, if nothing varies
  bool sends_length_ = false;
  bool is_head_ = false;
  bool keeps_answer_ = false;
};

}  // namespace headgate::load
