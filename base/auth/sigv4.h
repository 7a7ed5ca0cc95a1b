// AWS Signature Version 4: taking a signed request apart, and signing it again to compare.
//
// Everything here is total: whatever bytes a request holds, the answer is a value, and work and memory are
// proportional to the size of the request's head.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/auth/account.h"
#include "base/http_message.h"
#include "base/result.h"

namespace tidemark::auth {

inline constexpr std::string_view kSigV4Algorithm = "AWS4-HMAC-SHA256";
inline constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";

// `<access key>/<yyyymmdd>/<region>/<service>/aws4_request`; any of them may be empty or nonsense.
struct CredentialScope {
  std::string access_key;  // may hold slashes
  std::string date;
  std::string region;
  std::string service;
  std::string terminator;

  [[nodiscard]] std::string text() const;  // without the access key
};
// The same without a copy: views into the text.
struct CredentialView {
  std::string_view access_key;
  std::string_view date;
  std::string_view region;
  std::string_view service;
  std::string_view terminator;
};
CredentialScope scope_of(const CredentialView& view);
// Both split from the right. Nothing when there are fewer than five elements.
std::optional<CredentialView> split_credential(std::string_view text);
std::optional<CredentialScope> parse_credential(std::string_view text);

// `<algorithm> Credential=..., SignedHeaders=..., Signature=...` as views into it; the commas may stand
// without a blank.
struct AuthorizationHeader {
  std::string_view algorithm;
  std::optional<std::string_view> credential;
  std::optional<std::string_view> signed_headers;
  std::optional<std::string_view> signature;
};
AuthorizationHeader split_authorization(std::string_view header);

// `host;x-amz-date` in lower case. Nothing when a name is empty or there twice, or when there are more than
// 256.
std::optional<std::vector<std::string>> parse_signed_headers(std::string_view text);
// The `x-amz-*` headers of the request that are not among `signed_headers`: in lower case, each once.
std::vector<std::string> unsigned_amz_headers(const http::Headers& headers,
                                              const std::vector<std::string>& signed_headers);

// How the path enters the signature.
enum class UriForm {
  kDecodedOnce,  // S3: decoded, encoded again, never normalised
  kAsSent,       // S3, for clients that encode otherwise than everybody else
  kNormalized,   // every other service: dot segments resolved, and what was sent is encoded once more
};

// Everything a signature is made of besides the head of the request.
struct SigV4 {
  CredentialScope scope;
  std::string time;  // `20260101T000000Z`
  std::vector<std::string> signed_headers;
  std::string payload;    // the digest of the body in hexadecimal, or one of the words that stand for it
  std::string signature;  // as it was sent
};

// The text that is signed. Of the query, X-Amz-Signature is left out.
std::string canonical_request(const http::RequestHead& head, const SigV4& sigv4, UriForm form);
std::string string_to_sign(const SigV4& sigv4, std::string_view canonical_request);
std::string signing_key(std::string_view secret_key, const CredentialScope& scope);
// In lower-case hexadecimal.
std::string signature_of(std::string_view key, std::string_view string_to_sign);

// Remembers signing keys, so that a client costs four keyed digests a day instead of four a request.
// Thread-safety: all methods may be called concurrently.
class SigningKeys {
 public:
  // The key of that credential, remembered or made.
  std::string key_for(const Credential& credential, const CredentialScope& scope) const;
  // Call for keys that turned out right, so that only the owner of a secret can fill the memory.
  void remember(const CredentialScope& scope, const std::string& key);

 private:
  mutable std::shared_mutex mutex_;
  std::map<std::string, std::string, std::less<>> keys_;  // by access key and scope; guarded by mutex_
};

// What a wrong signature should have been made of.
struct SignatureMismatch {
  std::string canonical_request;
  std::string string_to_sign;
};
enum class Dialect { kS3, kPlain };
// Compares in constant time; returns the signing key. S3 requests are tried in both forms of the path, the
// error speaks of the usual one.
Result<std::string, SignatureMismatch> verify(const http::RequestHead& head, const SigV4& sigv4,
                                              const Credential& credential, Dialect dialect,
                                              SigningKeys* keys);

// The signatures inside an aws-chunked body, each of which continues the one before. Not thread-safe.
class ChunkSignatures {
 public:
  // `sigv4` is that of the head, whose signature was found right; `key` is its signing key.
  ChunkSignatures(const SigV4& sigv4, std::string key);

  // Whether `signature` is that of the next chunk, given the raw SHA-256 of its bytes.
  bool take_chunk(std::string_view sha256, std::string_view signature);
  // The same for the trailer, given the raw SHA-256 of `name:value` LF for each of its lines.
  bool take_trailer(std::string_view sha256, std::string_view signature);

 private:
  bool take(std::string_view algorithm, std::string_view rest, std::string_view signature);

  std::string key_;
  std::string time_and_scope_;
  std::string previous_;
};

}  // namespace tidemark::auth
