#include "headgate/load/fleet/agent.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "headgate/load/child.hpp"
#include "headgate/load/fleet/workshop.hpp"
#include "headgate/net/event_loop.hpp"

namespace headgate::load::fleet {
namespace {

using Json = nlohmann::json;

constexpr Duration kBeat = std::chrono::milliseconds{500};
constexpr Duration kGlance = std::chrono::milliseconds{20};
constexpr std::size_t kPieceBytes = std::size_t{200} << 10;

std::string own_name() {
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  return fmt::format("{}-{}", host.data(), getpid());
}

std::string content_of(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// What is not UTF-8 in it is replaced: an event is JSON.
std::string words_of(const Json& data) {
  return data.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json object_of(const News& news) {
  Json data = Json::parse(news.data, nullptr, false);
  return data.is_object() ? data : Json::object();
}

// What a bus brings may be anything.

std::string text_of(const Json& data, const char* key) {
  const auto found = data.find(key);
  return found != data.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

Json list_of(const Json& data, const char* key) {
  const auto found = data.find(key);
  return found != data.end() && found->is_array() ? *found : Json::array();
}

/// Whether the flags name a file to write: what comes by the bus must not.
bool writes_files(const Json& plan) {
  for (const Json& arg : list_of(plan, "args")) {
    if (!arg.is_string()) continue;
    const std::string text = arg.get<std::string>();
    const auto names = [&text](std::string_view flag) {
      return text == flag || text.starts_with(std::string{flag} + "=");
    };
    if (std::ranges::any_of(kFileFlags, names)) return true;
  }
  return false;
}

class Agent {
 public:
  Agent(Link& link, AgentOptions options, const std::function<void(const std::string&)>& note)
      : link_{link}, options_{std::move(options)}, note_{note} {
    if (options_.name.empty()) options_.name = own_name();
  }

  Result<void> serve(const std::function<bool()>& ended) {
    while (!ended() && !(options_.once && served_)) {
      const TimePoint now = net::EventLoop::fresh_now();
      if (now >= next_beat_) {
        next_beat_ = now + kBeat;
        say(child_ ? "beat" : "hello", Json::object());
      }
      const auto all = link_.next(kGlance);
      if (!all) return std::unexpected(all.error());
      for (const News& news : *all) hear(news);
      if (child_) look_after_child();
    }
    return {};
  }

 private:
  /// Nobody may be there to hear it: then the next beat says it again, or the run is over anyway.
  void say(const char* kind, const Json& data) {
    static_cast<void>(
        link_.publish({.kind = kind, .run = run_, .agent = options_.name, .data = words_of(data)}));
  }

  void hear(const News& news) {
    if (news.kind == "plan" && !child_) return begin(news);
    if (news.run != run_ || run_.empty()) return;
    if (news.kind == "ping" && news.agent == options_.name) {
      const Duration wall =
          net::EventLoop::fresh_now().time_since_epoch() + net::EventLoop::epoch();
      say("pong", {{"number", object_of(news)["number"]}, {"wall_ns", wall.count()}});
    }
    if (!child_) return;
    if (news.kind == "start") {
      const Json at = object_of(news)["at_ns"];
      const auto mine = at.find(options_.name);
      if (mine != at.end() && mine->is_number_integer()) {
        child_->tell(fmt::format("start {}", mine->get<std::int64_t>()));
        started_ = true;
      }
    }
    if (news.kind == "stop") child_->signal(started_ ? SIGINT : SIGKILL);
  }

  void begin(const News& news) {
    const Json plan = object_of(news);
    const Json agents = list_of(plan, "agents");
    const auto me = std::ranges::find(agents, Json(options_.name));
    if (me == agents.end()) return;
    run_ = news.run;
    started_ = ready_ = false;
    if (writes_files(plan)) return end_with("the plan would write files on this machine");
    workshop_ = std::make_unique<Workshop>();
    auto child =
        Child::start(command(plan, static_cast<std::size_t>(me - agents.begin()), agents.size()),
                     {.errors = workshop_->file("errors")});
    if (!child) return end_with(child.error().where + ": " + child.error().why);
    child_ = std::make_unique<Child>(*std::move(child));
    note_(fmt::format("run {}: slice {} of {}", run_, me - agents.begin() + 1, agents.size()));
  }

  [[nodiscard]] std::vector<std::string> command(const Json& plan, std::size_t index,
                                                 std::size_t of) const {
    std::vector<std::string> argv{options_.program, "run"};
    for (const Json& arg : list_of(plan, "args")) {
      if (arg.is_string()) argv.push_back(arg.get<std::string>());
    }
    if (!text_of(plan, "plan_name").empty()) {
      const std::string path = workshop_->file("plan.yaml");
      std::ofstream{path, std::ios::binary} << text_of(plan, "plan");
      argv.insert(argv.end(), {"--plan", path});
    }
    argv.insert(argv.end(), {"--slice", fmt::format("{}/{}", index, of), "--standby", "--json",
                             workshop_->file("result.json")});
    return argv;
  }

  void look_after_child() {
    while (const auto line = child_->line(Duration::zero())) {
      if (line->starts_with(kSecondsMark))
        say("seconds", {{"seconds", line->substr(kSecondsMark.size())}});
      if (*line != "ready" || ready_) continue;
      ready_ = true;
      say("ready", Json::object());
    }
    const auto code = child_->ended();
    if (!code) return;
    const std::string result = content_of(workshop_->file("result.json"));
    if (!result.empty()) return hand_back(result);
    std::string why = content_of(workshop_->file("errors"));
    why.erase(why.find_last_not_of(" \n") + 1);
    end_with(why.empty() ? fmt::format("it ended with exit code {}", *code) : why);
  }

  void hand_back(const std::string& result) {
    const std::size_t parts = (result.size() + kPieceBytes - 1) / kPieceBytes;
    for (std::size_t i = 0; i < parts; ++i) {
      say("result",
          {{"part", i}, {"parts", parts}, {"text", result.substr(i * kPieceBytes, kPieceBytes)}});
    }
    finish("finished");
  }

  void end_with(const std::string& why) {
    say("failed", {{"why", why}});
    finish("failed: " + why);
  }

  void finish(const std::string& how) {
    note_("run " + run_ + ": " + how);
    child_.reset();
    workshop_.reset();
    served_ = true;
  }

  Link& link_;
  AgentOptions options_;
  const std::function<void(const std::string&)>& note_;
  TimePoint next_beat_{};
  std::string run_;  // the latest
  std::unique_ptr<Workshop> workshop_;
  std::unique_ptr<Child> child_;
  bool ready_ = false;
  bool started_ = false;
  bool served_ = false;
};

}  // namespace

Result<void> serve(Link& link, AgentOptions options, const std::function<bool()>& ended,
                   const std::function<void(const std::string&)>& note) {
  return Agent{link, std::move(options), note}.serve(ended);
}

}  // namespace headgate::load::fleet
