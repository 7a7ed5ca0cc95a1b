#include "s3emu/rest/core/credentials.h"

#include <algorithm>
#include <charconv>
#include <initializer_list>

#include "s3emu/rest/core/signatures.h"

namespace tidemark::s3emu {
namespace {

constexpr std::int64_t kExpiresMax = 604'800;

std::optional<std::int64_t> integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

bool has_scope(std::string_view credential) {
  // From the right, since access keys may contain slashes: date, region, service, terminator.
  if (!credential.ends_with("/aws4_request")) return false;
  int slashes = 0;
  for (const char c : credential) slashes += c == '/' ? 1 : 0;
  return slashes >= 4;
}

S3Error expired(const S3Request& presigned, Timestamp now) {
  S3Error error = S3Error::of(S3Code::kAccessDenied, "Request has expired")
                      .with("Expires", format_iso_seconds(*presigned.expires))
                      .with("ServerTime", format_iso_seconds(now));
  if (const auto seconds = presigned.param("X-Amz-Expires")) {
    error = std::move(error).with("X-Amz-Expires", std::string(*seconds));
  }
  return error;
}

// A name that stands twice could be judged by one value and signed by the other.
bool any_twice(const S3Request& request, std::initializer_list<std::string_view> names) {
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
    return std::count_if(request.query.begin(), request.query.end(),
                         [&](const auto& parameter) { return parameter.first == name; }) > 1;
  });
}

S3Result<void> judge_presigned_v4(S3Request* parsed, std::int64_t skew_seconds_max, Timestamp now) {
  const S3Request& request = *parsed;
  const auto broken = [](const char* message) {
    return fail(S3Error::of(S3Code::kAuthorizationQueryParametersError, message));
  };
  if (request.param("X-Amz-Algorithm") != "AWS4-HMAC-SHA256") {
    return broken(kOtherSigningAlgorithm);
  }
  for (const char* name :
       {"X-Amz-Credential", "X-Amz-Signature", "X-Amz-Date", "X-Amz-SignedHeaders", "X-Amz-Expires"}) {
    if (request.param(name).value_or("").empty()) {
      return broken(
          "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
          "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.");
    }
  }
  if (any_twice(request,
                {"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-Date",
                 "X-Amz-SignedHeaders", "X-Amz-Expires", "X-Amz-Content-Sha256", "X-Amz-Security-Token"})) {
    return broken("Each parameter of query-string authentication version 4 may be given only once.");
  }
  if (!has_scope(*request.param("X-Amz-Credential"))) {
    return broken("Error parsing the X-Amz-Credential parameter; the Credential is mal-formed.");
  }
  const auto date = parse_basic_time(*request.param("X-Amz-Date"));
  if (!date) return broken("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
  const auto expires = integer(*request.param("X-Amz-Expires"));
  if (!expires) return broken("X-Amz-Expires should be a number");
  if (*expires < 0) return broken("X-Amz-Expires must be non-negative");
  if (*expires > kExpiresMax) {
    return broken(
        "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less "
        "than 604800 seconds");
  }
  if (skew_seconds_max > 0 && date->plus_seconds(-skew_seconds_max) > now) {
    return fail(S3Error::of(S3Code::kAccessDenied, "Request is not yet valid"));
  }
  parsed->expires = date->plus_seconds(*expires);
  if (*parsed->expires <= now) return fail(expired(request, now));
  return {};
}

S3Result<void> judge_presigned_v2(S3Request* parsed, Timestamp now) {
  const S3Request& request = *parsed;
  if (any_twice(request, {"AWSAccessKeyId", "Expires", "Signature"})) {
    return fail(S3Error::of(S3Code::kAccessDenied,
                            "Each parameter of query string authentication may be given only once."));
  }
  const auto expires = integer(request.param("Expires").value_or(""));
  if (!expires) {
    return fail(S3Error::of(S3Code::kAccessDenied, "Invalid date (should be seconds since epoch)"));
  }
  // A far past or future must not overflow.
  constexpr std::int64_t kYear10000 = 253'402'300'800;
  // To the end of that second.
  parsed->expires =
      Timestamp::from_seconds(std::clamp<std::int64_t>(*expires, 0, kYear10000)).plus_micros(999'999);
  if (*parsed->expires < now) return fail(expired(request, now));
  return {};
}

S3Result<void> judge_header(std::string_view value) {
  if (value.starts_with("AWS ")) return {};
  // The whole word: conditions of policies go by it.
  const std::string_view algorithm = value.substr(0, value.find(' '));
  if (algorithm == "AWS4-ECDSA-P256-SHA256") {
    return fail(S3Error::of(S3Code::kNotImplemented, "AWS4-ECDSA-P256-SHA256 is not supported."));
  }
  if (algorithm != auth::kSigV4Algorithm) {
    return fail(S3Error::of(S3Code::kInvalidArgument, "Unsupported Authorization Type")
                    .with("ArgumentName", "Authorization"));
  }
  const std::size_t at = value.find("Credential=");
  const std::string_view credential = at == std::string_view::npos
                                          ? std::string_view()
                                          : value.substr(at + 11, value.find_first_of(", ", at) - (at + 11));
  if (credential.empty() || !has_scope(credential) ||
      value.find("SignedHeaders=") == std::string_view::npos ||
      value.find("Signature=") == std::string_view::npos) {
    return fail(S3Error::of(S3Code::kAuthorizationHeaderMalformed));
  }
  return {};
}

enum class Mechanism { kNone, kHeader, kPresignedV4, kPresignedV2 };

S3Result<Mechanism> mechanism_of(const S3Request& request) {
  const auto header = request.head.headers.find("Authorization");
  const bool v4 = request.has_param("X-Amz-Signature") || request.has_param("X-Amz-Algorithm") ||
                  request.has_param("X-Amz-Credential");
  const bool v2 = request.has_param("Signature") && request.has_param("AWSAccessKeyId");
  if (header && (v4 || v2)) {
    return fail(
        S3Error::of(S3Code::kInvalidArgument,
                    "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature "
                    "query string parameter or the Authorization header should be specified"));
  }
  if (v4) return Mechanism::kPresignedV4;
  if (v2) return Mechanism::kPresignedV2;
  return header ? Mechanism::kHeader : Mechanism::kNone;
}

// The access key of well-formed credentials.
std::string access_key_of(const S3Request& request, Mechanism mechanism) {
  const auto of_credential = [](std::string_view text) {
    const auto scope = auth::parse_credential(text);
    return scope ? scope->access_key : std::string();
  };
  const std::string_view header = request.head.headers.find("Authorization").value_or("");
  switch (mechanism) {
    case Mechanism::kPresignedV4:
      return of_credential(request.param("X-Amz-Credential").value_or(""));
    case Mechanism::kPresignedV2:
      return std::string(request.param("AWSAccessKeyId").value_or(""));
    case Mechanism::kHeader:
      if (header.starts_with("AWS ")) return std::string(header.substr(4, header.find(':') - 4));
      return of_credential(auth::split_authorization(header).credential.value_or(""));
    case Mechanism::kNone:
      break;
  }
  return {};
}

// What open and strict mode want alike: credentials, if there are any, are well-formed and not expired.
S3Result<void> judge(S3Request* request, Mechanism mechanism, std::int64_t skew_seconds_max, Timestamp now) {
  switch (mechanism) {
    case Mechanism::kPresignedV4:
      return judge_presigned_v4(request, skew_seconds_max, now);
    case Mechanism::kPresignedV2:
      return judge_presigned_v2(request, now);
    case Mechanism::kHeader:
      return judge_header(request->head.headers.find("Authorization").value_or(""));
    case Mechanism::kNone:
      break;
  }
  return {};
}

S3Result<auth::Account> verify(S3Request* request, Mechanism mechanism, const auth::Authority& authority,
                               Timestamp now) {
  switch (mechanism) {
    case Mechanism::kPresignedV4:
      return verify_presigned_v4(request, authority);
    case Mechanism::kPresignedV2:
      return verify_presigned_v2(*request, authority);
    default:
      return verify_header(request, authority, now);
  }
}

// Open mode: a known access key means its account, as does one that is an account id.
Caller believe(std::string_view access_key, const S3Options& options) {
  const auth::Credential* const known = options.authority->credentials().find(access_key);
  if (known != nullptr) return {.anonymous = false, .account = known->account};
  if (!auth::is_account_id(access_key) || access_key == options.owner.id) {
    return {.anonymous = false, .account = options.owner};
  }
  const auth::Account* const named = options.authority->credentials().find_account(access_key);
  if (named != nullptr) return {.anonymous = false, .account = *named};
  const std::string id(access_key);
  return {
      .anonymous = false,
      .account = {.id = id, .canonical_user_id = auth::derived_canonical_user_id(id), .display_name = id}};
}

// Signed chunks need the signature of a head to go on from.
S3Result<void> check_chunks_can_be_verified(const S3Request& request) {
  const bool signed_chunks =
      request.header("x-amz-content-sha256").value_or("").starts_with("STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
  if (!signed_chunks || request.chunk_signatures) return {};
  return fail(S3Error::of(
      S3Code::kInvalidRequest,
      "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."));
}

}  // namespace

S3Result<void> identify(S3Request* request, const S3Options& options, Timestamp now) {
  const auth::Authority& authority = *options.authority;
  ASSIGN_OR_RETURN(const Mechanism mechanism, mechanism_of(*request));
  request->presigned = mechanism == Mechanism::kPresignedV4 || mechanism == Mechanism::kPresignedV2;
  request->authenticated = mechanism != Mechanism::kNone;
  RETURN_IF_ERROR(judge(request, mechanism, authority.skew_seconds_max(), now));
  if (!authority.is_strict()) {
    request->caller = believe(access_key_of(*request, mechanism), options);
    return {};
  }
  if (request->authenticated) {
    ASSIGN_OR_RETURN(request->caller.account, verify(request, mechanism, authority, now));
  } else {
    request->caller = {.anonymous = true, .account = {}};
  }
  return check_chunks_can_be_verified(*request);
}

S3Result<void> check_not_expired(const S3Request& request, const S3Options& options, Timestamp now,
                                 std::uint64_t body_bytes) {
  if (!request.expires) return {};
  const auto patience = static_cast<std::int64_t>(body_bytes / http::kBodyBytesPerSecondMin);
  if (now <= request.expires->plus_seconds(patience)) return {};
  if (request.presigned) return fail(expired(request, now));
  return fail(request_time_too_skewed(request.head.headers, *options.authority, now));
}

S3Result<Caller> identify_form(const NamedValues& fields, std::string_view policy, const S3Options& options) {
  if (options.authority->is_strict()) {
    ASSIGN_OR_RETURN(auth::Account account, verify_form(fields, policy, *options.authority));
    return Caller{.anonymous = false, .account = std::move(account)};
  }
  std::string access_key;
  for (const auto& [name, value] : fields) {
    if (name == "awsaccesskeyid") access_key = value;
    if (name != "x-amz-credential") continue;
    if (auto scope = auth::parse_credential(value)) access_key = std::move(scope->access_key);
  }
  return believe(access_key, options);
}

}  // namespace tidemark::s3emu
