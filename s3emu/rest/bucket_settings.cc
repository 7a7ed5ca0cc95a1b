#include "s3emu/rest/handlers.h"

namespace tidemark::s3emu {
namespace {

struct Setting {
  std::string_view param;
  // Either the code that says there is none, or the root of an otherwise empty document.
  S3Code none = S3Code::kInternalError;
  std::string_view root;
};

constexpr Setting kSettings[] = {
    {"accelerate", {}, "AccelerateConfiguration"},
    {"cors", S3Code::kNoSuchCorsConfiguration, {}},
    {"encryption", {}, "ServerSideEncryptionConfiguration"},
    {"lifecycle", S3Code::kNoSuchLifecycleConfiguration, {}},
    {"logging", {}, "BucketLoggingStatus"},
    {"notification", {}, "NotificationConfiguration"},
    {"object-lock", S3Code::kObjectLockConfigurationNotFoundError, {}},
    {"ownershipControls", S3Code::kOwnershipControlsNotFoundError, {}},
    {"policy", S3Code::kNoSuchBucketPolicy, {}},
    {"policyStatus", S3Code::kNoSuchBucketPolicy, {}},
    {"publicAccessBlock", S3Code::kNoSuchPublicAccessBlockConfiguration, {}},
    {"replication", S3Code::kReplicationConfigurationNotFoundError, {}},
    {"requestPayment", {}, "RequestPaymentConfiguration"},
    {"tagging", S3Code::kNoSuchTagSet, {}},
    {"website", S3Code::kNoSuchWebsiteConfiguration, {}},
    {"analytics", {}, "ListBucketAnalyticsConfigurationResult"},
    {"inventory", {}, "ListInventoryConfigurationsResult"},
    {"metrics", {}, "ListMetricsConfigurationsResult"},
    {"intelligent-tiering", {}, "ListBucketIntelligentTieringConfigurationsOutput"},
};

}  // namespace

S3Result<http::Response> get_bucket_setting(OperationContext& context, const S3Request& request,
                                            const std::string& /*body*/) {
  RETURN_IF_ERROR(context.store.head_bucket(request.bucket));
  for (const Setting& setting : kSettings) {
    if (!request.has_param(setting.param)) continue;
    if (setting.root.empty()) return fail(S3Error::of(setting.none).with("BucketName", request.bucket));
    const bool listed = setting.root.starts_with("List");
    if (listed && request.has_param("id")) return fail(S3Error::of(S3Code::kNoSuchConfiguration));
    XmlWriter xml(setting.root);
    if (listed) xml.boolean("IsTruncated", false);
    if (setting.param == "requestPayment") xml.text("Payer", "BucketOwner");
    if (setting.param == "encryption") {
      xml.open("Rule");
      xml.open("ApplyServerSideEncryptionByDefault");
      xml.text("SSEAlgorithm", "AES256");
      xml.close();
      xml.boolean("BucketKeyEnabled", false);
      xml.close();
    }
    return xml_answer(xml);
  }
  return fail(S3Error::of(S3Code::kNotImplemented));
}

}  // namespace tidemark::s3emu
