#include "headgate/report/lines.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace headgate::report {
namespace {

constexpr std::size_t kBufferSize = std::size_t{1} << 17;

std::string words_of(int number) { return std::generic_category().message(number); }

}  // namespace

Result<LineReader> LineReader::open(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return failed(Errc::kIo, path, "cannot open: " + words_of(errno));
  return LineReader{fd, path};
}

LineReader::LineReader(int fd, std::string path) : fd_(fd), path_(std::move(path)) {
  buffer_.resize(kBufferSize);
}

LineReader::LineReader(LineReader&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      path_(std::move(other.path_)),
      buffer_(std::move(other.buffer_)),
      begin_(other.begin_),
      end_(other.end_),
      line_(other.line_) {}

LineReader::~LineReader() {
  if (fd_ >= 0) ::close(fd_);
}

Error LineReader::error(std::string why, Errc code) const {
  return {.code = code, .where = fmt::format("{}:{}", path_, line_), .why = std::move(why)};
}

Result<bool> LineReader::fill() {
  if (begin_ > 0) {  // what is left moves to the front, so that the buffer does not grow
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) buffer_.resize(2 * buffer_.size());
  const ssize_t count = ::read(fd_, buffer_.data() + end_, buffer_.size() - end_);
  if (count < 0) return failed(Errc::kIo, path_, "cannot read: " + words_of(errno));
  end_ += static_cast<std::size_t>(count);
  return count > 0;
}

Result<std::optional<std::string_view>> LineReader::next() {
  std::size_t seen = 0;  // of what is there, how much holds no line end
  while (true) {
    const std::string_view rest{buffer_.data() + begin_, end_ - begin_};
    const std::size_t newline = rest.find('\n', seen);
    const bool whole = newline != std::string_view::npos;
    if (!whole) {
      seen = rest.size();
      if (seen > kLineBytesMax.count) {
        ++line_;
        return std::unexpected(
            error(fmt::format("a line of more than {} bytes", kLineBytesMax.count), Errc::kIo));
      }
      const Result<bool> more = fill();
      if (!more) return std::unexpected(more.error());
      if (*more) continue;
      if (rest.empty()) return std::nullopt;
    }
    std::string_view line{buffer_.data() + begin_, whole ? newline : end_ - begin_};
    begin_ += line.size() + (whole ? 1 : 0);
    ++line_;
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }
}

Result<void> BufferedOutput::flush() {
  std::string_view rest = text_;
  while (!rest.empty()) {
    const ssize_t written = ::write(fd_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const Errc code = errno == EPIPE                       ? Errc::kUnavailable
                        : errno == ENOSPC || errno == EDQUOT ? Errc::kNoSpace
                                                             : Errc::kIo;
      return failed(code, "output", "cannot write: " + words_of(errno));
    }
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  text_.clear();
  return {};
}

}  // namespace headgate::report
