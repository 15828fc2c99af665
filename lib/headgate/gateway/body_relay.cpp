#include "headgate/gateway/body_relay.hpp"

#include <algorithm>
#include <cstring>

#include "headgate/core/check.hpp"

namespace headgate::gateway {
namespace {

using Kind = http::Framing::Kind;

/// Appends to the scratch space.
class ScratchWriter {
 public:
  explicit ScratchWriter(std::span<char> space) noexcept : space_(space) {}

  void text(std::string_view text) noexcept {
    HG_ASSERT(text.size() <= space_.size() - used_);
    std::memcpy(space_.data() + used_, text.data(), text.size());
    used_ += text.size();
  }
  void chunk(std::string_view data) noexcept {
    HG_ASSERT(http::kChunkHeadMax <= space_.size() - used_);
    used_ += http::write_chunk_head(data.size(), std::span<char, http::kChunkHeadMax>{
                                                     space_.data() + used_, http::kChunkHeadMax});
    text(data);
    text(http::kChunkEnd);
  }
  [[nodiscard]] std::string_view result() const noexcept { return {space_.data(), used_}; }

 private:
  std::span<char> space_;
  std::size_t used_ = 0;
};

}  // namespace

void BodyRelay::begin(const http::Framing& in, Out out) noexcept {
  in_ = in;
  out_ = out;
  size_ = 0;
  chunked_.reset();
  done_ = in.kind == Kind::kNone || (in.kind == Kind::kLength && in.length == 0);
  HG_ASSERT(!(done_ && out == Out::kChunked));
}

BodyRelay::Step BodyRelay::step(std::string_view input, std::span<char> scratch) noexcept {
  if (done_ || input.empty()) return {};
  return in_.kind == Kind::kChunked ? step_chunked(input, scratch) : step_plain(input, scratch);
}

BodyRelay::Step BodyRelay::step_plain(std::string_view input, std::span<char> scratch) noexcept {
  if (in_.kind == Kind::kLength) {
    input = input.substr(
        0, static_cast<std::size_t>(std::min<std::uint64_t>(input.size(), in_.length - size_)));
  }
  size_ += input.size();
  done_ = in_.kind == Kind::kLength && size_ == in_.length;
  if (out_ == Out::kRaw) return {.consumed = input.size(), .output = input};
  ScratchWriter out{scratch};
  out.chunk(input);
  if (done_) out.text(http::kLastChunk);
  return {.consumed = input.size(), .output = out.result()};
}

BodyRelay::Step BodyRelay::step_chunked(std::string_view input, std::span<char> scratch) noexcept {
  ScratchWriter out{scratch};
  std::size_t at = 0;
  while (at < input.size() && !chunked_.done()) {
    const http::ChunkedDecoder::Step found = chunked_.next(input.substr(at));
    if (chunked_.refused() != http::Reason::kNone) break;
    const std::string_view data = input.substr(at + found.framing, found.data);
    at += found.framing + found.data;
    size_ += data.size();
    if (data.empty()) continue;
    if (out_ == Out::kChunked) {
      out.chunk(data);
    } else {
      out.text(data);
    }
  }
  done_ = chunked_.done();
  if (done_ && out_ == Out::kChunked) out.text(http::kLastChunk);
  return {.consumed = at, .output = out.result()};
}

std::string_view BodyRelay::end_of_input() noexcept {
  HG_ASSERT(ends_with_connection() && !done_);
  done_ = true;
  return out_ == Out::kChunked ? http::kLastChunk : std::string_view{};
}

}  // namespace headgate::gateway
