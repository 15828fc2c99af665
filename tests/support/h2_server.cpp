#include "support/h2_server.hpp"

#include <nghttp2/nghttp2.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

namespace headgate::test {
namespace {

constexpr std::int32_t kWindow = 1 << 24;  // a client is never held back
constexpr std::size_t kTogether = 4;       // requests that /goaway waits for

nghttp2_nv field(std::string_view name, std::string_view value) {
  const auto bytes = [](std::string_view text) {
    return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(text.data()));
  };
  return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

}  // namespace

/// One connection.
class H2Server::Session {
 public:
  Session(H2Server& server, int fd) : server_{server}, fd_{fd} {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_server_new(&session_, callbacks, this);
    nghttp2_session_callbacks_del(callbacks);
    const nghttp2_settings_entry window{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kWindow};
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, &window, 1);
    nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, kWindow);
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() { nghttp2_session_del(session_); }

  /// Until one side ends it.
  void run() {
    std::array<std::uint8_t, 16384> input{};
    while (!over_) {
      const ssize_t size = recv(fd_, input.data(), input.size(), 0);
      if (size <= 0) return;
      if (nghttp2_session_mem_recv(session_, input.data(), static_cast<std::size_t>(size)) < 0) {
        return;
      }
      flush();
    }
    // Closing with unread input would reset the connection, and destroy what was sent.
    shutdown(fd_, SHUT_WR);
    while (recv(fd_, input.data(), input.size(), 0) > 0) {
    }
  }

 private:
  struct Stream {
    std::string path;
    std::string body;
    std::size_t sent = 0;
  };

  static Session& self(void* user) { return *static_cast<Session*>(user); }

  static int on_header(nghttp2_session* /*session*/, const nghttp2_frame* frame,
                       const std::uint8_t* name, std::size_t name_size, const std::uint8_t* value,
                       std::size_t value_size, std::uint8_t /*flags*/, void* user) {
    if (std::string_view{reinterpret_cast<const char*>(name), name_size} == ":path") {
      self(user).streams_[frame->hd.stream_id].path.assign(value, value + value_size);
    }
    return 0;
  }

  static int on_data(nghttp2_session* /*session*/, std::uint8_t /*flags*/, std::int32_t stream,
                     const std::uint8_t* bytes, std::size_t size, void* user) {
    self(user).streams_[stream].body.append(bytes, bytes + size);
    return 0;
  }

  static int on_frame(nghttp2_session* /*session*/, const nghttp2_frame* frame, void* user) {
    self(user).take(*frame);
    return 0;
  }

  static ssize_t read_body(nghttp2_session* session, std::int32_t id, std::uint8_t* out,
                           std::size_t room, std::uint32_t* flags, nghttp2_data_source* /*source*/,
                           void* user) {
    Stream& stream = self(user).streams_[id];
    const std::size_t size = std::min(room, stream.body.size() - stream.sent);
    std::copy_n(stream.body.data() + stream.sent, size, out);
    stream.sent += size;
    if (stream.sent < stream.body.size()) return static_cast<ssize_t>(size);
    if (stream.path == "/half") {  // there would be more
      if (size == 0) return NGHTTP2_ERR_DEFERRED;
      return static_cast<ssize_t>(size);
    }
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (stream.path == "/hints") {
      *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
      const nghttp2_nv trailer = field("x-kind", "trailer");
      nghttp2_submit_trailer(session, id, &trailer, 1);
    }
    return static_cast<ssize_t>(size);
  }

  void take(const nghttp2_frame& frame) {
    const std::lock_guard lock{server_.mutex_};
    if (frame.hd.type == NGHTTP2_RST_STREAM && frame.rst_stream.error_code == NGHTTP2_CANCEL) {
      ++server_.cancelled_;
    }
    if (frame.hd.type == NGHTTP2_GOAWAY && frame.goaway.error_code == NGHTTP2_NO_ERROR) {
      ++server_.farewells_;
    }
    const bool carries = frame.hd.type == NGHTTP2_HEADERS || frame.hd.type == NGHTTP2_DATA;
    if (!carries || (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) return;
    ++server_.requests_[streams_[frame.hd.stream_id].path];
    whole_.push_back(frame.hd.stream_id);
    answer(frame.hd.stream_id, streams_[frame.hd.stream_id].path);
  }

  void answer(std::int32_t id, const std::string& path) {
    if (path == "/silent") return;
    if (path == "/reset") {
      nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, NGHTTP2_INTERNAL_ERROR);
    } else if (path == "/away") {
      go_away(0);
    } else if (path == "/broken") {
      // HEADERS of no stream: RFC 9113 section 6.2.
      last_words_ = std::string{"\0\0\1\1\4\0\0\0\0x", 10};
    } else if (path.starts_with("/goaway") && server_.connections() == 1) {
      if (whole_.size() == kTogether) first_goes(path == "/goaway");
    } else {
      respond(id, path);
    }
  }

  void first_goes(bool answers) {
    go_away(whole_[1]);
    if (!answers) return;
    respond(whole_[0], "/");
    respond(whole_[1], "/");
  }

  void go_away(std::int32_t last) {
    nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE, last, NGHTTP2_INTERNAL_ERROR, nullptr, 0);
    over_ = true;
  }

  void respond(std::int32_t id, const std::string& path) {
    if (path == "/hints") {
      const std::array<nghttp2_nv, 2> hints{field(":status", "103"), field("x-kind", "hint")};
      nghttp2_submit_headers(session_, NGHTTP2_FLAG_NONE, id, nullptr, hints.data(), hints.size(),
                             nullptr);
    }
    if (path == "/too-long" || path == "/half") streams_[id].body = "only this";
    over_ = over_ || path == "/half";
    std::vector<nghttp2_nv> fields{field(":status", "200"), field("x-kind", "echo")};
    if (path == "/too-long") fields.push_back(field("content-length", "5"));
    nghttp2_data_provider provider{};
    provider.read_callback = read_body;
    nghttp2_submit_response(session_, id, fields.data(), fields.size(), &provider);
  }

  void flush() {
    const std::uint8_t* bytes = nullptr;
    for (ssize_t size = 0; (size = nghttp2_session_mem_send(session_, &bytes)) > 0;) {
      send_all(fd_, {reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)});
    }
    send_all(fd_, std::exchange(last_words_, {}));
  }

  H2Server& server_;
  int fd_;
  nghttp2_session* session_ = nullptr;  // owned
  std::map<std::int32_t, Stream> streams_;
  std::vector<std::int32_t> whole_;  // streams whose request is all here
  std::string last_words_;           // beside the session
  bool over_ = false;                // the connection ends with what is to be sent
};

void H2Server::serve(int fd) { Session{*this, fd}.run(); }

std::uint64_t H2Server::requests(const std::string& path) const {
  const std::lock_guard lock{mutex_};
  const auto found = requests_.find(path);
  return found == requests_.end() ? 0 : found->second;
}

std::uint64_t H2Server::cancelled() const {
  const std::lock_guard lock{mutex_};
  return cancelled_;
}

std::uint64_t H2Server::farewells() const {
  const std::lock_guard lock{mutex_};
  return farewells_;
}

}  // namespace headgate::test
