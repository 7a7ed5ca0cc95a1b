// ?logging of a bucket: kept and given back. No access logs are written.
#include "s3emu/rest/settings/bucket_setting.h"

namespace tidemark::s3emu {
namespace {

constexpr std::string_view kGranteeTypes[] = {"CanonicalUser", "AmazonCustomerByEmail", "Group"};
constexpr std::string_view kPermissions[] = {"FULL_CONTROL", "READ", "WRITE"};
constexpr std::string_view kDateSources[] = {"EventTime", "DeliveryTime"};
constexpr XmlElement kGrantee[] = {
    {.name = "ID"}, {.name = "DisplayName"}, {.name = "EmailAddress"}, {.name = "URI"}};
constexpr XmlElement kGrant[] = {
    {.name = "Grantee", .kind = XmlKind::kGroup, .min = 1, .children = kGrantee, .types = kGranteeTypes},
    {.name = "Permission", .min = 1, .words = kPermissions},
};
constexpr XmlElement kGrants[] = {
    {.name = "Grant", .kind = XmlKind::kGroup, .max = kXmlMany, .children = kGrant},
};
constexpr XmlElement kPartitioned[] = {{.name = "PartitionDateSource", .words = kDateSources}};
constexpr XmlElement kKeyFormat[] = {
    {.name = "SimplePrefix", .kind = XmlKind::kGroup},
    {.name = "PartitionedPrefix", .kind = XmlKind::kGroup, .children = kPartitioned},
};
constexpr XmlElement kEnabled[] = {
    {.name = "TargetBucket", .min = 1},
    {.name = "TargetGrants", .kind = XmlKind::kGroup, .children = kGrants},
    {.name = "TargetPrefix", .min = 1},
    {.name = "TargetObjectKeyFormat", .kind = XmlKind::kGroup, .children = kKeyFormat},
};
constexpr XmlElement kStatus[] = {
    {.name = "LoggingEnabled", .kind = XmlKind::kGroup, .children = kEnabled},
};
constexpr XmlElement kShape = {.name = "BucketLoggingStatus", .kind = XmlKind::kGroup, .children = kStatus};

S3Result<void> check(SettingChange* change) {
  const pugi::xml_node enabled = child_element(change->root, "LoggingEnabled");
  if (!enabled) {
    change->document.clear();
    return {};
  }
  const std::string target = child_text(enabled, "TargetBucket").value_or("");
  if (change->context.store.bucket(target)) return {};
  return fail(S3Error::of(S3Code::kInvalidTargetBucketForLogging).with("TargetBucket", target));
}

S3Result<std::string> off(const Bucket& /*bucket*/) { return XmlWriter(kShape.name).take(); }

}  // namespace

constinit const BucketSetting kLoggingSetting = {
    .param = "logging",
    .get = {"GetBucketLogging", "s3:GetBucketLogging"},
    .put = {"PutBucketLogging", "s3:PutBucketLogging"},
    .remove = {},
    .shape = &kShape,
    .unset = off,
    .check = check,
};

}  // namespace tidemark::s3emu
