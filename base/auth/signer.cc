#include "base/auth/signer.h"

#include <algorithm>

namespace tidemark::auth {

void sign(const SigningIdentity& identity, const Signing& signing, http::RequestHead* head) {
  SigV4 sigv4;
  sigv4.time = format_basic_time(signing.time);
  sigv4.scope = {.access_key = identity.access_key,
                 .date = sigv4.time.substr(0, 8),
                 .region = identity.region,
                 .service = std::string(signing.service),
                 .terminator = "aws4_request"};
  sigv4.payload = signing.payload;
  head->headers.add("x-amz-content-sha256", sigv4.payload);
  head->headers.add("x-amz-date", sigv4.time);
  if (!identity.session_token.empty()) head->headers.add("x-amz-security-token", identity.session_token);
  for (const auto& [name, value] : head->headers.fields()) sigv4.signed_headers.push_back(name);
  std::sort(sigv4.signed_headers.begin(), sigv4.signed_headers.end());
  std::string signed_headers;
  for (const std::string& name : sigv4.signed_headers) {
    signed_headers += (signed_headers.empty() ? "" : ";") + name;
  }
  const std::string signature =
      signature_of(signing_key(identity.secret_key, sigv4.scope),
                   string_to_sign(sigv4, canonical_request(*head, sigv4, signing.form)));
  head->headers.add("authorization", std::string(kSigV4Algorithm) + " Credential=" + identity.access_key +
                                         '/' + sigv4.scope.text() + ", SignedHeaders=" + signed_headers +
                                         ", Signature=" + signature);
}

}  // namespace tidemark::auth
