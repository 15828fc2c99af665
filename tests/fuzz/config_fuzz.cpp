// Any bytes as a document: each reader answers with a model or with diagnostics, never with a
// crash, a hang or a model that claims to be right while errors were found.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "headgate/config/gateway_config.hpp"
#include "headgate/config/load_plan.hpp"
#include "headgate/config/scenario_config.hpp"
#include "headgate/core/check.hpp"

namespace {

template <class T>
void check(const headgate::config::Loaded<T>& loaded) {
  HG_ASSERT(loaded.readable || !loaded.diagnostics.empty());
  for (const auto& diagnostic : loaded.diagnostics) {
    HG_ASSERT(!to_text(diagnostic).empty() && !to_json(diagnostic).empty());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace headgate::config;
  // The first byte chooses the document, so that a corpus serves all three.
  if (size == 0) return 0;
  const std::string_view text{reinterpret_cast<const char*>(data) + 1, size - 1};
  switch (data[0] % 3) {
    case 0: {
      const auto loaded = load_gateway_text(text, "fuzz.yaml");
      check(loaded);
      HG_ASSERT(!loaded.ok() || !loaded.value.routes.empty());
      break;
    }
    case 1: {
      const auto loaded = load_scenario_text(text, "fuzz.yaml");
      check(loaded);
      HG_ASSERT(!loaded.ok() || loaded.value.base().arrivals.has_value());
      break;
    }
    default: {
      const auto loaded = load_plan_text(text, "fuzz.yaml");
      check(loaded);
      HG_ASSERT(!loaded.ok() || !loaded.value.targets.empty());
    }
  }
  return 0;
}
