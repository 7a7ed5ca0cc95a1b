#include "server/http/connection.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

// See http_session.h about coroutines.

namespace tidemark::server {
namespace {

std::string peer_address(const Socket& socket) {
  boost::system::error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) return {};
  const asio::ip::address address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  }
  return address.to_string();
}

}  // namespace

Connection::Connection(Socket socket) : socket_(std::move(socket)), peer_(peer_address(socket_)) {}

Connection::Connection(Connection&& other, const Executor& executor)
    : socket_(executor), peer_(std::move(other.peer_)), tls_(std::move(other.tls_)) {
  boost::system::error_code error;
  const auto local = other.socket_.local_endpoint(error);
  int descriptor = -1;
  if (!error) descriptor = other.socket_.release(error);
  if (!error) socket_.assign(local.protocol(), descriptor, error);
  if (!error) return;
  // It comes to its end: prepare() says so.
  tls_.reset();
  if (descriptor >= 0) ::close(descriptor);
}

bool Connection::prepare() {
  boost::system::error_code error;
  socket_.set_option(asio::ip::tcp::no_delay(true), error);
  if (!error) socket_.non_blocking(true, error);
  return !error;
}

Awaitable<std::optional<unsigned char>> Connection::first_byte() {
  for (;;) {
    const auto [error] = co_await socket_.async_wait(asio::socket_base::wait_read, kAsValue);
    if (error) co_return std::nullopt;
    unsigned char byte = 0;
    const auto count = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (count == 1) co_return byte;
    if (count == 0 || (errno != EAGAIN && errno != EINTR)) co_return std::nullopt;
  }
}

Awaitable<bool> Connection::shake_hands() {
  for (;;) {
    const TlsStream::State state = tls_->shake_hands();
    if (state == TlsStream::State::kDone) co_return true;
    const bool is_open = co_await wait_for_tls(state);
    if (!is_open) co_return false;
  }
}

Awaitable<bool> Connection::wait_for_tls(TlsStream::State state) {
  if (state == TlsStream::State::kClosed) co_return false;
  const auto what =
      state == TlsStream::State::kWantWrite ? asio::socket_base::wait_write : asio::socket_base::wait_read;
  const auto [error] = co_await socket_.async_wait(what, kAsValue);
  co_return !error;
}

Awaitable<bool> Connection::read(InputBuffer* input, bool has_room) {
  if (!has_room) co_return false;
  if (tls_) {
    co_return co_await read_tls(input);
  }
  const auto [error, count] =
      co_await socket_.async_read_some(asio::buffer(input->room(), input->room_size()), kAsValue);
  if (error) {
    input->shrink_if_empty();
    co_return false;
  }
  input->grew(count);
  co_return true;
}

Awaitable<bool> Connection::read_tls(InputBuffer* input) {
  for (;;) {
    std::size_t count = 0;
    const TlsStream::State state = tls_->read(input->room(), input->room_size(), &count);
    if (state == TlsStream::State::kDone) {
      input->grew(count);
      co_return true;
    }
    const bool is_open = co_await wait_for_tls(state);
    if (!is_open) {
      input->shrink_if_empty();
      co_return false;
    }
  }
}

bool Connection::write_now(std::string_view* first, std::string_view* second, std::uint64_t* sent) {
  if (tls_) return write_tls_now(first, sent) && (!first->empty() || write_tls_now(second, sent));
  const std::array<asio::const_buffer, 2> buffers{asio::buffer(first->data(), first->size()),
                                                  asio::buffer(second->data(), second->size())};
  boost::system::error_code error;
  // send(2) takes less than sendmsg(2).
  const std::size_t written =
      second->empty() ? socket_.write_some(buffers[0], error) : socket_.write_some(buffers, error);
  if (error) return error == asio::error::would_block;
  *sent += written;
  const std::size_t of_first = std::min(written, first->size());
  first->remove_prefix(of_first);
  second->remove_prefix(written - of_first);
  return true;
}

bool Connection::write_tls_now(std::string_view* text, std::uint64_t* sent) {
  while (!text->empty()) {
    std::size_t count = 0;
    const TlsStream::State state = tls_->write(*text, &count);
    if (state == TlsStream::State::kClosed) return false;
    if (state != TlsStream::State::kDone) return true;
    *sent += count;
    text->remove_prefix(count);
  }
  return true;
}

bool Connection::end_sending() {
  say_goodbye();
  boost::system::error_code error;
  socket_.shutdown(asio::socket_base::shutdown_send, error);
  return !error;
}

void Connection::shut_down() {
  boost::system::error_code ignored;
  socket_.shutdown(asio::socket_base::shutdown_both, ignored);
}

void Connection::stop_receiving() {
  boost::system::error_code ignored;
  socket_.shutdown(asio::socket_base::shutdown_receive, ignored);
}

void Connection::cancel() {
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

}  // namespace tidemark::server
