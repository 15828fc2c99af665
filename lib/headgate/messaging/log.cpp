#include "headgate/messaging/log.hpp"

#include <algorithm>
#include <future>
#include <utility>

namespace headgate::messaging {
namespace {

bool is_name_character(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

}  // namespace

Result<void> check_topic_name(std::string_view name) {
  constexpr std::size_t kLongest = 249;
  if (name.empty() || name.size() > kLongest) {
    return failed(Errc::kInvalidArgument, std::string{name},
                  "a topic name has 1 to 249 characters");
  }
  if (name == "." || name == ".." || !std::ranges::all_of(name, is_name_character)) {
    return failed(Errc::kInvalidArgument, std::string{name},
                  "a topic name is made of letters, digits, '.', '_' and '-'");
  }
  return {};
}

std::unexpected<Error> unknown_topic(std::string_view name) {
  return failed(Errc::kNotFound, std::string{name}, "there is no such topic");
}

std::unexpected<Error> outside_range(std::string_view name, std::uint64_t from,
                                     const Watermarks& marks) {
  return failed(Errc::kInvalidArgument, std::string{name},
                "offset " + std::to_string(from) + " is outside " + std::to_string(marks.begin) +
                    " to " + std::to_string(marks.end));
}

Result<std::vector<std::uint64_t>> append_and_wait(Log& log, std::vector<TopicRecord> batch) {
  // The answer may come from another thread; the promise lives in the callback until it does.
  std::promise<Result<std::vector<std::uint64_t>>> promise;
  auto answer = promise.get_future();
  log.append_all(std::move(batch), [promise = std::move(promise)](auto result) mutable {
    promise.set_value(std::move(result));
  });
  return answer.get();
}

}  // namespace headgate::messaging
