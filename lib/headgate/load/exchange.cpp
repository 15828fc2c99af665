#include "headgate/load/exchange.hpp"

#include "headgate/core/check.hpp"
#include "headgate/load/http1_exchange.hpp"
#include "headgate/load/http2_exchange.hpp"
#include "headgate/load/ws_exchange.hpp"

namespace headgate::load {

std::unique_ptr<Exchange> make_exchange(net::EventLoop& loop, const Target& target,
                                        ExchangeHandler& handler) {
  switch (target.protocol) {
    case Protocol::kHttp1:
      return std::make_unique<Http1Exchange>(loop, target, handler);
    case Protocol::kHttp2:
      return std::make_unique<Http2Exchange>(loop, target, handler);
    case Protocol::kWebSocket:
      return std::make_unique<WsExchange>(loop, target, handler);
  }
  HG_ASSERT(false);
  return nullptr;
}

Failure failure_of(net::CloseReason reason) noexcept {
  switch (reason) {
    case net::CloseReason::kConnectRefused:
      return Failure::kConnectionRefused;
    case net::CloseReason::kConnectFailed:
      return Failure::kConnectFailed;
    case net::CloseReason::kTlsFailed:
      return Failure::kTlsFailed;
    case net::CloseReason::kLocal:
    case net::CloseReason::kTimedOut:
    case net::CloseReason::kReset:
      break;
  }
  return Failure::kConnectionReset;
}

}  // namespace headgate::load
