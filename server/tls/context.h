// What a listener needs to speak TLS: a certificate and its key, read once.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "base/result.h"

namespace tidemark::server {

// TLS 1.2 and 1.3; HTTP/1.1 is what is negotiated. Thread-safety: new_session() may be called concurrently.
class TlsContext {
 public:
  // Chain and key in PEM. Errors: kInvalidArgument, naming the file that is no good, or saying that the key
  // is not that of the certificate.
  static Result<std::unique_ptr<TlsContext>> load(const std::string& chain_file, const std::string& key_file);

  // The server's side of a connection on the socket, which must not block and outlives it. Null when there is
  // no memory.
  [[nodiscard]] SSL* new_session(int socket) const;

 private:
  struct Free {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };
  explicit TlsContext(SSL_CTX* context) : context_(context) {}
  const std::unique_ptr<SSL_CTX, Free> context_;
};

}  // namespace tidemark::server
