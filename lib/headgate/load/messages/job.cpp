#include "headgate/load/messages/job.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "headgate/core/text.hpp"
#include "headgate/load/messages/stamp.hpp"
#include "headgate/messaging/log.hpp"

namespace headgate::load::messages {
namespace {

std::vector<std::string> topic_names(const std::string& name, const config::BusShape& shape) {
  std::vector<std::string> names;
  names.reserve(std::size_t{shape.topics} * shape.partitions);
  for (std::uint32_t t = 0; t < shape.topics; ++t) {
    const std::string topic = shape.topics == 1 ? name : fmt::format("{}-{}", name, t);
    for (std::uint32_t p = 0; p < shape.partitions; ++p) {
      names.push_back(shape.partitions == 1 ? topic : fmt::format("{}-{}", topic, p));
    }
  }
  return names;
}

Result<void> wrong(const char* key, std::string why) {
  return failed(Errc::kInvalidConfig, key, std::move(why));
}

Result<void> check_queue(const Job& job) {
  const config::BusShape& shape = job.shape;
  if (!job.queue) {
    if (job.plan.nack.of_one > 0) return wrong("nack", "only a queue's messages are given back");
    return {};
  }
  if (!job.plan.topic.empty()) return wrong("queue", "drive a topic or a queue, not both");
  if (shape.topics != 1 || shape.partitions != 1 || shape.groups != 1) {
    return wrong("queue", "a queue has one topic, one partition and one group of consumers");
  }
  return {};
}

Result<void> check(const Job& job) {
  const config::BusPlan& plan = job.plan;
  const config::BusShape& shape = job.shape;
  if (shape.size.count < kStampBytes || shape.size.count > (std::uint64_t{16} << 20)) {
    return wrong("size", "a message has 32B (its number and time) to 16MiB");
  }
  if (plan.arrivals && plan.arrivals->is_closed()) {
    return wrong("arrivals", "without arrivals it goes as fast as it can; there are no clients");
  }
  if (shape.backlog && !plan.backlog) {
    return wrong("backlog", "the workload builds a backlog: say how many messages");
  }
  if (plan.backlog && (plan.duration || plan.count)) {
    return wrong("backlog", "its size says when publishing ends: leave out duration and count");
  }
  if (plan.backlog && shape.consumers == 0) return wrong("backlog", "somebody has to drain it");
  if (plan.warmup >= job.duration) return wrong("warmup", "it ends before the duration does");
  const std::uint64_t threads =
      std::uint64_t{job.producers()} +
      std::uint64_t{job.consumers_busy()} * (job.queue ? 1 : shape.groups);
  if (threads > kThreadsMax) {
    return wrong("producers", fmt::format("{} producers and consumers; at most {} in all", threads,
                                          kThreadsMax));
  }
  for (const std::string& topic : job.topics) {
    if (auto good = messaging::check_topic_name(topic); !good) {
      return wrong(job.queue ? "queue" : "topic", good.error().why);
    }
  }
  return check_queue(job);
}

}  // namespace

Result<Job> Job::prepare(const config::BusPlan& plan) {
  const auto shape = plan.shape();
  if (!shape) return std::unexpected(shape.error());
  Job job;
  job.plan = plan;
  job.shape = *shape;
  job.queue = !plan.queue.empty();
  job.name = job.queue ? plan.queue : (plan.topic.empty() ? "headgate-load" : plan.topic);
  job.topics = topic_names(job.name, job.shape);
  job.arrivals = plan.arrivals;
  if (!job.arrivals && job.shape.rate && !plan.workload.empty()) {
    job.arrivals = arrival::Arrivals{arrival::ConstantArrivals{*job.shape.rate}};
  }
  job.count = plan.backlog ? plan.backlog : plan.count;
  job.duration = plan.duration.value_or(job.count ? kNever : kDurationDefault);
  if (const auto good = check(job); !good) return std::unexpected(good.error());
  return job;
}

std::uint32_t Job::consumers_busy() const noexcept {
  if (queue) return shape.consumers;
  return shape.topics * std::min(shape.consumers, shape.partitions);
}

std::string Job::describe() const {
  const auto plural = [](std::uint32_t number, const char* what) {
    return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
  };
  std::string text = "as fast as it goes";
  if (arrivals) {
    text = fmt::format("open loop, {} {}", arrivals->name(),
                       to_text(arrivals->rate().value_or(Rate{})));
  }
  if (queue) {
    text += ", queue " + name;
  } else {
    text += fmt::format(", {} x {}", plural(shape.topics, "topic"),
                        plural(shape.partitions, "partition"));
  }
  text += fmt::format(", {}, {}", to_text(shape.size), plural(producers(), "producer"));
  if (!queue) text += ", " + plural(shape.groups, "group");
  return text + fmt::format(" x {}", plural(shape.consumers, "consumer"));
}

}  // namespace headgate::load::messages
