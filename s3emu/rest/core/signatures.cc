#include "s3emu/rest/core/signatures.h"

#include <algorithm>
#include <utility>

#include "base/auth/sigv2.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "s3emu/rest/core/sub_resources.h"

namespace tidemark::s3emu {
namespace {

constexpr std::string_view kContentSha256 = "x-amz-content-sha256";

// `41 57 53`
std::string spaced_hex(std::string_view bytes) {
  const std::string digits = to_hex(bytes);
  std::string out;
  out.reserve(digits.size() / 2 * 3);
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    if (i > 0) out.push_back(' ');
    out.append(digits, i, 2);
  }
  return out;
}

S3Result<const auth::Credential*> find_credential(const auth::Authority& authority,
                                                  std::string_view access_key) {
  const auth::Credential* const found = authority.credentials().find(access_key);
  if (found == nullptr) return fail(unknown_access_key(access_key));
  return found;
}

struct SigningTime {
  Timestamp time;
  std::string_view text;  // as sent
};

S3Result<SigningTime> signing_time(const http::Headers& headers) {
  for (const char* const name : {"x-amz-date", "Date"}) {
    const auto text = headers.find(name);
    if (!text) continue;
    const auto basic = parse_basic_time(*text);
    const auto time = basic ? basic : parse_http_date(*text);
    if (!time) break;
    return SigningTime{*time, *text};
  }
  return fail(
      S3Error::of(S3Code::kAccessDenied, "AWS authentication requires a valid Date or x-amz-date header"));
}

S3Error too_skewed(std::string_view time, std::int64_t skew_max, Timestamp now) {
  return S3Error::of(S3Code::kRequestTimeTooSkewed)
      .with("RequestTime", std::string(time))
      .with("ServerTime", format_iso_seconds(now))
      .with("MaxAllowedSkewMilliseconds", std::to_string(skew_max * 1000));
}

// Sets `*expires` too.
S3Result<void> check_skew(const auth::Authority& authority, const SigningTime& signed_at, Timestamp now,
                          std::optional<Timestamp>* expires) {
  const std::int64_t skew_max = authority.skew_seconds_max();
  if (skew_max == 0) return {};
  const std::int64_t skew = signed_at.time.seconds() - now.seconds();
  if (skew > skew_max || skew < -skew_max) return fail(too_skewed(signed_at.text, skew_max, now));
  // To the end of that second.
  *expires = signed_at.time.plus_seconds(skew_max).plus_micros(999'999);
  return {};
}

// The words in which the two places of a version 4 signature complain.
struct Complaints {
  S3Code code;
  const char* prefix;
  const char* date_of_scope;
};
constexpr Complaints kOfHeader{S3Code::kAuthorizationHeaderMalformed,
                               "The authorization header is malformed; ", "Invalid credential date"};
constexpr Complaints kOfQuery{S3Code::kAuthorizationQueryParametersError,
                              "Error parsing the X-Amz-Credential parameter; ", "incorrect date"};

S3Result<void> check_scope(const auth::CredentialScope& scope, std::string_view time,
                           const Complaints& complaints) {
  const auto wrong = [&](const std::string& what) {
    return fail(S3Error::of(complaints.code, complaints.prefix + what));
  };
  if (scope.service != "s3") {
    return wrong("incorrect service \"" + scope.service + "\". This endpoint belongs to \"s3\".");
  }
  if (scope.terminator != "aws4_request") {
    return wrong("incorrect terminal \"" + scope.terminator + "\". This endpoint uses \"aws4_request\".");
  }
  if (scope.date != time.substr(0, 8)) {
    return wrong(std::string(complaints.date_of_scope) + " \"" + scope.date +
                 "\". This date is not the same as X-Amz-Date: \"" + std::string(time.substr(0, 8)) + "\".");
  }
  return {};
}

// The host and each x-amz-* header must be signed; the digest of the body is part of every signature anyway.
S3Result<void> check_signed_headers(const http::Headers& headers, const std::vector<std::string>& names) {
  std::string missing;
  const auto add = [&missing](std::string_view name) {
    missing.append(missing.empty() ? "" : ", ").append(name);
  };
  if (std::find(names.begin(), names.end(), "host") == names.end()) add("host");
  for (const std::string& name : auth::unsigned_amz_headers(headers, names)) {
    if (name != kContentSha256) add(name);
  }
  if (missing.empty()) return {};
  return fail(
      S3Error::of(S3Code::kAccessDenied, "There were headers present in the request which were not signed")
          .with("HeadersNotSigned", missing));
}

S3Error mismatch_of(const auth::SigV4& sigv4, const auth::SignatureMismatch& mismatch) {
  return signature_mismatch(sigv4.scope.access_key, sigv4.signature, mismatch.string_to_sign,
                            mismatch.canonical_request);
}

// Signs what comes in the body from now on, too, if it comes in signed chunks.
auth::Account accepted(S3Request* request, const auth::SigV4& sigv4, const auth::Credential& credential,
                       const std::string& key) {
  request->chunk_signatures.emplace(sigv4, key);
  return credential.account;
}

S3Result<auth::Account> verify_header_v4(S3Request* request, std::string_view header,
                                         const auth::Authority& authority, Timestamp now) {
  const http::Headers& headers = request->head.headers;
  const auth::AuthorizationHeader parts = auth::split_authorization(header);
  auto scope = auth::parse_credential(parts.credential.value_or(""));
  auto names = auth::parse_signed_headers(parts.signed_headers.value_or(""));
  if (!scope || !names || !parts.signature) return fail(S3Error::of(S3Code::kAuthorizationHeaderMalformed));
  ASSIGN_OR_RETURN(const SigningTime time, signing_time(headers));
  auth::SigV4 sigv4{
      std::move(*scope), format_basic_time(time.time), std::move(*names), {}, std::string(*parts.signature)};
  RETURN_IF_ERROR(check_scope(sigv4.scope, sigv4.time, kOfHeader));
  ASSIGN_OR_RETURN(const auth::Credential* const credential,
                   find_credential(authority, sigv4.scope.access_key));
  RETURN_IF_ERROR(check_skew(authority, time, now, &request->expires));
  const auto payload = headers.find(kContentSha256);
  if (!payload) {
    return fail(S3Error::of(S3Code::kInvalidRequest,
                            "Missing required header for this request: x-amz-content-sha256"));
  }
  sigv4.payload = *payload;
  RETURN_IF_ERROR(check_signed_headers(headers, sigv4.signed_headers));
  const auto key = auth::verify(request->head, sigv4, *credential, auth::Dialect::kS3, &authority.keys());
  if (!key) return fail(mismatch_of(sigv4, key.error()));
  return accepted(request, sigv4, *credential, *key);
}

// Version 2 signs the sub-resources that it knew. Any other could be tacked on to a signed URL, and make it
// another operation.
S3Result<void> check_sub_resources_v2(const S3Request& request) {
  for (const auto& [name, value] : request.query) {
    if (!is_sub_resource(name) || auth::is_signed_v2(name)) continue;
    return fail(S3Error::of(S3Code::kAccessDenied, "Signature Version 2 does not sign the query parameter '" +
                                                       name + "'. Please use AWS4-HMAC-SHA256."));
  }
  return {};
}

// `AWS <access key>:<signature>`
S3Result<auth::Account> verify_header_v2(S3Request* request, std::string_view header,
                                         const auth::Authority& authority, Timestamp now) {
  header.remove_prefix(4);
  const std::size_t colon = header.find(':');
  if (colon == std::string_view::npos) {
    return fail(S3Error::of(S3Code::kInvalidArgument,
                            "AWS authorization header is invalid.  Expected AwsAccessKeyId:signature")
                    .with("ArgumentName", "Authorization"));
  }
  const std::string_view access_key = header.substr(0, colon);
  const std::string_view signature = header.substr(colon + 1);
  ASSIGN_OR_RETURN(const SigningTime time, signing_time(request->head.headers));
  ASSIGN_OR_RETURN(const auth::Credential* const credential, find_credential(authority, access_key));
  RETURN_IF_ERROR(check_skew(authority, time, now, &request->expires));
  RETURN_IF_ERROR(check_sub_resources_v2(*request));
  const std::string bucket = request->virtual_host ? request->bucket : "";
  const http::RequestHead& head = request->head;
  if (!auth::verify_v2(head, bucket, auth::SigV2Form::kHeader, credential->secret_key, signature)) {
    return fail(signature_mismatch(access_key, signature,
                                   auth::string_to_sign_v2(head, bucket, auth::SigV2Form::kHeader)));
  }
  return credential->account;
}

// What the signer of a presigned URL said of the body; usually nothing.
std::optional<std::string_view> presigned_payload(const S3Request& request,
                                                  const std::vector<std::string>& signed_headers) {
  if (const auto parameter = request.param("X-Amz-Content-Sha256")) return parameter;
  const bool is_signed =
      std::find(signed_headers.begin(), signed_headers.end(), kContentSha256) != signed_headers.end();
  return is_signed ? request.head.headers.find(kContentSha256) : std::nullopt;
}

// Makes the request say what its signer said: in front of an unsigned header goes what the query, all of
// which is signed, holds under its name, and the body must be the one that was signed, if one was.
void keep_signed(S3Request* request, const std::vector<std::string>& signed_headers,
                 std::optional<std::string> payload) {
  http::Headers kept;
  for (const auto& [name, value] : request->head.headers.fields()) {
    const auto is_named = [&name = name](const auto& other) {
      return http::equal_ignoring_case(other, name);
    };
    const bool overridden = may_stand_in_query(name) &&
                            std::none_of(signed_headers.begin(), signed_headers.end(), is_named) &&
                            std::any_of(request->query.begin(), request->query.end(),
                                        [&](const auto& parameter) { return is_named(parameter.first); });
    const bool replaced = payload && is_named(kContentSha256);
    if (!overridden && !replaced) kept.add(name, value);
  }
  if (payload) kept.add(std::string(kContentSha256), *std::move(payload));
  request->head.headers = std::move(kept);
}

std::string_view field(const NamedValues& fields, std::string_view wanted) {
  for (const auto& [name, value] : fields) {
    if (name == wanted) return value;
  }
  return {};
}

auto wrong_field(const char* name, std::string message) {
  return fail(S3Error::of(S3Code::kInvalidArgument, std::move(message)).with("ArgumentName", name));
}

S3Result<auth::Account> verify_form_v4(const NamedValues& fields, std::string_view policy,
                                       const auth::Authority& authority) {
  if (field(fields, "x-amz-algorithm") != auth::kSigV4Algorithm) {
    return wrong_field("X-Amz-Algorithm", kOtherSigningAlgorithm);
  }
  const auto scope = auth::parse_credential(field(fields, "x-amz-credential"));
  const std::string_view date = field(fields, "x-amz-date");
  if (!scope || scope->service != "s3" || scope->terminator != "aws4_request") {
    return wrong_field("X-Amz-Credential", "The X-Amz-Credential form field is mal-formed.");
  }
  if (!parse_basic_time(date) || scope->date != date.substr(0, 8)) {
    return wrong_field("X-Amz-Date", "The X-Amz-Date form field does not match the credential date.");
  }
  ASSIGN_OR_RETURN(const auth::Credential* const credential, find_credential(authority, scope->access_key));
  const std::string key = authority.keys().key_for(*credential, *scope);
  const std::string_view signature = field(fields, "x-amz-signature");
  if (!equal_constant_time(auth::signature_of(key, policy), signature)) {
    return fail(signature_mismatch(scope->access_key, signature, policy));
  }
  authority.keys().remember(*scope, key);
  return credential->account;
}

}  // namespace

S3Error signature_mismatch(std::string_view access_key, std::string_view signature,
                           std::string_view string_to_sign, std::string_view canonical_request) {
  S3Error error = S3Error::of(S3Code::kSignatureDoesNotMatch)
                      .with("AWSAccessKeyId", std::string(access_key))
                      .with("StringToSign", std::string(string_to_sign))
                      .with("SignatureProvided", std::string(signature))
                      .with("StringToSignBytes", spaced_hex(string_to_sign));
  if (canonical_request.empty()) return error;
  return std::move(error)
      .with("CanonicalRequest", std::string(canonical_request))
      .with("CanonicalRequestBytes", spaced_hex(canonical_request));
}

S3Error unknown_access_key(std::string_view access_key) {
  return S3Error::of(S3Code::kInvalidAccessKeyId).with("AWSAccessKeyId", std::string(access_key));
}

S3Error request_time_too_skewed(const http::Headers& headers, const auth::Authority& authority,
                                Timestamp now) {
  const auto time = signing_time(headers);
  return too_skewed(time ? time->text : std::string_view(), authority.skew_seconds_max(), now);
}

S3Result<auth::Account> verify_header(S3Request* request, const auth::Authority& authority, Timestamp now) {
  const std::string_view header = request->head.headers.find("Authorization").value_or("");
  if (header.starts_with("AWS ")) return verify_header_v2(request, header, authority, now);
  return verify_header_v4(request, header, authority, now);
}

S3Result<auth::Account> verify_presigned_v4(S3Request* request, const auth::Authority& authority) {
  const auto param = [request](const char* name) { return request->param(name).value_or(""); };
  auto scope = auth::parse_credential(param("X-Amz-Credential"));
  auto names = auth::parse_signed_headers(param("X-Amz-SignedHeaders"));
  if (!scope || !names) {
    return fail(S3Error::of(S3Code::kAuthorizationQueryParametersError,
                            "Error parsing the X-Amz-SignedHeaders parameter; the list is mal-formed."));
  }
  auth::SigV4 sigv4{std::move(*scope),
                    std::string(param("X-Amz-Date")),
                    std::move(*names),
                    {},
                    std::string(param("X-Amz-Signature"))};
  RETURN_IF_ERROR(check_scope(sigv4.scope, sigv4.time, kOfQuery));
  ASSIGN_OR_RETURN(const auth::Credential* const credential,
                   find_credential(authority, sigv4.scope.access_key));
  RETURN_IF_ERROR(check_signed_headers(request->head.headers, sigv4.signed_headers));
  const auto said = presigned_payload(*request, sigv4.signed_headers);
  sigv4.payload = said.value_or(auth::kUnsignedPayload);
  std::optional<std::string> payload;
  if (said) payload = *said;
  auto key = auth::verify(request->head, sigv4, *credential, auth::Dialect::kS3, &authority.keys());
  if (const auto header = request->head.headers.find(kContentSha256); !key && header) {
    // It may have been signed as the digest of the body without standing in the list.
    auth::SigV4 other = sigv4;
    other.payload = *header;
    auto other_key = auth::verify(request->head, other, *credential, auth::Dialect::kS3, &authority.keys());
    if (other_key) {
      key = std::move(other_key);
      payload = other.payload;
    }
  }
  if (!key) return fail(mismatch_of(sigv4, key.error()));
  keep_signed(request, sigv4.signed_headers, std::move(payload));
  return accepted(request, sigv4, *credential, *key);
}

S3Result<auth::Account> verify_presigned_v2(const S3Request& request, const auth::Authority& authority) {
  const std::string_view access_key = request.param("AWSAccessKeyId").value_or("");
  const std::string_view signature = request.param("Signature").value_or("");
  ASSIGN_OR_RETURN(const auth::Credential* const credential, find_credential(authority, access_key));
  RETURN_IF_ERROR(check_sub_resources_v2(request));
  const std::string bucket = request.virtual_host ? request.bucket : "";
  if (!auth::verify_v2(request.head, bucket, auth::SigV2Form::kQuery, credential->secret_key, signature)) {
    return fail(signature_mismatch(access_key, signature,
                                   auth::string_to_sign_v2(request.head, bucket, auth::SigV2Form::kQuery)));
  }
  return credential->account;
}

S3Result<auth::Account> verify_form(const NamedValues& fields, std::string_view policy,
                                    const auth::Authority& authority) {
  const std::string_view access_key = field(fields, "awsaccesskeyid");
  if (access_key.empty()) return verify_form_v4(fields, policy, authority);
  ASSIGN_OR_RETURN(const auth::Credential* const credential, find_credential(authority, access_key));
  const std::string_view signature = field(fields, "signature");
  if (!equal_constant_time(auth::signature_v2(credential->secret_key, policy), signature)) {
    return fail(signature_mismatch(access_key, signature, policy));
  }
  return credential->account;
}

}  // namespace tidemark::s3emu
