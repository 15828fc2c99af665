// Arrivals in a tree: `{poisson: 300/s}` and its kin. Which there are is arrival's catalog, and
// what they must fulfil is checked there; here is how their parts stand in a map.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "headgate/arrival/catalog.hpp"
#include "headgate/config/recorded.hpp"
#include "headgate/config/value.hpp"

namespace headgate::config {
namespace {

using arrival::Arrivals;
using Stage = arrival::StagesArrivals::Stage;

constexpr double kSpeedMax = 1e6;

/// What the catalog says of an option.
std::string doc_of(const arrival::Entry& entry, std::string_view option) {
  const auto found = std::ranges::find(entry.options, option, &arrival::Option::name);
  return std::string{found->doc};
}

/// What `make` (Written to optional<Result<Shape>>) makes of an object; an error of a field is
/// reported where the field stands. Nothing, if a field was wrong and has been reported.
template <class Written, class Make>
Form<Arrivals> made(const Form<Written>& form, Make make) {
  return {[read = form.read, make](const Node& node, Reading& reading) -> std::optional<Arrivals> {
            const auto written = read(node, reading);
            if (!written) return std::nullopt;
            auto shape = make(*written);
            if (!shape) return std::nullopt;
            if (*shape) return Arrivals{*std::move(*shape)};
            const auto& [code, where, why] = shape->error();
            const Node* field = node.find(where);
            reading.error("GW001", field == nullptr ? node.at : field->at,
                          fmt::format("'{}' {}", where, why));
            return std::nullopt;
          },
          form.schema};
}

struct WrittenMmpp {
  std::optional<std::vector<Rate>> rates;
  std::optional<std::vector<Duration>> stay;
};

Form<Arrivals> mmpp(const arrival::Entry& entry) {
  auto form = Object<WrittenMmpp>("arrivals with changing rates", std::string{entry.example})
                  .required("rates", &WrittenMmpp::rates, list_of(rate_or_zero(), 2),
                            doc_of(entry, "rates"))
                  .required("stay", &WrittenMmpp::stay, list_of(positive_duration(), 2),
                            doc_of(entry, "stay"))
                  .form();
  return made(form, [](const WrittenMmpp& written) {
    std::optional<Result<arrival::MmppArrivals>> shape;
    if (written.rates && written.stay) {
      shape = arrival::MmppArrivals::make(*written.rates, *written.stay);
    }
    return shape;
  });
}

struct WrittenSine {
  std::optional<Rate> mean;
  std::optional<Rate> amplitude;
  std::optional<Duration> period;
};

Form<Arrivals> sine(const arrival::Entry& entry) {
  auto form =
      Object<WrittenSine>("arrivals with a swinging rate", std::string{entry.example})
          .required("mean", &WrittenSine::mean, rate(), doc_of(entry, "mean"))
          .required("amplitude", &WrittenSine::amplitude, rate_or_zero(),
                    doc_of(entry, "amplitude"))
          .required("period", &WrittenSine::period, positive_duration(), doc_of(entry, "period"))
          .form();
  return made(form, [](const WrittenSine& written) {
    std::optional<Result<arrival::SineArrivals>> shape;
    if (written.mean && written.amplitude && written.period) {
      shape = arrival::SineArrivals::make(
          {.mean = *written.mean, .amplitude = *written.amplitude, .period = *written.period});
    }
    return shape;
  });
}

struct WrittenBatch {
  std::optional<arrival::Distribution> every;
  std::optional<std::int64_t> size;
};

Form<Arrivals> batch(const arrival::Entry& entry) {
  auto form = Object<WrittenBatch>("arrivals in groups", std::string{entry.example})
                  .required("every", &WrittenBatch::every, distribution(), doc_of(entry, "every"))
                  .required("size", &WrittenBatch::size, whole(1, 1'000'000), doc_of(entry, "size"))
                  .form();
  return made(form, [](const WrittenBatch& written) {
    std::optional<Result<arrival::BatchArrivals>> shape;
    if (written.every && written.size) {
      shape = arrival::BatchArrivals::make(*written.every, *written.size);
    }
    return shape;
  });
}

struct WrittenStage {
  std::optional<Rate> poisson;
  std::optional<Rate> constant;
  std::optional<std::pair<Rate, Rate>> ramp;
  std::optional<Duration> length;
};

/// `[100/s, 900/s]`
Form<std::pair<Rate, Rate>> ramp() {
  const std::string rate_schema = rate_or_zero().schema;
  Form<std::pair<Rate, Rate>> form = checked(
      list_of(rate_or_zero()), [](const std::vector<Rate>& ends) -> Result<std::pair<Rate, Rate>> {
        if (ends.size() == 2) return std::pair{ends[0], ends[1]};
        return failed(Errc::kInvalidArgument, {},
                      "a ramp has the rates of its two ends: [100/s, 900/s]");
      });
  form.schema = fmt::format(R"({{"type":"array","items":[{},{}],"minItems":2,"maxItems":2}})",
                            rate_schema, rate_schema);
  return form;
}

std::optional<Stage> stage_of(const WrittenStage& written) {
  if (!written.length) return std::nullopt;
  using enum Stage::Kind;
  if (written.ramp) return Stage{kRamp, written.ramp->first, written.ramp->second, *written.length};
  if (written.poisson) {
    return Stage{kPoisson, *written.poisson, *written.poisson, *written.length};
  }
  if (!written.constant) return std::nullopt;
  return Stage{kConstant, *written.constant, *written.constant, *written.length};
}

Form<Arrivals> stages(const arrival::Entry& entry) {
  auto stage =
      Object<WrittenStage>("a stage", "{poisson: 100/s, for: 30s}")
          .optional("poisson", &WrittenStage::poisson, rate_or_zero(), "random gaps at this rate")
          .optional("constant", &WrittenStage::constant, rate_or_zero(), "equal gaps at this rate")
          .optional("ramp", &WrittenStage::ramp, ramp(),
                    "random gaps, at a rate that goes from the first to the second")
          .required("for", &WrittenStage::length, positive_duration(), doc_of(entry, "for"))
          .exactly_one({"poisson", "constant", "ramp"})
          .form();
  return made(list_of(stage, 1), [](const std::vector<WrittenStage>& written) {
    std::optional<Result<arrival::StagesArrivals>> shape;
    std::vector<Stage> all;
    for (const WrittenStage& one : written) {
      const auto understood = stage_of(one);
      if (!understood) return shape;
      all.push_back(*understood);
    }
    shape = arrival::StagesArrivals::make(std::move(all));
    return shape;
  });
}

Form<Arrivals> closed(const arrival::Entry& entry) {
  using arrival::ClosedArrivals;
  auto form =
      Object<ClosedArrivals>("a closed loop")
          .required("clients", &ClosedArrivals::clients, whole(1, 1'000'000),
                    doc_of(entry, "clients"))
          .optional("think", &ClosedArrivals::think, distribution(), doc_of(entry, "think"), "0s")
          .form();
  return checked(form, [](ClosedArrivals&& loop) { return Result<Arrivals>{{std::move(loop)}}; });
}

Form<Arrivals> played_back(Result<arrival::TraceArrivals> (*read)(std::string_view)) {
  return checked(recorded<arrival::TraceArrivals>(read), [](arrival::TraceArrivals&& trace) {
    return Result<Arrivals>{{std::move(trace)}};
  });
}

Form<Arrivals> form_of(const arrival::Entry& entry) {
  if (entry.name == "closed") return closed(entry);
  if (entry.name == "mmpp") return mmpp(entry);
  if (entry.name == "sine") return sine(entry);
  if (entry.name == "batch") return batch(entry);
  if (entry.name == "stages") return stages(entry);
  if (entry.name == "trace") return played_back(arrival::read_trace);
  if (entry.name == "access_log") return played_back(arrival::read_access_log);
  return checked(rate(), [name = std::string{entry.name}](Rate value) {
    return arrival::make_arrivals(name, value);
  });
}

struct WrittenArrivals {
  std::optional<Arrivals> shape;
  std::optional<double> speed;
};

/// `speed` stands beside what it speeds up.
void set_speed(const Node& node, Reading& reading, WrittenArrivals& written) {
  const Node* const speed = node.find("speed");
  if (speed == nullptr) return;
  if (node.find("trace") == nullptr && node.find("access_log") == nullptr) {
    reading.error("GW001", speed->at, "'speed' belongs to 'trace' or 'access_log'");
  }
  if (!written.shape || !written.speed) return;
  if (auto* trace = std::get_if<arrival::TraceArrivals>(&written.shape->shape)) {
    trace->speed = *written.speed;
  }
}

}  // namespace

Form<Arrivals> arrivals() {
  Object<WrittenArrivals> object{"arrivals", "{poisson: 300/s}"};
  std::vector<std::string> names;
  for (const arrival::Entry& entry : arrival::arrivals_catalog()) {
    names.emplace_back(entry.name);
    object.optional(names.back(), &WrittenArrivals::shape, form_of(entry),
                    fmt::format("{}: {}", entry.doc, entry.example));
  }
  auto form = object.exactly_one(std::move(names))
                  .optional("speed", &WrittenArrivals::speed, number(1 / kSpeedMax, kSpeedMax),
                            "a trace or access log is played back so many times faster", "1")
                  .then(set_speed)
                  .form();
  return {[read = form.read](const Node& node, Reading& reading) -> std::optional<Arrivals> {
            auto written = read(node, reading);
            return written ? std::move(written->shape) : std::nullopt;
          },
          fmt::format(R"({{"allOf":[{},{{"dependencies":{{"speed":{{"anyOf":[)"
                      R"({{"required":["trace"]}},{{"required":["access_log"]}}]}}}}}}]}})",
                      form.schema)};
}

}  // namespace headgate::config
