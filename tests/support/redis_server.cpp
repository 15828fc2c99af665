#include "support/redis_server.hpp"

#include <hiredis/hiredis.h>

#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <vector>

#include "support/free_port.hpp"

namespace headgate::test {
namespace {

struct Free {
  void operator()(redisContext* context) const noexcept { redisFree(context); }
  void operator()(redisReply* reply) const noexcept { freeReplyObject(reply); }
};
using Connection = std::unique_ptr<redisContext, Free>;

Connection connect_to(int port) {
  constexpr timeval kLimit{.tv_sec = 20, .tv_usec = 0};
  Connection connection{redisConnectWithTimeout("127.0.0.1", port, kLimit)};
  if (connection == nullptr || connection->err != 0) return nullptr;
  redisSetTimeout(connection.get(), kLimit);
  return connection;
}

std::string text_of(const redisReply& reply) {
  switch (reply.type) {
    case REDIS_REPLY_INTEGER:
      return std::to_string(reply.integer);
    case REDIS_REPLY_NIL:
      return "(nil)";
    case REDIS_REPLY_ARRAY: {
      std::string text;
      for (std::size_t i = 0; i < reply.elements; ++i) {
        text += (i == 0 ? "" : " ") + text_of(*reply.element[i]);
      }
      return text;
    }
    default:
      return {reply.str, reply.len};
  }
}

}  // namespace

RedisServer::RedisServer() {
  // Between the look and the start another process may take the port: then it is another one's
  // turn.
  for (int attempt = 0; attempt < 5; ++attempt) {
    port_ = free_port();
    try {
      start();
      return;
    } catch (const std::runtime_error&) {
      if (attempt == 4) throw;
    }
  }
}

bool RedisServer::answers() const {
  const Connection connection = connect_to(port_);
  if (connection == nullptr) return false;
  const std::unique_ptr<redisReply, Free> reply{
      static_cast<redisReply*>(redisCommand(connection.get(), "PING"))};
  return reply != nullptr && text_of(*reply) == "PONG";
}

void RedisServer::start() {
  process_ = std::make_unique<Process>(Argv{"redis-server", "--port", std::to_string(port_),
                                            "--bind", "127.0.0.1", "--save", "", "--appendonly",
                                            "no", "--dir", dir_.path(), "--loglevel", "warning"});
  if (!eventually([this] { return !process_->running() || answers(); }) || !process_->running()) {
    throw std::runtime_error("no redis-server: " + process_->err());
  }
}

void RedisServer::kill() {
  process_->signal(SIGKILL);
  static_cast<void>(process_->wait());
}

void RedisServer::pause() const { process_->signal(SIGSTOP); }
void RedisServer::resume() const { process_->signal(SIGCONT); }

std::string RedisServer::call(const Argv& words) const {
  const Connection connection = connect_to(port_);
  if (connection == nullptr) throw std::runtime_error("no connection to redis-server");
  std::vector<const char*> starts;
  std::vector<std::size_t> sizes;
  for (const std::string& word : words) {
    starts.push_back(word.data());
    sizes.push_back(word.size());
  }
  const std::unique_ptr<redisReply, Free> reply{static_cast<redisReply*>(redisCommandArgv(
      connection.get(), static_cast<int>(words.size()), starts.data(), sizes.data()))};
  if (reply == nullptr) throw std::runtime_error("redis-server did not answer");
  return text_of(*reply);
}

long RedisServer::info(const std::string& name) const {
  const std::string all = call({"INFO"});
  const std::size_t at = all.find("\n" + name + ":");
  if (at == std::string::npos) throw std::runtime_error("INFO has no " + name);
  return std::strtol(all.c_str() + at + name.size() + 2, nullptr, 10);
}

}  // namespace headgate::test
