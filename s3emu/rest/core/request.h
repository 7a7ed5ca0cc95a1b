// One S3 request, taken apart: bucket, key, query and the headers that stand in the head or in the query.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/auth/account.h"
#include "base/auth/sigv4.h"
#include "base/clock.h"
#include "base/http_message.h"
#include "s3emu/store/object_store.h"

namespace tidemark::s3emu {

// Who asks.
struct Caller {
  bool anonymous = false;  // then the account is empty
  auth::Account account;
};

struct S3Request {
  http::RequestHead head;
  std::string bucket;  // empty: the service itself
  std::string key;     // empty: the bucket itself
  bool virtual_host = false;
  NamedValues query;           // decoded, in order
  bool presigned = false;      // carries its signature in the query
  bool authenticated = false;  // carries any credentials
  // The PutObject that a signed form amounts to: the algorithm that its policy is signed by.
  std::string form_signature = {};
  Caller caller;  // known once identify() was called
  // Behind this time its signature is worth nothing (identify()); nothing: it lasts, or there is none.
  std::optional<Timestamp> expires;
  // What signed chunks of the body go on from; only when the signature of the head was verified.
  std::optional<auth::ChunkSignatures> chunk_signatures;
  std::string id;  // of x-amz-request-id

  [[nodiscard]] bool has_param(std::string_view name) const;
  // The first of that name, case-sensitive. An empty value when it came without `=`.
  [[nodiscard]] std::optional<std::string_view> param(std::string_view name) const;
  // A header, or the query parameter that stands in for it in presigned requests.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
};

// The bucket that a Host header names: what stands in front of the longest of the base domains (lower case),
// or in front of `s3.<region>` before it. Nothing for path style, which an address literal always is.
std::optional<std::string> bucket_of_host(std::string_view host,
                                          const std::vector<std::string>& base_domains);

// Whether the query parameter of that name stands in for the header in presigned requests: presigners move
// x-amz-*, content-type and content-md5 there, some in lower case. What they say there of the body's bytes -
// its checksum, the checksum's algorithm, its framing - counts for the signature alone: they sign without
// the body. Without case.
bool may_stand_in_query(std::string_view header);

// Takes a request apart. Errors: InvalidURI when an escape is broken.
S3Result<S3Request> parse_request(http::RequestHead head, const std::vector<std::string>& base_domains);

// Every look for a parameter passes by all of them.
inline constexpr std::size_t kQueryParametersMax = 256;
// `name=value&...`, percent-decoded with `+` as a blank. Nothing on a broken escape, or when there are more
// than kQueryParametersMax.
std::optional<NamedValues> parse_query(std::string_view text);

}  // namespace tidemark::s3emu
