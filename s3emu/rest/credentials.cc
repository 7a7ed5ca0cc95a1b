// Open mode: any credentials will do, but they must be well-formed, and a presigned URL must not have
// expired.
#include "s3emu/rest/credentials.h"

#include <charconv>
#include <ctime>

namespace tidemark::s3emu {
namespace {

constexpr std::int64_t kSkewSeconds = 15 * 60;
constexpr std::int64_t kExpiresMax = 604'800;

std::optional<std::int64_t> integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

// `20260101T000000Z`
std::optional<Timestamp> basic_time(std::string_view text) {
  if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z') return std::nullopt;
  const auto digits = [&](std::size_t at, std::size_t count) {
    const auto value = integer(text.substr(at, count));
    return value && *value >= 0 ? static_cast<int>(*value) : -100'000;
  };
  std::tm time{};
  time.tm_year = digits(0, 4) - 1900;
  time.tm_mon = digits(4, 2) - 1;
  time.tm_mday = digits(6, 2);
  time.tm_hour = digits(9, 2);
  time.tm_min = digits(11, 2);
  time.tm_sec = digits(13, 2);
  if (time.tm_year < 0 || time.tm_mon < 0 || time.tm_mon > 11 || time.tm_mday < 1 || time.tm_mday > 31 ||
      time.tm_hour < 0 || time.tm_hour > 23 || time.tm_min < 0 || time.tm_min > 59 || time.tm_sec < 0 ||
      time.tm_sec > 60) {
    return std::nullopt;
  }
  return Timestamp::from_seconds(::timegm(&time));
}

bool has_scope(std::string_view credential) {
  // From the right, since access keys may contain slashes: date, region, service, terminator.
  if (!credential.ends_with("/aws4_request")) return false;
  int slashes = 0;
  for (const char c : credential) slashes += c == '/' ? 1 : 0;
  return slashes >= 4 && credential.front() != '/';
}

S3Error expired(Timestamp end, Timestamp now) {
  return S3Error::of(S3Code::kAccessDenied, "Request has expired")
      .with("Expires", format_iso_seconds(end))
      .with("ServerTime", format_iso_seconds(now));
}

S3Result<void> judge_presigned_v4(const S3Request& request, Timestamp now) {
  const auto broken = [](const char* message) {
    return fail(S3Error::of(S3Code::kAuthorizationQueryParametersError, message));
  };
  if (request.param("X-Amz-Algorithm") != "AWS4-HMAC-SHA256") {
    return broken("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"");
  }
  for (const char* name :
       {"X-Amz-Credential", "X-Amz-Signature", "X-Amz-Date", "X-Amz-SignedHeaders", "X-Amz-Expires"}) {
    if (request.param(name).value_or("").empty()) {
      return broken(
          "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
          "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.");
    }
  }
  if (!has_scope(*request.param("X-Amz-Credential"))) {
    return broken("Error parsing the X-Amz-Credential parameter; the Credential is mal-formed.");
  }
  const auto date = basic_time(*request.param("X-Amz-Date"));
  if (!date) return broken("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
  const auto expires = integer(*request.param("X-Amz-Expires"));
  if (!expires) return broken("X-Amz-Expires should be a number");
  if (*expires < 1) return broken("X-Amz-Expires must be non-negative");
  if (*expires > kExpiresMax) {
    return broken(
        "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less "
        "than 604800 seconds");
  }
  if (date->plus_seconds(-kSkewSeconds) > now) {
    return fail(S3Error::of(S3Code::kAccessDenied, "Request is not yet valid"));
  }
  const Timestamp end = date->plus_seconds(*expires);
  if (end < now) {
    return fail(expired(end, now).with("X-Amz-Expires", std::string(*request.param("X-Amz-Expires"))));
  }
  return {};
}

S3Result<void> judge_presigned_v2(const S3Request& request, Timestamp now) {
  const auto expires = integer(request.param("Expires").value_or(""));
  if (!expires)
    return fail(S3Error::of(S3Code::kAccessDenied, "Invalid date (should be seconds since epoch)"));
  // In seconds: a far future must not overflow.
  if (*expires < now.seconds())
    return fail(expired(Timestamp::from_seconds(std::max<std::int64_t>(*expires, 0)), now));
  return {};
}

S3Result<void> judge_header(std::string_view value) {
  if (value.starts_with("AWS ")) return {};
  if (value.starts_with("AWS4-ECDSA-P256-SHA256")) {
    return fail(S3Error::of(S3Code::kNotImplemented, "AWS4-ECDSA-P256-SHA256 is not supported."));
  }
  if (!value.starts_with("AWS4-HMAC-SHA256")) {
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

}  // namespace

S3Result<void> identify(S3Request* request, const S3Service::Options& options, Timestamp now) {
  request->caller.account = options.owner;
  const auto header = request->head.headers.find("Authorization");
  const bool v4 = request->has_param("X-Amz-Signature") || request->has_param("X-Amz-Algorithm") ||
                  request->has_param("X-Amz-Credential");
  const bool v2 = request->has_param("Signature") && request->has_param("AWSAccessKeyId");
  request->presigned = v4 || v2;
  request->authenticated = request->presigned || header.has_value();
  if (header && request->presigned) {
    return fail(
        S3Error::of(S3Code::kInvalidArgument,
                    "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature "
                    "query string parameter or the Authorization header should be specified"));
  }
  if (v4) return judge_presigned_v4(*request, now);
  if (v2) return judge_presigned_v2(*request, now);
  if (header) return judge_header(*header);
  return {};
}

}  // namespace tidemark::s3emu
