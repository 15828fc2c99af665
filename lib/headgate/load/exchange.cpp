#include "headgate/load/exchange.hpp"

#include "headgate/core/check.hpp"
#include "headgate/load/http1_exchange.hpp"

namespace headgate::load {

std::unique_ptr<Exchange> make_exchange(net::EventLoop& loop, const Target& target,
                                        ExchangeHandler& handler) {
  switch (target.protocol) {
    case Protocol::kHttp1:
      return std::make_unique<Http1Exchange>(loop, target, handler);
  }
  HG_ASSERT(false);
  return nullptr;
}

}  // namespace headgate::load
