// Requests signed as clients sign them, in every form there is, for tests that change something in them.
#pragma once

#include <algorithm>
#include <memory>
#include <string>

#include "base/auth/sigv2.h"
#include "base/bytes.h"
#include "s3emu/rest/core/credentials.h"
#include "s3emu/rest/core/signatures.h"
#include "tests/support/catch.h"
#include "tests/unit/s3emu/rest/rest_fixture.h"

// A namespace of its own: other tests have an Alice and a Bob too.
namespace tidemark::s3emu::signing {

inline constexpr const char* kKeys =
    "[alice]\naws_access_key_id = AKALICE\naws_secret_access_key = alice's\naccount_id = 111111111111\n"
    "[bob]\naws_access_key_id = AK/BOB\naws_secret_access_key = bob's\naccount_id = 222222222222\n";
inline const std::string kHost = "127.0.0.1:8000";

inline S3Service::Options options_with(bool strict, std::int64_t skew_seconds_max = 900) {
  S3Service::Options options;
  auto list = auth::CredentialList::parse(kKeys, "keys", options.owner);
  INVARIANT(list.has_value());
  options.authority = std::make_shared<const auth::Authority>(
      auth::Authority::Options{.strict = strict, .skew_seconds_max = skew_seconds_max}, std::move(*list));
  return options;
}

struct Request {
  std::string method = "GET";
  std::string target = "/bucket/key";
  NamedValues headers = {};
  std::string body = {};

  [[nodiscard]] http::RequestHead head() const {
    http::RequestHead out;
    out.method = method;
    out.target = target;
    for (const auto& [name, value] : headers) out.headers.add(name, value);
    out.content_length = body.size();
    return out;
  }
  std::string& header(std::string_view name) {
    const auto found = std::find_if(headers.begin(), headers.end(),
                                    [&](const auto& header) { return header.first == name; });
    INVARIANT(found != headers.end());
    return found->second;
  }
  void remove(std::string_view name) {
    std::erase_if(headers, [&](const auto& header) { return header.first == name; });
  }
};

struct Signer {
  std::string access_key = "AKALICE";
  std::string secret_key = "alice's";
  std::string region = "eu-west-1";
  std::string service = "s3";
  Timestamp time = Timestamp::from_seconds(1'790'000'000);

  [[nodiscard]] auth::SigV4 sigv4() const {
    const std::string text = format_basic_time(time);
    return {.scope = {access_key, text.substr(0, 8), region, service, "aws4_request"},
            .time = text,
            .signed_headers = {},
            .payload = {},
            .signature = {}};
  }
  void complete(const http::RequestHead& head, auth::SigV4* sigv4) const {
    sigv4->signature = auth::signature_of(
        auth::signing_key(secret_key, sigv4->scope),
        auth::string_to_sign(*sigv4, auth::canonical_request(head, *sigv4, auth::UriForm::kDecodedOnce)));
  }

  // Signs all headers, and the body.
  Request operator()(Request request, auth::SigV4* signed_as = nullptr) const {
    auth::SigV4 out = sigv4();
    request.headers.emplace_back("Host", kHost);
    request.headers.emplace_back("x-amz-date", out.time);
    if (!request.head().headers.find("x-amz-content-sha256")) {
      request.headers.emplace_back("x-amz-content-sha256",
                                   to_hex(digest_of(DigestAlgorithm::kSha256, request.body)));
    }
    for (const auto& [name, value] : request.headers) out.signed_headers.push_back(name);
    for (std::string& name : out.signed_headers) {
      std::transform(name.begin(), name.end(), name.begin(),
                     [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    }
    std::sort(out.signed_headers.begin(), out.signed_headers.end());
    out.payload = request.header("x-amz-content-sha256");
    complete(request.head(), &out);
    std::string names;
    for (const std::string& name : out.signed_headers) names.append(names.empty() ? "" : ";").append(name);
    request.headers.emplace_back("Authorization", "AWS4-HMAC-SHA256 Credential=" + access_key + "/" +
                                                      out.scope.text() + ", SignedHeaders=" + names +
                                                      ", Signature=" + out.signature);
    if (signed_as != nullptr) *signed_as = out;
    return request;
  }

  Request presigned(Request request, const std::string& expires = "60") const {
    return presigned_as(std::move(request), std::string(auth::kUnsignedPayload), expires);
  }
  // With the digest of the body in the query.
  [[nodiscard]] Request presigned_body(Request request, const std::string& payload) const {
    request.target += "?X-Amz-Content-Sha256=" + payload;
    return presigned_as(std::move(request), payload, "60");
  }
  [[nodiscard]] Request presigned_as(Request request, const std::string& payload,
                                     const std::string& expires) const {
    auth::SigV4 out = sigv4();
    out.signed_headers = {"host"};
    out.payload = payload;
    request.headers.emplace_back("Host", kHost);
    request.target += request.target.find('?') == std::string::npos ? '?' : '&';
    request.target += "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=" +
                      http::percent_encode(access_key + "/" + out.scope.text(), http::Slash::kEncoded) +
                      "&X-Amz-Date=" + out.time + "&X-Amz-Expires=" + expires + "&X-Amz-SignedHeaders=host";
    complete(request.head(), &out);
    request.target += "&X-Amz-Signature=" + out.signature;
    return request;
  }

  [[nodiscard]] Request version2(Request request) const {
    request.headers.emplace_back("Host", kHost);
    request.headers.emplace_back("Date", format_http_date(time));
    const std::string text = auth::string_to_sign_v2(request.head(), "", auth::SigV2Form::kHeader);
    request.headers.emplace_back("Authorization",
                                 "AWS " + access_key + ":" + auth::signature_v2(secret_key, text));
    return request;
  }

  [[nodiscard]] Request presigned_v2(Request request, std::int64_t seconds = 60) const {
    request.headers.emplace_back("Host", kHost);
    request.target += request.target.find('?') == std::string::npos ? '?' : '&';
    request.target += "AWSAccessKeyId=" + http::percent_encode(access_key, http::Slash::kEncoded) +
                      "&Expires=" + std::to_string(time.seconds() + seconds);
    const std::string text = auth::string_to_sign_v2(request.head(), "", auth::SigV2Form::kQuery);
    request.target +=
        "&Signature=" + http::percent_encode(auth::signature_v2(secret_key, text), http::Slash::kEncoded);
    return request;
  }
};

inline const Signer kAlice;
inline const Signer kBob{.access_key = "AK/BOB", .secret_key = "bob's"};

class StrictFixture : public RestFixture {
 public:
  StrictFixture() : RestFixture(options_with(true)) {
    INVARIANT(send(kAlice({.method = "PUT", .target = "/bucket"})).status == 200);
    INVARIANT(send(kAlice({.method = "PUT", .target = "/bucket/key", .body = "hello"})).status == 200);
  }

  using RestFixture::send;
  Answer send(const Request& request, std::size_t piece = SIZE_MAX) {
    return send(request.method, request.target, request.headers, request.body, piece);
  }
};

// Who sends it, as `<account id>`, `anonymous` or the code of the error.
inline std::string sender(const Request& request, const S3Service::Options& options) {
  auto parsed = parse_request(request.head(), options.base_domains);
  INVARIANT(parsed.has_value());
  const auto identified = identify(&*parsed, options, kAlice.time);
  if (!identified) return identified.error().code;
  return parsed->caller.anonymous ? "anonymous" : parsed->caller.account.id;
}

}  // namespace tidemark::s3emu::signing
