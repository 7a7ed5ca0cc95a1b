// ?website of a bucket: kept and given back. There is no website endpoint.
#include "s3emu/rest/settings/bucket_setting.h"

namespace tidemark::s3emu {
namespace {

constexpr std::string_view kProtocols[] = {"http", "https"};
constexpr XmlElement kIndex[] = {{.name = "Suffix", .min = 1}};
constexpr XmlElement kError[] = {{.name = "Key", .min = 1}};
constexpr XmlElement kRedirectAll[] = {
    {.name = "HostName", .min = 1},
    {.name = "Protocol", .words = kProtocols},
};
constexpr XmlElement kCondition[] = {
    {.name = "HttpErrorCodeReturnedEquals"},
    {.name = "KeyPrefixEquals"},
};
constexpr XmlElement kRedirect[] = {
    {.name = "HostName"},
    {.name = "HttpRedirectCode"},
    {.name = "Protocol", .words = kProtocols},
    {.name = "ReplaceKeyPrefixWith"},
    {.name = "ReplaceKeyWith"},
};
constexpr XmlElement kRoutingRule[] = {
    {.name = "Condition", .kind = XmlKind::kGroup, .children = kCondition},
    {.name = "Redirect", .kind = XmlKind::kGroup, .min = 1, .children = kRedirect},
};
constexpr XmlElement kRoutingRules[] = {
    {.name = "RoutingRule", .kind = XmlKind::kGroup, .min = 1, .max = 50, .children = kRoutingRule},
};
constexpr XmlElement kWebsite[] = {
    {.name = "RedirectAllRequestsTo", .kind = XmlKind::kGroup, .children = kRedirectAll},
    {.name = "IndexDocument", .kind = XmlKind::kGroup, .children = kIndex},
    {.name = "ErrorDocument", .kind = XmlKind::kGroup, .children = kError},
    {.name = "RoutingRules", .kind = XmlKind::kGroup, .children = kRoutingRules},
};
constexpr XmlElement kShape = {.name = "WebsiteConfiguration", .kind = XmlKind::kGroup, .children = kWebsite};

auto invalid_argument(std::string message, const char* name) {
  return fail(S3Error::of(S3Code::kInvalidArgument, std::move(message)).with("ArgumentName", name));
}

S3Result<void> check_routing(pugi::xml_node rules) {
  for (const pugi::xml_node rule : child_elements(rules, "RoutingRule")) {
    const pugi::xml_node condition = child_element(rule, "Condition");
    const pugi::xml_node redirect = child_element(rule, "Redirect");
    if (condition && !condition.first_child()) {
      return fail(S3Error::of(S3Code::kInvalidRequest,
                              "Condition cannot be empty. To redirect all requests without a condition, the "
                              "condition element shouldn't be present."));
    }
    if (child_element(redirect, "ReplaceKeyWith") && child_element(redirect, "ReplaceKeyPrefixWith")) {
      return fail(S3Error::of(S3Code::kInvalidRequest,
                              "You can only define ReplaceKeyPrefix or ReplaceKey but not both."));
    }
    if (!redirect.first_child()) return fail(S3Error::of(S3Code::kMalformedXml));
  }
  return {};
}

S3Result<void> check(SettingChange* change) {
  const pugi::xml_node index = child_element(change->root, "IndexDocument");
  if (child_element(change->root, "RedirectAllRequestsTo")) {
    if (!index && !child_element(change->root, "ErrorDocument") &&
        !child_element(change->root, "RoutingRules")) {
      return {};
    }
    return invalid_argument(
        "RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.",
        "RedirectAllRequestsTo");
  }
  if (!index) {
    return invalid_argument(
        "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty",
        "IndexDocument");
  }
  const std::string suffix = child_text(index, "Suffix").value_or("");
  if (suffix.empty() || suffix.find('/') != std::string::npos) {
    return invalid_argument("The IndexDocument Suffix is not well formed", "IndexDocument");
  }
  const pugi::xml_node error = child_element(change->root, "ErrorDocument");
  if (error && child_text(error, "Key").value_or("").empty()) {
    return invalid_argument("The ErrorDocument Key is not well formed", "ErrorDocument");
  }
  return check_routing(child_element(change->root, "RoutingRules"));
}

}  // namespace

constinit const BucketSetting kWebsiteSetting = {
    .param = "website",
    .get = {"GetBucketWebsite", "s3:GetBucketWebsite"},
    .put = {"PutBucketWebsite", "s3:PutBucketWebsite"},
    .remove = {"DeleteBucketWebsite", "s3:DeleteBucketWebsite"},
    .shape = &kShape,
    .unset = is_missing<S3Code::kNoSuchWebsiteConfiguration>,
    .check = check,
};

}  // namespace tidemark::s3emu
