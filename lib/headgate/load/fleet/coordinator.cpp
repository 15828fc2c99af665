#include "headgate/load/fleet/coordinator.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <nlohmann/json.hpp>
#include <random>

#include "headgate/load/second_json.hpp"
#include "headgate/net/event_loop.hpp"

namespace headgate::load::fleet {
namespace {

using Json = nlohmann::json;

constexpr Duration kLook = std::chrono::milliseconds{50};
constexpr int kPings = 7;
constexpr Duration kPongLimit = std::chrono::seconds{2};
/// From the announcement to the start: every agent has heard it by then.
constexpr Duration kStartAhead = std::chrono::milliseconds{700};

TimePoint here() noexcept { return net::EventLoop::fresh_now(); }
Duration wall_now() noexcept { return here().time_since_epoch() + net::EventLoop::epoch(); }

/// What is not UTF-8 in it is replaced: an event is JSON.
std::string text_of(const Json& data) {
  return data.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json data_of(const News& news) {
  Json data = Json::parse(news.data, nullptr, false);
  return data.is_object() ? data : Json::object();
}

std::string text_at(const Json& data, const char* key) {
  const auto found = data.find(key);
  return found != data.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

std::int64_t whole_at(const Json& data, const char* key) {
  const auto found = data.find(key);
  return found != data.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

struct Member {
  Part part;
  bool ready = false;
  bool over = false;
  TimePoint heard{};                           // last sign of life
  std::map<std::int64_t, std::string> pieces;  // of its result
  std::deque<Second> seconds;                  // that others have not sent yet
};

class Coordinator {
 public:
  Coordinator(Link& link, const Orders& orders, const std::function<bool()>& interrupted,
              const Audience& audience)
      : link_{link}, orders_{orders}, interrupted_{interrupted}, audience_{audience} {
    std::random_device entropy;
    run_ = fmt::format("{:08x}{:08x}", entropy(), entropy());
  }

  Result<std::vector<Part>> run() {
    for (const auto step :
         {&Coordinator::gather, &Coordinator::prepare, &Coordinator::compare_clocks,
          &Coordinator::start, &Coordinator::collect}) {
      if (auto done = (this->*step)(); !done) {
        static_cast<void>(say("stop", {}));
        return std::unexpected(done.error());
      }
    }
    std::vector<Part> parts;
    parts.reserve(members_.size());
    for (Member& member : members_) parts.push_back(std::move(member.part));
    return parts;
  }

 private:
  Result<void> say(const char* kind, const Json& data, const std::string& to = {}) {
    return link_.publish(
        {.kind = kind, .run = run_, .agent = to, .data = data.is_null() ? "{}" : text_of(data)});
  }

  /// Takes what has come until `met`, or the limit passes; says whether it is met.
  template <class Met>
  Result<bool> hear_until(TimePoint limit, Met met) {
    while (!met()) {
      if (interrupted_()) return failed(Errc::kUnavailable, link_.address(), "interrupted");
      if (here() > limit) return false;
      auto all = link_.next(kLook);
      if (!all) return std::unexpected(all.error());
      for (const News& news : *all) hear(news);
    }
    return true;
  }

  Member* find(const std::string& agent) {
    const auto found = std::ranges::find(
        members_, agent, [](const Member& m) -> const std::string& { return m.part.agent; });
    return found == members_.end() ? nullptr : &*found;
  }

  void hear(const News& news) {
    if (news.kind == "hello" && gathering_ && find(news.agent) == nullptr) {
      if (members_.size() < orders_.agents) {
        members_.emplace_back().part.agent = news.agent;
        audience_.note("joined: " + news.agent);
      }
    }
    Member* const member = find(news.agent);
    if (member == nullptr) return;
    member->heard = here();
    if (news.run != run_ || member->over) return;
    const Json data = data_of(news);
    if (news.kind == "ready") member->ready = true;
    if (news.kind == "pong") take_pong(*member, data);
    if (news.kind == "seconds") take_seconds(*member, data);
    if (news.kind == "result") take_piece(*member, data);
    if (news.kind == "failed") {
      member->over = true;
      member->part.why = text_at(data, "why");
    }
  }

  Result<void> gather() {
    gathering_ = true;
    const auto all = hear_until(here() + orders_.join_limit,
                                [this] { return members_.size() == orders_.agents; });
    gathering_ = false;
    if (!all) return std::unexpected(all.error());
    if (*all) return {};
    return failed(
        Errc::kTimeout, link_.address(),
        fmt::format("{} of {} agents joined within {} s{}; start `loadgen agent --join {}` "
                    "on the others",
                    members_.size(), orders_.agents,
                    std::chrono::floor<std::chrono::seconds>(orders_.join_limit).count(),
                    names([](const Member&) { return true; }), link_.address()));
  }

  template <class Which>
  [[nodiscard]] std::string names(Which which) const {
    std::string text;
    for (const Member& member : members_) {
      if (which(member)) text += (text.empty() ? ": " : ", ") + member.part.agent;
    }
    return text;
  }

  Result<void> prepare() {
    Json agents = Json::array();
    for (const Member& member : members_) agents.push_back(member.part.agent);
    auto said = say("plan", {{"agents", agents},
                             {"args", orders_.args},
                             {"plan_name", orders_.plan_name},
                             {"plan", orders_.plan_text}});
    if (!said) return said;
    const auto all = hear_until(here() + orders_.join_limit, [this] {
      return std::ranges::all_of(members_, [](const Member& m) { return m.ready || m.over; });
    });
    if (!all) return std::unexpected(all.error());
    for (const Member& member : members_) {
      if (member.over) {
        return failed(Errc::kUnavailable, "agent " + member.part.agent, member.part.why);
      }
    }
    if (*all) return {};
    return failed(Errc::kTimeout, link_.address(),
                  "not ready in time" + names([](const Member& m) { return !m.ready; }));
  }

  Result<void> compare_clocks() {
    for (int round = 0; round < kPings; ++round) {
      for (Member& member : members_) {
        pong_ = false;
        pinged_ = wall_now();
        auto said = say("ping", {{"number", ++ping_}}, member.part.agent);
        if (!said) return said;
        const auto answered = hear_until(here() + kPongLimit, [this] { return pong_; });
        if (!answered) return std::unexpected(answered.error());
      }
    }
    return {};
  }

  /// Of all round trips the shortest says most.
  void take_pong(Member& member, const Json& data) {
    if (whole_at(data, "number") != ping_) return;
    const Duration now = wall_now();
    const Duration error = (now - pinged_) / 2;
    pong_ = true;
    const bool first = member.part.clock_error == Duration::zero();
    if (!first && error >= member.part.clock_error) return;
    member.part.clock_error = error;
    member.part.clock_offset = Duration{whole_at(data, "wall_ns")} - (pinged_ + error);
  }

  /// Each is told the moment by its own clock.
  Result<void> start() {
    const Duration at = wall_now() + kStartAhead;
    Json moments = Json::object();
    for (const Member& member : members_) {
      moments[member.part.agent] = (at + member.part.clock_offset).count();
    }
    audience_.note("start: all ready");
    return say("start", {{"at_ns", moments}});
  }

  void take_piece(Member& member, const Json& data) {
    member.pieces[whole_at(data, "part")] = text_at(data, "text");
    if (static_cast<std::int64_t>(member.pieces.size()) != whole_at(data, "parts")) return;
    for (const auto& [number, text] : member.pieces) member.part.result += text;
    member.over = true;
    audience_.note("finished: " + member.part.agent);
  }

  /// What cannot be read is left out: nobody's result depends on it.
  void take_seconds(Member& member, const Json& data) {
    const auto seconds = read_seconds(text_at(data, "seconds"));
    if (!seconds) return;
    for (const Second& second : *seconds) {
      if (member.seconds.size() < kSecondsMax) member.seconds.push_back(second);
    }
  }

  /// Those that every agent has sent, or never will.
  void show_seconds() {
    const auto waits = [](const Member& m) { return m.seconds.empty() && !m.over; };
    const auto has = [](const Member& m) { return !m.seconds.empty(); };
    while (std::ranges::none_of(members_, waits) && std::ranges::any_of(members_, has)) {
      Progress sum{.totals = {}, .seconds = {{}}};
      for (Member& member : members_) {
        if (member.seconds.empty()) continue;
        sum.merge({.totals = {}, .seconds = {std::move(member.seconds.front())}});
        member.seconds.pop_front();
      }
      audience_.second(sum.seconds.front());
    }
  }

  Result<void> collect() {
    for (Member& member : members_) member.heard = here();
    bool stopped = false;
    while (!std::ranges::all_of(members_, &Member::over)) {
      if (interrupted_() && !stopped) {
        stopped = true;
        if (auto said = say("stop", {}); !said) return said;
      }
      auto all = link_.next(kLook);
      if (!all) return std::unexpected(all.error());
      for (const News& news : *all) hear(news);
      for (Member& member : members_) {
        if (member.over || here() - member.heard < kSilenceMax) continue;
        member.over = true;
        member.part.why =
            fmt::format("nothing was heard of it for {} s",
                        std::chrono::floor<std::chrono::seconds>(kSilenceMax).count());
        audience_.note("missing: " + member.part.agent);
      }
      show_seconds();
    }
    return {};
  }

  Link& link_;
  const Orders& orders_;
  const std::function<bool()>& interrupted_;
  const Audience& audience_;
  std::string run_;
  std::vector<Member> members_;  // in the order of joining: the number of its slice
  bool gathering_ = false;
  std::int64_t ping_ = 0;  // the number of the last
  Duration pinged_{};
  bool pong_ = false;
};

}  // namespace

Result<std::vector<Part>> coordinate(Link& link, const Orders& orders,
                                     const std::function<bool()>& interrupted,
                                     const Audience& audience) {
  return Coordinator{link, orders, interrupted, audience}.run();
}

}  // namespace headgate::load::fleet
