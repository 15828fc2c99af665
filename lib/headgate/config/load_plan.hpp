// A load plan as a typed model: what `loadgen run --plan FILE` sends, where and for how long.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "headgate/arrival/schedule.hpp"
#include "headgate/config/answer_rules.hpp"
#include "headgate/config/data_table.hpp"
#include "headgate/config/diagnostic.hpp"
#include "headgate/config/host_port.hpp"
#include "headgate/config/load_transport.hpp"
#include "headgate/config/recording.hpp"
#include "headgate/core/time.hpp"
#include "headgate/stats/expectation.hpp"

namespace headgate::config {

enum class LoadScheme : std::uint8_t { kHttp, kHttps, kWs, kWss, kUnix };

struct LoadTarget {
  std::string url;  ///< `http://HOST:PORT/PATH`, `unix:/SOCKET:/PATH`, as written
  LoadScheme scheme = LoadScheme::kHttp;
  HostPort address;  ///< of the url; the port is the scheme's if it names none; none of kUnix
  std::string socket = {};  ///< of kUnix
  std::string path;         ///< of the url, with query; "/" if it names none
  std::uint32_t weight = 1;
};

struct LoadRequest {
  std::string method = "GET";
  std::string
      path;  ///< may hold places, as field values and body (load/fill.hpp); empty: the target's
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::uint32_t weight = 1;
  AnswerRules answer = {};
  std::vector<Capture> captures = {};
};

/// What becomes of a request that is due while every connection is taken.
enum class Saturation : std::uint8_t {
  kQueue,  ///< it waits, and its response time runs
  kDrop,   ///< it is not sent
  kFail,   ///< it has failed
};

struct LoadPlan {
  std::vector<LoadTarget> targets;            ///< at least one
  std::optional<arrival::Arrivals> arrivals;  ///< nothing: closed loop, one client per connection
  std::uint32_t connections = 1;
  std::uint32_t threads = 1;
  std::optional<Duration> duration;    ///< nothing: until `count` requests, or 10 s
  std::optional<std::uint64_t> count;  ///< requests to send at most
  Duration timeout = std::chrono::seconds{5};
  std::vector<LoadRequest> requests;  ///< at least one
  std::vector<LoadRequest> before;    ///< what each client sends first, unmeasured: a login, say
  std::optional<Recording> replay;    ///< in place of arrivals and requests
  std::uint32_t pipeline = 1;         ///< requests under way at once on a connection
  std::uint64_t requests_per_connection = 0;  ///< then it is closed; 0: it stays
  Saturation on_saturation = Saturation::kQueue;
  std::optional<DataTable> data;  ///< what `{data.COLUMN}` in requests is filled with
  std::vector<stats::Expectation> expect;
  std::uint64_t seed = 1;
  LoadTransport transport;
};

[[nodiscard]] Loaded<LoadPlan> load_plan_file(const std::string& file);
[[nodiscard]] Loaded<LoadPlan> load_plan_text(std::string_view text, const std::string& file);
[[nodiscard]] std::string load_plan_schema();

/// The target that `url` names, as `--url` and a plan's `url` read it: http, https, ws or wss (see
/// parse_url), or `unix:/SOCKET[:/PATH]`. Fails with kInvalidArgument.
[[nodiscard]] Result<LoadTarget> parse_target(std::string_view url);
/// What its requests say in Host; a Unix socket is `localhost`.
[[nodiscard]] std::string host_field(const LoadTarget& target);

}  // namespace headgate::config
