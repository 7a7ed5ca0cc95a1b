// The bytes of one connection: a socket that does not block, and TLS over it where the peer speaks that.
// Knows nothing of HTTP, of deadlines or of memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "server/http/asio.h"
#include "server/http/input_buffer.h"
#include "server/tls/stream.h"

namespace tidemark::server {

// Used by one thread. At most one wait or read at a time; shut_down(), stop_receiving() and cancel() end it.
class Connection {
 public:
  explicit Connection(Socket socket);
  // Goes on with what `other` was, which is of no use any more; `executor` is that of the thread that uses
  // this one. `other` must not be waiting for anything.
  Connection(Connection&& other, const Executor& executor);
  Connection(Connection&& other) = default;

  // Sets the socket's options. False when it is of no use.
  bool prepare();
  // The peer's address without its port; an IPv4 address is written as one.
  [[nodiscard]] const std::string& peer() const { return peer_; }
  [[nodiscard]] bool is_tls() const { return tls_.has_value(); }
  // For those who send files without a copy. Not for a connection with TLS.
  [[nodiscard]] int descriptor() { return socket_.native_handle(); }

  // Waits for the first byte, which stays where it is. Nothing at the end of the connection.
  Awaitable<std::optional<unsigned char>> first_byte();
  void begin_tls(const TlsContext& context) { tls_.emplace(context, socket_.native_handle()); }
  // Needs begin_tls(). False when the two could not agree.
  Awaitable<bool> shake_hands();

  // Appends to `*input` what has come, waiting for at least one byte. False at the end of the stream, on
  // errors, and without `has_room`, which says that the input has room.
  Awaitable<bool> read(InputBuffer* input, bool has_room);
  // What has come as it came, encrypted or not: an error, or how many bytes are at `into` now.
  Awaitable<std::tuple<boost::system::error_code, std::size_t>> read_raw(char* into, std::size_t room) {
    return socket_.async_read_some(asio::buffer(into, room), kAsValue);
  }

  // Writes one text after the other, as much as the socket takes at once; shortens them by it, and adds it to
  // `*sent`. False on errors.
  bool write_now(std::string_view* first, std::string_view* second, std::uint64_t* sent);
  // Until the socket takes more, or there is an error.
  Awaitable<std::tuple<boost::system::error_code>> writable() {
    return socket_.async_wait(asio::socket_base::wait_write, kAsValue);
  }

  // Tells a peer with TLS that no more comes, if the socket takes it at once.
  void say_goodbye() {
    if (tls_) tls_->say_goodbye();
  }
  // The peer gets nothing more. False when it is gone already.
  bool end_sending();
  // Nothing more is taken from the peer, and nothing is sent.
  void shut_down();
  void stop_receiving();
  // Ends the wait or read in progress with an error.
  void cancel();

 private:
  // Until the socket is ready for what TLS wants to do. False on errors, and when there is nothing to wait
  // for.
  Awaitable<bool> wait_for_tls(TlsStream::State state);
  Awaitable<bool> read_tls(InputBuffer* input);
  bool write_tls_now(std::string_view* text, std::uint64_t* sent);

  Socket socket_;
  std::string peer_;
  std::optional<TlsStream> tls_;  // over socket_, once the peer speaks it
};

}  // namespace tidemark::server
