#include "headgate/config/load_plan.hpp"

#include <fmt/format.h>

#include "headgate/config/load_transport_form.hpp"
#include "headgate/config/recorded.hpp"
#include "headgate/config/request_form.hpp"
#include "headgate/config/value.hpp"

namespace headgate::config {
namespace {

constexpr std::int64_t kConnectionsMax = 100'000;
constexpr std::int64_t kThreadsMax = 256;
constexpr std::int64_t kPipelineMax = 256;

/// A target as it is written; the model has the url's parts.
struct WrittenLoadTarget {
  LoadTarget target;
  std::uint32_t weight = 1;
};

Form<LoadTarget> load_target() {
  const auto url = checked(any_text(), [](const std::string& written) {
    Result<LoadTarget> target = parse_target(written);
    if (!target) target.error().why = fmt::format("'{}' {}", written, target.error().why);
    return target;
  });
  auto written =
      Object<WrittenLoadTarget>("a target")
          .required("url", &WrittenLoadTarget::target, url,
                    "http://HOST:PORT/PATH, https, ws, wss; unix:/SOCKET")
          .optional("weight", &WrittenLoadTarget::weight, small(1), "its part of the requests", "1")
          .form();
  return checked(written, [](WrittenLoadTarget&& all) {
    all.target.weight = all.weight;
    return Result<LoadTarget>{std::move(all.target)};
  });
}

Form<LoadRequest> load_request() {
  return Object<LoadRequest>("a request")
      .optional("method", &LoadRequest::method, method(), "", "GET")
      .optional(
          "path", &LoadRequest::path, request_path(),
          "may hold places: {sequence}, {uuid}, {random:1..100}, {data.COLUMN}, {captured.NAME}",
          "the target's")
      .optional("headers", &LoadRequest::headers, headers(),
                "fields to send; values may hold places")
      .optional("body", &LoadRequest::body, text(),
                "may hold places; other braces stand for themselves")
      .optional("weight", &LoadRequest::weight, small(1), "its part of the requests", "1")
      .optional("check", &LoadRequest::answer, answer_rules(),
                "what its answer must be, or it has failed", "{status: [any of 2xx and 3xx]}")
      .optional("capture", &LoadRequest::captures, captures(),
                "what is taken from its answer for {captured.NAME}")
      .form();
}

Form<std::uint64_t> positive_count() {
  return checked(whole(1), [](std::int64_t count) {
    return Result<std::uint64_t>{static_cast<std::uint64_t>(count)};
  });
}

Form<Saturation> saturation() {
  return checked(word({"queue", "drop", "fail"}), [](const std::string& name) {
    return Result<Saturation>{name == "drop"   ? Saturation::kDrop
                              : name == "fail" ? Saturation::kFail
                                               : Saturation::kQueue};
  });
}

struct WrittenReplay {
  std::optional<Recording> recording;
  double speed = 1;
};

Form<Recording> replay() {
  auto written =
      Object<WrittenReplay>("a replay", "{file: access.log}")
          .required("file", &WrittenReplay::recording, recorded<Recording>(read_recording),
                    "access log (JSON lines, common, combined), CSV (time,method,path,body) or HAR")
          .optional("speed", &WrittenReplay::speed, number(1e-6, 1e6), "so many times faster", "1")
          .form();
  return {[read = written.read](const Node& node, Reading& reading) -> std::optional<Recording> {
            auto replay = read(node, reading);
            if (!replay || !replay->recording) return std::nullopt;
            replay->recording->arrivals.speed = replay->speed;
            return std::move(replay->recording);
          },
          written.schema};
}

struct WrittenData {
  std::optional<DataTable> table;
  std::string order = "sequential";
};

Form<DataTable> data_table() {
  auto written = Object<WrittenData>("data", "{file: users.csv}")
                     .required("file", &WrittenData::table, recorded<DataTable>(read_data_table),
                               "CSV; its first line names the columns")
                     .optional("order", &WrittenData::order, word({"sequential", "random"}),
                               "which row a request has", "sequential")
                     .form();
  return {[read = written.read](const Node& node, Reading& reading) -> std::optional<DataTable> {
            auto data = read(node, reading);
            if (!data || !data->table) return std::nullopt;
            data->table->order =
                data->order == "random" ? RowOrder::kRandom : RowOrder::kSequential;
            return std::move(data->table);
          },
          written.schema};
}

Form<LoadPlan> load_plan_form() {
  Object<LoadPlan> plan{"a load plan"};
  add_transport(plan);
  return plan
      .required("targets", &LoadPlan::targets, list_of(load_target(), 1), "where requests go")
      .optional("arrivals", &LoadPlan::arrivals, arrivals(), "when they are sent",
                "closed loop, one client per connection")
      .optional("connections", &LoadPlan::connections, small(1, kConnectionsMax),
                "kept open, over all threads", "1")
      .optional("threads", &LoadPlan::threads, small(1, kThreadsMax), "that send", "1")
      .optional("duration", &LoadPlan::duration, positive_duration(), "how long requests are sent",
                "10s, if there is no count")
      .optional("count", &LoadPlan::count, positive_count(), "requests to send at most")
      .optional("timeout", &LoadPlan::timeout, positive_duration(),
                "for an answer, from the intended time", "5s")
      .optional("requests", &LoadPlan::requests, list_of(load_request(), 1), "what is sent",
                "one GET")
      .optional("data", &LoadPlan::data, data_table(), "rows that fill {data.COLUMN} in requests")
      .optional("before", &LoadPlan::before, list_of(load_request()),
                "what each client sends first, in order and unmeasured: a login, say")
      .optional("replay", &LoadPlan::replay, replay(),
                "recorded traffic, in place of arrivals and requests")
      .optional("pipeline", &LoadPlan::pipeline, small(1, kPipelineMax),
                "requests under way at once on a connection, each of a client of its own", "1")
      .optional("requests_per_connection", &LoadPlan::requests_per_connection, positive_count(),
                "then it is closed", "it stays open")
      .optional("on_saturation", &LoadPlan::on_saturation, saturation(),
                "what becomes of a request that finds every connection taken: queue, drop or fail",
                "queue")
      .optional("expect", &LoadPlan::expect, list_of(expectation()),
                "what must hold; decides the exit code")
      .optional("seed", &LoadPlan::seed,
                checked(whole(0),
                        [](std::int64_t seed) {
                          return Result<std::uint64_t>{static_cast<std::uint64_t>(seed)};
                        }),
                "of every draw", "1")
      .form();
}

Loaded<LoadPlan> load_plan_tree(Loaded<Tree> tree) {
  if (!tree.readable) return {.diagnostics = std::move(tree.diagnostics), .readable = false};
  Loaded<LoadPlan> loaded{.diagnostics = std::move(tree.diagnostics)};
  Reading reading{tree.value.file, {}, loaded.diagnostics};
  if (auto plan = load_plan_form().read(tree.value.root, reading)) loaded.value = std::move(*plan);
  if (loaded.value.requests.empty()) loaded.value.requests.emplace_back();
  sort_by_place(loaded.diagnostics);
  return loaded;
}

}  // namespace

Loaded<LoadPlan> load_plan_file(const std::string& file) { return load_plan_tree(read_file(file)); }

Loaded<LoadPlan> load_plan_text(std::string_view text, const std::string& file) {
  return load_plan_tree(read_text(text, file));
}

std::string load_plan_schema() {
  return document_schema("Headgate load plan", load_plan_form().schema);
}

}  // namespace headgate::config
