#include "headgate/gateway/caller.hpp"

#include "headgate/core/check.hpp"
#include "headgate/ratelimit/consumers.hpp"

namespace headgate::gateway {
namespace {

std::string_view part_of(const Caller& caller, const ratelimit::KeyPart& part,
                         std::string_view client) noexcept {
  switch (part.source) {
    case ratelimit::KeySource::kClientIp:
      return client;
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

KeyTexts::KeyTexts(const Caller& caller, const ratelimit::KeySpec& key,
                   const ratelimit::AddressPrefixes& prefixes) noexcept {
  HG_ASSERT(key.size() <= kKeyPartsMax);
  const std::string_view client = caller.client.network(prefixes, network_);
  for (const ratelimit::KeyPart& part : key) {
    if (part.source != ratelimit::KeySource::kConsumer) {
      texts_[count_++] = part_of(caller, part, client);
      continue;
    }
    for (const auto text : ratelimit::consumer_texts(caller.consumer, client)) {
      texts_[count_++] = text;
    }
  }
}

}  // namespace headgate::gateway
