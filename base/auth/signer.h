// Signs requests of our own by AWS Signature Version 4, as an SDK does.
#pragma once

#include <string>
#include <string_view>

#include "base/auth/sigv4.h"
#include "base/clock.h"
#include "base/http_message.h"

namespace tidemark::auth {

struct SigningIdentity {
  std::string access_key;
  std::string secret_key;
  std::string session_token = {};  // of temporary credentials; empty: none
  std::string region;
};

struct Signing {
  std::string_view service;  // `s3`
  UriForm form = UriForm::kDecodedOnce;
  std::string payload;  // the digest of the body in hexadecimal, or one of the words that stand for it
  Timestamp time;       // of the wall clock, by which signatures are judged
};

// Adds `x-amz-content-sha256`, `x-amz-date`, the session token and `authorization` to a head that has its
// `host`, all in lower case. Every header that is there is signed.
void sign(const SigningIdentity& identity, const Signing& signing, http::RequestHead* head);

}  // namespace tidemark::auth
