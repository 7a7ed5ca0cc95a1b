#include "api/front/authorization.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/auth/account.h"
#include "base/auth/sigv4.h"
#include "base/bytes.h"
#include "base/digest.h"

namespace tidemark::api {
namespace {

ApiError incomplete_signature(std::string message) {
  return {ErrorType::kIncompleteSignature, std::move(message)};
}

ApiError invalid_signature(std::string message) { return {ErrorType::kInvalidSignature, std::move(message)}; }

// The form of AWS's own.
bool is_region(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

// What a request says of its signature, wherever it says so: nothing of it is judged yet. The views are into
// the head, or into `decoded`.
struct Claim {
  std::string_view algorithm;
  std::string_view credential;
  std::string_view signed_headers;
  std::string_view signature;
  std::string_view time;
  std::optional<std::string_view> expires;                 // seconds, only in a query
  std::vector<std::unique_ptr<std::string>> decoded = {};  // parameters of a query
};

ApiResult<Claim> claim_of_header(std::string_view header, const http::Headers& headers) {
  const auth::AuthorizationHeader parts = auth::split_authorization(header);
  auto time = headers.find("X-Amz-Date");
  if (!time) time = headers.find("Date");
  std::string missing;
  const auto require = [&missing](bool is_present, std::string_view text) {
    if (is_present) return;
    if (!missing.empty()) missing.push_back(' ');
    missing.append(text);
  };
  require(parts.credential.has_value(), "Authorization header requires 'Credential' parameter.");
  require(parts.signature.has_value(), "Authorization header requires 'Signature' parameter.");
  require(parts.signed_headers.has_value(), "Authorization header requires 'SignedHeaders' parameter.");
  require(time.has_value(),
          "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
  if (!missing.empty()) return fail(incomplete_signature(missing + " Authorization=" + std::string(header)));
  return Claim{.algorithm = parts.algorithm,
               .credential = *parts.credential,
               .signed_headers = *parts.signed_headers,
               .signature = *parts.signature,
               .time = *time,
               .expires = std::nullopt};
}

std::optional<std::string> query_parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    const std::size_t equals = pair.find('=');
    if (pair.substr(0, equals) != name) continue;
    if (equals == std::string_view::npos) return std::string();
    return http::percent_decode(pair.substr(equals + 1), http::Plus::kBlank);
  }
  return std::nullopt;
}

ApiResult<Claim> claim_of_query(std::string_view query) {
  Claim claim;
  std::string missing;
  const auto keep = [&claim](std::string text) -> std::string_view {
    return *claim.decoded.emplace_back(std::make_unique<std::string>(std::move(text)));
  };
  for (const auto& [name, member] : {std::pair{"X-Amz-Algorithm", &Claim::algorithm},
                                     {"X-Amz-Credential", &Claim::credential},
                                     {"X-Amz-Signature", &Claim::signature},
                                     {"X-Amz-SignedHeaders", &Claim::signed_headers},
                                     {"X-Amz-Date", &Claim::time}}) {
    claim.*member = keep(query_parameter(query, name).value_or(""));
    if ((claim.*member).empty()) {
      missing.append("AWS query-string parameters must include '").append(name).append("'. ");
    }
  }
  if (!missing.empty()) {
    return fail(incomplete_signature(missing + "Re-examine the query-string parameters."));
  }
  if (auto expires = query_parameter(query, "X-Amz-Expires")) claim.expires = keep(*std::move(expires));
  return claim;
}

// Real access keys have no slashes; those of the list may.
ApiResult<auth::CredentialView> scope_of(std::string_view credential, const auth::CredentialList& known) {
  const auto scope = auth::split_credential(credential);
  const bool is_plain = scope && (scope->access_key.find('/') == std::string_view::npos ||
                                  known.find(scope->access_key) != nullptr);
  if (is_plain) return *scope;
  return fail(
      incomplete_signature("Credential must have exactly 5 slash-delimited elements, e.g. "
                           "keyid/date/region/service/term, got '" +
                           std::string(credential) + "'"));
}

std::string wrong_region(std::string_view region) {
  if (is_region(region)) return {};
  return "Credential should be scoped to a valid region, not '" + std::string(region) + "'. ";
}

// `15 min.`
std::string window_text(std::int64_t seconds) {
  return seconds % 60 == 0 ? std::to_string(seconds / 60) + " min." : std::to_string(seconds) + " sec.";
}

// The moment of a signature, if the server's clock agrees.
ApiResult<Timestamp> check_time(const Claim& claim, std::int64_t skew_max, Timestamp now) {
  const auto basic = parse_basic_time(claim.time);
  const auto time = basic ? basic : parse_http_date(claim.time);
  if (!time) {
    return fail(incomplete_signature("Date must be in ISO-8601 'basic format'. Got '" +
                                     std::string(claim.time) +
                                     "'. See http://en.wikipedia.org/wiki/ISO_8601"));
  }
  if (claim.expires) {
    std::int64_t seconds = 0;
    const char* const end = claim.expires->data() + claim.expires->size();
    const auto [stop, error] = std::from_chars(claim.expires->data(), end, seconds);
    if (error != std::errc() || stop != end || seconds < 1 || seconds > 604'800) {
      return fail(incomplete_signature("X-Amz-Expires must be a number of seconds between 1 and 604800."));
    }
    if (time->plus_seconds(seconds) < now.floor_second()) {
      return fail(invalid_signature("Signature expired: " + format_basic_time(time->plus_seconds(seconds)) +
                                    " is now earlier than " + format_basic_time(now)));
    }
  }
  if (skew_max == 0) return *time;
  const Timestamp earliest = now.floor_second().plus_seconds(-skew_max);
  const Timestamp latest = now.floor_second().plus_seconds(skew_max);
  if (!claim.expires && *time < earliest) {
    return fail(invalid_signature("Signature expired: " + format_basic_time(*time) + " is now earlier than " +
                                  format_basic_time(earliest) + " (" + format_basic_time(now) + " - " +
                                  window_text(skew_max) + ")"));
  }
  if (*time > latest) {
    return fail(invalid_signature("Signature not yet current: " + format_basic_time(*time) +
                                  " is still later than " + format_basic_time(latest) + " (" +
                                  format_basic_time(now) + " + " + window_text(skew_max) + ")"));
  }
  return *time;
}

ApiResult<void> check_scope(const auth::CredentialScope& scope, const std::string& time,
                            std::string_view service) {
  std::string wrong = wrong_region(scope.region);
  if (scope.service != service) {
    wrong += "Credential should be scoped to correct service: '" + std::string(service) + "'. ";
  }
  if (scope.terminator != "aws4_request") {
    wrong += "Credential should be scoped with a valid terminator: 'aws4_request', not '" + scope.terminator +
             "'. ";
  }
  const std::string date = time.substr(0, 8);
  if (scope.date != date) {
    wrong += "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '" +
             scope.date + "' != '" + date + "', from '" + time + "'.";
  }
  if (!wrong.empty()) return fail(invalid_signature(std::move(wrong)));
  return {};
}

ApiError mismatch_error(const auth::SignatureMismatch& mismatch) {
  std::string text =
      "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
      "Access Key and signing method. Consult the service documentation for details.\n\nThe Canonical String "
      "for this request should have been\n'" +
      mismatch.canonical_request + "'\n\nThe String-to-Sign should have been\n'" + mismatch.string_to_sign +
      "'\n";
  // Header values may be any bytes; an answer is text.
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  return invalid_signature(std::move(text));
}

// What is asked for stands in x-amz-target: whoever could change it could turn a GetItem into a DeleteItem.
// The digest of the body is part of every signature anyway.
ApiResult<void> check_signed_headers(const http::Headers& headers, const std::vector<std::string>& names) {
  for (const std::string& name : auth::unsigned_amz_headers(headers, names)) {
    if (name == "x-amz-content-sha256") continue;
    return fail(invalid_signature("'" + name + "' must be a 'SignedHeader' in the AWS Authorization."));
  }
  return {};
}

// A claim whose signature alone is still to be compared.
struct Signed {
  auth::SigV4 sigv4;  // without the payload
  const auth::Credential* credential = nullptr;
};

// In the order in which the service complains.
ApiResult<Signed> check_claim(const Claim& claim, const http::RequestHead& head,
                              const auth::Authority& authority, Timestamp now, std::string_view service) {
  ASSIGN_OR_RETURN(const Timestamp time, check_time(claim, authority.skew_seconds_max(), now));
  auto names = auth::parse_signed_headers(claim.signed_headers);
  if (!names || std::find(names->begin(), names->end(), "host") == names->end()) {
    return fail(
        invalid_signature("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."));
  }
  RETURN_IF_ERROR(check_signed_headers(head.headers, *names));
  if (claim.algorithm != auth::kSigV4Algorithm) {
    return fail(incomplete_signature("Unsupported AWS 'algorithm': '" + std::string(claim.algorithm) +
                                     "' (only AWS4-HMAC-SHA256 for now). "));
  }
  ASSIGN_OR_RETURN(const auth::CredentialView scope, scope_of(claim.credential, authority.credentials()));
  Signed checked{.sigv4 = {.scope = auth::scope_of(scope),
                           .time = format_basic_time(time),
                           .signed_headers = std::move(*names),
                           .payload = {},
                           .signature = std::string(claim.signature)}};
  RETURN_IF_ERROR(check_scope(checked.sigv4.scope, checked.sigv4.time, service));
  checked.credential = authority.credentials().find(checked.sigv4.scope.access_key);
  if (checked.credential == nullptr) {
    return fail(
        ApiError(ErrorType::kUnrecognizedClient, "The security token included in the request is invalid."));
  }
  return checked;
}

ApiResult<storage::Owner> verify(const Claim& claim, const http::RequestHead& head, std::string_view body,
                                 const auth::Authority& authority, Timestamp now, std::string_view service) {
  ASSIGN_OR_RETURN(Signed checked, check_claim(claim, head, authority, now, service));
  checked.sigv4.payload = to_hex(digest_of(DigestAlgorithm::kSha256, body));
  const auto key =
      auth::verify(head, checked.sigv4, *checked.credential, auth::Dialect::kPlain, &authority.keys());
  if (!key) return fail(mismatch_error(key.error()));
  return storage::Owner{.account_id = checked.credential->account.id, .region = checked.sigv4.scope.region};
}

// Open mode takes any name: `fakeRegion`, `us_east_1`. It must not take ARNs apart.
bool is_any_region(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f' && c != ':'; });
}

// Open mode: whoever says so, wherever. Some tools sign without a region.
ApiResult<storage::Owner> believe(const Claim& claim, const Settings& settings) {
  const auth::CredentialList& known = settings.authority->credentials();
  ASSIGN_OR_RETURN(const auth::CredentialView scope, scope_of(claim.credential, known));
  if (!is_any_region(scope.region)) return fail(invalid_signature(wrong_region(scope.region)));
  const auth::Credential* const credential = known.find(scope.access_key);
  storage::Owner owner{.account_id = settings.account_id,
                       .region = scope.region.empty() ? settings.region : std::string(scope.region)};
  if (credential != nullptr) {
    owner.account_id = credential->account.id;
  } else if (auth::is_account_id(scope.access_key)) {
    owner.account_id = scope.access_key;
  }
  return owner;
}

ApiResult<Claim> claim_of(const http::RequestHead& head) {
  const auto header = head.headers.find("Authorization");
  const std::string_view query = head.query();
  const bool by_query = !query.empty() && query_parameter(query, "X-Amz-Algorithm").has_value();
  if (header && by_query) {
    return fail(invalid_signature(
        "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."));
  }
  if (by_query) return claim_of_query(query);
  if (header && header->starts_with("AWS4-")) return claim_of_header(*header, head.headers);
  return fail(ApiError(ErrorType::kMissingAuthenticationToken, "Request is missing Authentication Token"));
}

// Nothing where none is needed.
ApiResult<std::optional<Claim>> needed_claim(const http::RequestHead& head, const Settings& settings) {
  auto claim = claim_of(head);
  if (claim) return std::optional(std::move(*claim));
  const bool is_needed = settings.require_authorization || settings.authority->is_strict() ||
                         claim.error().type != ErrorType::kMissingAuthenticationToken;
  if (is_needed) return fail(std::move(claim).error());
  return std::optional<Claim>();
}

}  // namespace

ApiResult<storage::Owner> authorize(const http::RequestHead& head, std::string_view body,
                                    const Settings& settings, Timestamp now, std::string_view service) {
  ASSIGN_OR_RETURN(const auto claim, needed_claim(head, settings));
  if (!claim) return storage::Owner{.account_id = settings.account_id, .region = settings.region};
  const auth::Authority& authority = *settings.authority;
  return authority.is_strict() ? verify(*claim, head, body, authority, now, service)
                               : believe(*claim, settings);
}

ApiResult<void> authorize_head(const http::RequestHead& head, const Settings& settings, Timestamp now) {
  ASSIGN_OR_RETURN(const auto claim, needed_claim(head, settings));
  if (!claim) return {};
  if (!settings.authority->is_strict()) {
    RETURN_IF_ERROR(believe(*claim, settings));
    return {};
  }
  RETURN_IF_ERROR(check_claim(*claim, head, *settings.authority, now, kDynamoDbScope));
  return {};
}

}  // namespace tidemark::api
