#include "headgate/config/workload_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <string>
#include <vector>

#include "headgate/core/check.hpp"

namespace headgate::config {
namespace {

/// `16`, `1kb`, `4p`, `200k`: a number and what follows it.
struct Word {
  std::string text;
  std::optional<std::uint64_t> number = {};
  std::string tail = {};
};

std::vector<Word> words_of(std::string_view name) {
  std::vector<Word> words;
  while (!name.empty()) {
    const std::size_t dash = std::min(name.find('-'), name.size());
    Word word{.text = std::string{name.substr(0, dash)}};
    std::ranges::transform(word.text, word.text.begin(), [](char c) {
      return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    });
    std::uint64_t number = 0;
    const char* const end = word.text.data() + word.text.size();
    const auto [rest, error] = std::from_chars(word.text.data(), end, number);
    if (error == std::errc{} && number < 1'000'000'000) {
      word.number = number;
      word.tail.assign(rest, end);
    }
    words.push_back(std::move(word));
    name.remove_prefix(std::min(dash + 1, name.size()));
  }
  return words;
}

/// 0: the tail is no multiple.
std::uint64_t multiple_of(std::string_view tail, std::uint64_t thousand) {
  if (tail.empty()) return 1;
  if (tail == "k") return thousand;
  if (tail == "m") return thousand * thousand;
  return 0;
}

class Reader {
 public:
  explicit Reader(std::string_view name) : name_{name}, words_{words_of(name)} {}

  Result<BusShape> read() {
    while (at_ < words_.size()) {
      if (auto taken = take(words_[at_]); !taken) return std::unexpected(taken.error());
    }
    if (!counted_) return unknown("a number of topics is missing");
    if (!paced_) shape_.rate = make_rate(kWorkloadRate, std::chrono::seconds{1});
    return shape_;
  }

 private:
  [[nodiscard]] std::unexpected<Error> unknown(const std::string& why) const {
    return failed(Errc::kInvalidArgument, std::string{name_},
                  why + "; a workload is called like 1-topic-16-partitions-1kb-4p-4c-200k");
  }

  [[nodiscard]] std::string_view following() const {
    return at_ + 1 < words_.size() ? std::string_view{words_[at_ + 1].text} : std::string_view{};
  }

  Result<void> take(const Word& word) {
    if (word.text == "backlog") {
      shape_.backlog = true;
      ++at_;
      return {};
    }
    if (word.text == "max" && following() == "rate") {
      paced_ = true;
      at_ += 2;
      return {};
    }
    if (!word.number) return unknown(fmt::format("'{}' is not known", word.text));
    if (*word.number == 0) return unknown(fmt::format("'{}' is none", word.text));
    if (take_number(word)) return {};
    return unknown(fmt::format("'{}' is not known", word.text));
  }

  bool take_number(const Word& word) {
    HG_ASSERT(word.number.has_value());
    const std::uint64_t count = *word.number * multiple_of(word.tail, 1000);
    if (count != 0 && count <= 1'000'000'000 && take_counted(count)) return true;
    if (word.tail == "b" || word.tail == "kb" || word.tail == "mb") {
      const auto unit =
          multiple_of(std::string_view{word.tail}.substr(0, word.tail.size() - 1), 1024);
      return set_size(*word.number * unit);
    }
    if (std::uint32_t* const place = place_of(word.tail)) {
      *place = static_cast<std::uint32_t>(*word.number);
      ++at_;
      return true;
    }
    if (count == 0) return false;
    // A bare number is a rate in front and behind, and a size where no size came yet.
    if (at_ == 0 || sized_) return set_rate(count, 1);
    return set_size(*word.number * multiple_of(word.tail, 1024));
  }

  /// A number that the next word speaks of.
  bool take_counted(std::uint64_t count) {
    const std::string_view of = following();
    if (of == "rate") return set_rate(count, 2);
    std::uint32_t* const place = place_of(of);
    if (place == nullptr || of.size() < 2) return false;
    *place = static_cast<std::uint32_t>(count);
    if (place == &shape_.topics) counted_ = true;
    at_ += 2;
    return true;
  }

  std::uint32_t* place_of(std::string_view word) {
    if (word == "topic" || word == "topics") return &shape_.topics;
    if (word == "partition" || word == "partitions") return &shape_.partitions;
    if (word == "p" || word == "producer" || word == "producers") return &shape_.producers;
    if (word == "c" || word == "consumer" || word == "consumers") return &shape_.consumers;
    if (word == "s" || word == "subscription" || word == "subscriptions") return &shape_.groups;
    return nullptr;
  }

  bool set_rate(std::uint64_t count, std::size_t words) {
    shape_.rate = make_rate(static_cast<std::int64_t>(count), std::chrono::seconds{1});
    paced_ = true;
    at_ += words;
    return true;
  }

  bool set_size(std::uint64_t size) {
    shape_.size = {size};
    sized_ = true;
    ++at_;
    return true;
  }

  std::string_view name_;
  std::vector<Word> words_;
  std::size_t at_ = 0;
  BusShape shape_;
  bool counted_ = false;  // the topics
  bool sized_ = false;
  bool paced_ = false;
};

}  // namespace

Result<BusShape> parse_workload(std::string_view name) { return Reader{name}.read(); }

}  // namespace headgate::config
