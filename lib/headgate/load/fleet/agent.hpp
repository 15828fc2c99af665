// An agent: waits on the bus for a plan, runs its slice of it in a process of its own, and hands
// the result back. The process is `loadgen run` with the coordinator's own flags, so a slice is
// driven by exactly what drives a run without agents; if it breaks, the agent is there to say so.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <string_view>

#include "headgate/core/result.hpp"
#include "headgate/load/fleet/link.hpp"

namespace headgate::load::fleet {

/// The flags of `loadgen run` that name a file to write. They stay with the coordinator: an agent
/// runs no plan that has one.
inline constexpr std::array<std::string_view, 7> kFileFlags{
    "--json", "--csv", "--hgrm", "--hlog", "--prometheus", "--junit", "--html"};

/// How the process says which seconds of the run are over: a line of this and to_line()
/// (second_json.hpp).
inline constexpr std::string_view kSecondsMark = "seconds ";

struct AgentOptions {
  std::string name;     ///< unlike all others'; empty: HOST-PID
  std::string program;  ///< the `loadgen` to run slices with
  bool once = false;    ///< ends after one run
};

/// Serves until `ended` says so, or after one run. `note` gets a line for people when something
/// happens. Fails with the link's error.
[[nodiscard]] Result<void> serve(Link& link, AgentOptions options,
                                 const std::function<bool()>& ended,
                                 const std::function<void(const std::string&)>& note);

}  // namespace headgate::load::fleet
