#include "server/tls/stream.h"

#include <openssl/err.h>

namespace tidemark::server {

TlsStream::State TlsStream::state_of(int outcome) {
  if (outcome == 1) return State::kDone;
  switch (SSL_get_error(session_.get(), outcome)) {
    case SSL_ERROR_WANT_READ:
      return State::kWantRead;
    case SSL_ERROR_WANT_WRITE:
      return State::kWantWrite;
    case SSL_ERROR_ZERO_RETURN:
      return State::kClosed;
    default:
      is_broken_ = true;
      return State::kClosed;
  }
}

// The queue of errors is the thread's: what another connection left there would be taken for ours.
TlsStream::State TlsStream::shake_hands() {
  if (session_ == nullptr) return State::kClosed;
  ERR_clear_error();
  return state_of(SSL_do_handshake(session_.get()));
}

TlsStream::State TlsStream::read(char* into, std::size_t room, std::size_t* count) {
  ERR_clear_error();
  return state_of(SSL_read_ex(session_.get(), into, room, count));
}

TlsStream::State TlsStream::write(std::string_view text, std::size_t* count) {
  ERR_clear_error();
  return state_of(SSL_write_ex(session_.get(), text.data(), text.size(), count));
}

void TlsStream::say_goodbye() {
  if (session_ == nullptr || is_broken_ || SSL_is_init_finished(session_.get()) == 0) return;
  ERR_clear_error();
  SSL_shutdown(session_.get());
}

}  // namespace tidemark::server
