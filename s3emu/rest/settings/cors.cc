#include "s3emu/rest/settings/cors.h"

#include <algorithm>
#include <array>

#include "s3emu/rest/core/settings_cache.h"
#include "s3emu/rest/settings/bucket_setting.h"

namespace tidemark::s3emu {
namespace {

constexpr const char* kVary = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";

S3Result<void> check(SettingChange* change) {
  RETURN_IF_ERROR(parse_cors(change->document));
  return {};
}

std::vector<std::string_view> split_list(std::string_view text) {
  std::vector<std::string_view> items;
  while (!text.empty()) {
    std::string_view item = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), item.size() + 1));
    while (item.starts_with(' ') || item.starts_with('\t')) item.remove_prefix(1);
    while (item.ends_with(' ') || item.ends_with('\t')) item.remove_suffix(1);
    if (!item.empty()) items.push_back(item);
  }
  return items;
}

// The rules of a bucket; nullptr: it has none.
std::shared_ptr<const CorsRules> rules_of(S3Context& context, const std::string& bucket) {
  const auto found = context.store.bucket(bucket);
  return found ? context.cache.cors.of(**found) : nullptr;
}

bool is_let_by_options(const S3Options& options, std::string_view origin) {
  return std::any_of(options.cors_origins.begin(), options.cors_origins.end(), [&](const std::string& known) {
    return known == "*" || http::equal_ignoring_case(known, origin);
  });
}

// The rule that grants what is asked for.
const CorsRule* granting_rule(S3Context& context, const CorsRules* rules, const CorsQuestion& question) {
  const CorsRule* rule = rules == nullptr ? nullptr : find_cors_rule(*rules, question);
  if (rule == nullptr && is_let_by_options(context.options, question.origin)) {
    rule = find_cors_rule(any_origin_rules(), question);
  }
  return rule;
}

auto bad_request(std::string message) { return fail(S3Error::of(S3Code::kBadRequest, std::move(message))); }

}  // namespace

constinit const BucketSetting kCorsSetting = {
    .param = "cors",
    .get = {"GetBucketCors", "s3:GetBucketCORS"},
    .put = {"PutBucketCors", "s3:PutBucketCORS"},
    .remove = {"DeleteBucketCors", "s3:PutBucketCORS"},
    .shape = &kCorsShape,
    .unset = is_missing<S3Code::kNoSuchCorsConfiguration>,
    .check = check,
    .needs_digest = true,
};

S3Result<http::Response> preflight(S3Context& context, const S3Request& request) {
  const auto origin = request.head.headers.find("Origin");
  if (!origin) return bad_request("Insufficient information. Origin request header needed.");
  const std::string_view method = request.head.headers.find("Access-Control-Request-Method").value_or("null");
  constexpr std::array<std::string_view, 5> kMethods = {"GET", "PUT", "POST", "DELETE", "HEAD"};
  if (std::find(kMethods.begin(), kMethods.end(), method) == kMethods.end()) {
    return bad_request("Invalid Access-Control-Request-Method: " + std::string(method));
  }
  const CorsQuestion question{
      *origin, method, split_list(request.head.headers.find("Access-Control-Request-Headers").value_or(""))};
  const auto rules = rules_of(context, request.bucket);
  const CorsRule* const rule = granting_rule(context, rules.get(), question);
  if (rule == nullptr) {
    return fail(
        S3Error::of(
            S3Code::kAccessForbidden,
            rules == nullptr
                ? "CORSResponse: CORS is not enabled for this bucket."
                : "CORSResponse: This CORS request is not allowed. This is usually because the evalution "
                  "of Origin, request method / Access-Control-Request-Method or "
                  "Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.")
            .with("Method", std::string(method))
            .with("ResourceType", request.key.empty() ? "BUCKET" : "OBJECT"));
  }
  http::Response response = empty_answer(200);
  add_cors_grant(*rule, question, &response.headers);
  response.headers.add("Vary", kVary);
  return response;
}

bool cors_lets(S3Context& context, const S3Request& request, std::string_view origin) {
  const auto rules = rules_of(context, request.bucket);
  return granting_rule(context, rules.get(), {origin, request.head.method, {}}) != nullptr;
}

void add_cors_headers(S3Context& context, const S3Request& request, http::Response* response) {
  const auto origin = request.head.headers.find("Origin");
  if (!origin || request.head.method == "OPTIONS") return;
  const auto rules = rules_of(context, request.bucket);
  const CorsQuestion question{*origin, request.head.method, {}};
  const CorsRule* const rule = granting_rule(context, rules.get(), question);
  if (rule != nullptr) add_cors_grant(*rule, question, &response->headers);
  // Also without a grant: another page may get one.
  if (rule != nullptr || rules != nullptr) response->headers.add("Vary", kVary);
}

}  // namespace tidemark::s3emu
