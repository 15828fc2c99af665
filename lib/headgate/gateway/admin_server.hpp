// The admin listener: a small HTTP server on the control thread, apart from the data path, so that
// it answers when the workers are busy.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "headgate/core/result.hpp"
#include "headgate/gateway/admin_pages.hpp"
#include "headgate/net/address.hpp"

namespace boost::asio {
class io_context;  // NOLINT(readability-identifier-naming): Boost's name
}

namespace headgate::gateway {

/// Lives and is called on the thread that runs `context`.
class AdminServer {
 public:
  static constexpr int kConnectionsMax = 64;  ///< further ones wait in the kernel
  using Handler = std::function<Page(std::string_view path)>;

  /// Fails with kUnavailable if the port is in use, kIo otherwise; `where` is the address.
  [[nodiscard]] static Result<std::unique_ptr<AdminServer>> start(boost::asio::io_context& context,
                                                                  const net::Address& address,
                                                                  Handler handler);
  ~AdminServer();
  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;

  [[nodiscard]] const net::Address& address() const noexcept;

 private:
  struct State;
  explicit AdminServer(std::shared_ptr<State> state) noexcept;

  std::shared_ptr<State> state_;  // shared with the connections
};

}  // namespace headgate::gateway
