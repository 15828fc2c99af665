// What gathers between two commits: the appends that wait, in order, with what they wait for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/messaging/log.hpp"

namespace headgate::journal {

using TopicDone = std::move_only_function<void(Result<void>)>;

/// A record with the number of its topic.
struct Item {
  std::uint32_t topic = 0;
  messaging::Record record;
};

/// One append or one new topic: atomic, answered once.
struct Operation {
  std::size_t items = 0;  ///< how many of Group::items are its own
  std::size_t bound = 0;  ///< bytes that its entries take at most
  std::string new_topic;  ///< or the name of a topic to define
  std::variant<messaging::AppendDone, messaging::BatchDone, TopicDone> done;
};

struct Group {
  std::vector<Operation> operations;
  std::vector<Item> items;  ///< of the operations, one after the other

  [[nodiscard]] bool empty() const noexcept { return operations.empty(); }
};

/// Tells `operation` where its records are.
inline void answer(Operation& operation, std::span<const std::uint64_t> offsets) {
  if (auto* one = std::get_if<messaging::AppendDone>(&operation.done)) {
    (*one)(offsets.front());
  } else if (auto* batch = std::get_if<messaging::BatchDone>(&operation.done)) {
    (*batch)(std::vector<std::uint64_t>(offsets.begin(), offsets.end()));
  } else {
    std::get<TopicDone>(operation.done)({});
  }
}

/// Tells `operation` that none of it is there.
inline void refuse(Operation& operation, const Error& error) {
  std::visit([&error](auto& done) { done(std::unexpected(error)); }, operation.done);
}

}  // namespace headgate::journal
