#include "headgate/redis/resp.hpp"

#include <hiredis/hiredis.h>

#include <cstddef>

#include "headgate/core/check.hpp"

namespace headgate::redis {
namespace {

struct FreeReply {
  void operator()(void* reply) const noexcept { freeReplyObject(reply); }
};

Reply reply_of(const redisReply& from) {
  Reply reply;
  switch (from.type) {
    case REDIS_REPLY_INTEGER:
      reply.kind = Reply::Kind::kInteger;
      reply.integer = from.integer;
      break;
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
      reply.kind = Reply::Kind::kText;
      reply.text.assign(from.str, from.len);
      break;
    case REDIS_REPLY_ERROR:
      reply.kind = Reply::Kind::kError;
      reply.text.assign(from.str, from.len);
      break;
    case REDIS_REPLY_ARRAY:
      reply.kind = Reply::Kind::kList;
      reply.items.reserve(from.elements);
      for (std::size_t i = 0; i < from.elements; ++i) {
        reply.items.push_back(reply_of(*from.element[i]));
      }
      break;
    default:
      break;  // nil; RESP 2 has no more
  }
  return reply;
}

}  // namespace

bool Reply::is_error(std::string_view code) const noexcept {
  return kind == Kind::kError && std::string_view{text}.substr(0, text.find(' ')) == code;
}

void append_command(std::string& out, std::span<const std::string_view> words) {
  HG_ASSERT(!words.empty());
  std::vector<const char*> starts;
  std::vector<std::size_t> sizes;
  starts.reserve(words.size());
  sizes.reserve(words.size());
  for (const std::string_view word : words) {
    starts.push_back(word.data());
    sizes.push_back(word.size());
  }
  char* command = nullptr;
  const int size =
      redisFormatCommandArgv(&command, static_cast<int>(words.size()), starts.data(), sizes.data());
  HG_ASSERT(size > 0);  // fails only without memory
  out.append(command, static_cast<std::size_t>(size));
  redisFreeCommand(command);
}

void ReplyReader::Free::operator()(void* reader) const noexcept {
  redisReaderFree(static_cast<redisReader*>(reader));
}

ReplyReader::ReplyReader() { reset(); }

void ReplyReader::reset() {
  reader_.reset(redisReaderCreate());
  HG_ASSERT(reader_ != nullptr);
}

void ReplyReader::feed(std::string_view bytes) {
  // After an error it takes nothing and says so; next() does too.
  redisReaderFeed(static_cast<redisReader*>(reader_.get()), bytes.data(), bytes.size());
}

Result<std::optional<Reply>> ReplyReader::next() {
  auto* const reader = static_cast<redisReader*>(reader_.get());
  void* found = nullptr;
  if (redisReaderGetReply(reader, &found) != REDIS_OK) {
    return failed(Errc::kCorrupt, "redis", redisReaderGetError(reader));
  }
  if (found == nullptr) return std::nullopt;
  const std::unique_ptr<void, FreeReply> owned{found};
  return reply_of(*static_cast<const redisReply*>(found));
}

}  // namespace headgate::redis
