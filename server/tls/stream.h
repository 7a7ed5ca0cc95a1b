// One TLS connection over a socket that does not block: what is to be done goes as far as the socket lets it,
// and says what it waits for.
#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <string_view>

#include "server/tls/context.h"

namespace tidemark::server {

// Used by one thread at a time.
class TlsStream {
 public:
  enum class State {
    kDone,
    kWantRead,   // again when the socket can be read
    kWantWrite,  // again when it can be written
    kClosed,     // by the peer, or after an error
  };

  // About what OpenSSL holds for a connection, handshake included.
  static constexpr std::size_t kHeldBytes = 32 * 1024;

  TlsStream(const TlsContext& context, int socket) : session_(context.new_session(socket)) {}

  State shake_hands();
  // Some bytes, `*count` of them, with kDone.
  State read(char* into, std::size_t room, std::size_t* count);
  // As read(). After another answer than kDone the same text is to be given again.
  State write(std::string_view text, std::size_t* count);
  // Tells the peer that no more comes, if the socket takes it at once.
  void say_goodbye();

 private:
  struct Free {
    void operator()(SSL* session) const { SSL_free(session); }
  };
  State state_of(int outcome);

  std::unique_ptr<SSL, Free> session_;
  bool is_broken_ = false;  // nothing more may be said
};

}  // namespace tidemark::server
