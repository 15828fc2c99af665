#include "headgate/gateway/caller.hpp"

#include "headgate/core/check.hpp"
#include "headgate/ratelimit/consumers.hpp"

namespace headgate::gateway {
namespace {

std::string_view part_of(const Caller& caller, const ratelimit::KeyPart& part) noexcept {
  switch (part.source) {
    case ratelimit::KeySource::kClientIp:
      return caller.client;
    case ratelimit::KeySource::kHeader:
      return caller.fields.value(part.header);
    case ratelimit::KeySource::kRoute:
      return caller.route;
    case ratelimit::KeySource::kService:
      return caller.service;
    case ratelimit::KeySource::kConsumer:  // has two texts: below
    case ratelimit::KeySource::kGlobal:
      break;
  }
  return {};
}

}  // namespace

KeyTexts::KeyTexts(const Caller& caller, const ratelimit::KeySpec& key) noexcept {
  HG_ASSERT(key.size() <= kKeyPartsMax);
  for (const ratelimit::KeyPart& part : key) {
    if (part.source != ratelimit::KeySource::kConsumer) {
      texts_[count_++] = part_of(caller, part);
      continue;
    }
    for (const auto text : ratelimit::consumer_texts(caller.consumer, caller.client)) {
      texts_[count_++] = text;
    }
  }
}

}  // namespace headgate::gateway
