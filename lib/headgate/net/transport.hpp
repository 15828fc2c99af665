// How connections to one place are made: from which addresses, with what ahead of and around their
// bytes. Shared by all connections and threads; what changes in it is safe to.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "headgate/net/address.hpp"
#include "headgate/net/proxy_header.hpp"
#include "headgate/net/tls_context.hpp"

namespace headgate::net {

/// IPv4 addresses in a row: `first` is a number, see Address::v4.
struct AddressRange {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
};

class Transport {
 public:
  struct Options {
    Address address;                           ///< where to
    std::vector<Address> sources = {};         ///< bound in turn; empty: the system chooses
    ProxyVersion proxy = ProxyVersion::kNone;  ///< sent ahead of everything
    /// Whom the PROXY header names; empty: the connection's own source. Made up, in turn.
    AddressRange clients = {};
    std::shared_ptr<const TlsContext> tls = nullptr;  ///< null: none
    std::string server_name = {};  ///< the name to ask for and to verify; empty: none
  };

  explicit Transport(Options options) : options_{std::move(options)} {}

  [[nodiscard]] const Options& options() const noexcept { return options_; }
  [[nodiscard]] const Address& address() const noexcept { return options_.address; }
  /// The source of the next connection; null: any. Thread-safe.
  [[nodiscard]] const Address* next_source() const noexcept {
    if (options_.sources.empty()) return nullptr;
    const std::uint32_t turn = turn_.fetch_add(1, std::memory_order_relaxed);
    return &options_.sources[turn % options_.sources.size()];
  }
  /// The PROXY header of the next connection, which comes from `source`. Thread-safe.
  [[nodiscard]] std::string next_proxy_header(const Address& source) const;
  /// Remembers why a connection did not come up. Thread-safe, as are the three below.
  void set_fault(std::string why) const;
  /// The same of one that did not agree on TLS, or on what is spoken within, or lost it later.
  void set_tls_fault(std::string why) const;
  /// What was remembered last, of all; empty: nothing.
  [[nodiscard]] std::string fault() const;
  /// And of TLS.
  [[nodiscard]] std::string tls_fault() const;

 private:
  Options options_;
  mutable std::atomic<std::uint32_t> turn_ = 0;         // of the sources
  mutable std::atomic<std::uint32_t> client_turn_ = 0;  // of the clients
  mutable std::mutex mutex_;
  mutable std::string fault_;      // guarded by mutex_
  mutable std::string tls_fault_;  // guarded by mutex_
};

}  // namespace headgate::net
