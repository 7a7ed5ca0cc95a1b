#include "server/tls/context.h"

#include <openssl/err.h>

#include <array>

namespace tidemark::server {
namespace {

// Browsers and curl offer HTTP/2 first. A client that offers nothing that we speak is told so.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* length, const unsigned char* offered,
                    unsigned int offered_length, void*) {
  static constexpr std::array<unsigned char, 9> kOurs = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* found = nullptr;
  const int outcome =
      SSL_select_next_proto(&found, length, kOurs.data(), kOurs.size(), offered, offered_length);
  *chosen = found;
  return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

Error bad_file(const std::string& file, const char* wanted) {
  const unsigned long code = ERR_peek_last_error();
  const char* const reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  ERR_clear_error();
  return Error::invalid_argument("'" + file + "' is no " + wanted +
                                 (reason == nullptr ? std::string() : " (" + std::string(reason) + ")"));
}

}  // namespace

Result<std::unique_ptr<TlsContext>> TlsContext::load(const std::string& chain_file,
                                                     const std::string& key_file) {
  ERR_clear_error();
  SSL_CTX* const context = SSL_CTX_new(TLS_server_method());
  if (context == nullptr) return fail(Error::io("OpenSSL has no memory for a context"));
  auto made = std::unique_ptr<TlsContext>(new TlsContext(context));
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context,
                      SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  // What a connection needs only while it is busy is given back when it is not.
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  // Sessions are resumed by tickets, which the clients keep.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  if (SSL_CTX_use_certificate_chain_file(context, chain_file.c_str()) != 1) {
    return fail(bad_file(chain_file, "certificate in PEM"));
  }
  if (SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return fail(bad_file(key_file, "private key in PEM that fits the certificate"));
  }
  if (SSL_CTX_check_private_key(context) != 1) return fail(bad_file(key_file, "key of that certificate"));
  return made;
}

SSL* TlsContext::new_session(int socket) const {
  SSL* const session = SSL_new(context_.get());
  if (session == nullptr) return nullptr;
  SSL_set_accept_state(session);
  SSL_set_fd(session, socket);
  return session;
}

}  // namespace tidemark::server
