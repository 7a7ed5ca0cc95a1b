// ?replication of a bucket: kept and given back. Nothing is replicated.
#include <set>

#include "s3emu/rest/settings/bucket_setting.h"

namespace tidemark::s3emu {
namespace {

constexpr std::string_view kStates[] = {"Enabled", "Disabled"};
constexpr std::string_view kOwners[] = {"Destination"};
constexpr std::string_view kStorageClasses[] = {"STANDARD",     "REDUCED_REDUNDANCY",  "STANDARD_IA",
                                                "ONEZONE_IA",   "INTELLIGENT_TIERING", "GLACIER",
                                                "DEEP_ARCHIVE", "GLACIER_IR"};
constexpr XmlElement kTag[] = {{.name = "Key", .min = 1}, {.name = "Value", .min = 1}};
constexpr XmlElement kAnd[] = {{.name = "Prefix"},
                               {.name = "Tag", .kind = XmlKind::kGroup, .max = kXmlMany, .children = kTag}};
constexpr XmlElement kFilter[] = {
    {.name = "Prefix"},
    {.name = "Tag", .kind = XmlKind::kGroup, .children = kTag},
    {.name = "And", .kind = XmlKind::kGroup, .children = kAnd},
};
constexpr XmlElement kState[] = {{.name = "Status", .min = 1, .words = kStates}};
constexpr XmlElement kOptionalState[] = {{.name = "Status", .words = kStates}};
constexpr XmlElement kMinutes[] = {{.name = "Minutes", .kind = XmlKind::kInteger}};
constexpr XmlElement kTranslation[] = {{.name = "Owner", .min = 1, .words = kOwners}};
constexpr XmlElement kEncryption[] = {{.name = "ReplicaKmsKeyID"}};
constexpr XmlElement kTime[] = {
    {.name = "Status", .min = 1, .words = kStates},
    {.name = "Time", .kind = XmlKind::kGroup, .min = 1, .children = kMinutes},
};
constexpr XmlElement kMetrics[] = {
    {.name = "Status", .min = 1, .words = kStates},
    {.name = "EventThreshold", .kind = XmlKind::kGroup, .children = kMinutes},
};
constexpr XmlElement kDestination[] = {
    {.name = "Bucket", .min = 1},
    {.name = "Account"},
    {.name = "StorageClass", .words = kStorageClasses},
    {.name = "AccessControlTranslation", .kind = XmlKind::kGroup, .children = kTranslation},
    {.name = "EncryptionConfiguration", .kind = XmlKind::kGroup, .children = kEncryption},
    {.name = "ReplicationTime", .kind = XmlKind::kGroup, .children = kTime},
    {.name = "Metrics", .kind = XmlKind::kGroup, .children = kMetrics},
};
constexpr XmlElement kCriteria[] = {
    {.name = "SseKmsEncryptedObjects", .kind = XmlKind::kGroup, .children = kState},
    {.name = "ReplicaModifications", .kind = XmlKind::kGroup, .children = kState},
};
constexpr XmlElement kRule[] = {
    {.name = "ID"},
    {.name = "Priority", .kind = XmlKind::kInteger},
    {.name = "Prefix"},
    {.name = "Filter", .kind = XmlKind::kGroup, .children = kFilter},
    {.name = "Status", .min = 1, .words = kStates},
    {.name = "SourceSelectionCriteria", .kind = XmlKind::kGroup, .children = kCriteria},
    {.name = "ExistingObjectReplication", .kind = XmlKind::kGroup, .children = kState},
    {.name = "Destination", .kind = XmlKind::kGroup, .min = 1, .children = kDestination},
    {.name = "DeleteMarkerReplication", .kind = XmlKind::kGroup, .children = kOptionalState},
};
constexpr XmlElement kReplication[] = {
    {.name = "Role", .min = 1},
    {.name = "Rule", .kind = XmlKind::kGroup, .min = 1, .max = 1000, .children = kRule},
};
constexpr XmlElement kShape = {
    .name = "ReplicationConfiguration", .kind = XmlKind::kGroup, .children = kReplication};

S3Result<void> check(SettingChange* change) {
  if (change->bucket.info.versioning != Versioning::kEnabled) {
    return fail(
        S3Error::of(S3Code::kInvalidRequest,
                    "Versioning must be 'Enabled' on the bucket to apply a replication configuration"));
  }
  std::set<std::string> ids;
  for (const pugi::xml_node rule : child_elements(change->root, "Rule")) {
    const auto id = child_text(rule, "ID");
    if (id && !id->empty() && !ids.insert(*id).second) {
      return fail(S3Error::of(S3Code::kInvalidArgument, "Rule Id must be unique"));
    }
    if (child_element(rule, "Filter") && child_element(rule, "Prefix")) {
      return fail(S3Error::of(S3Code::kMalformedXml));
    }
    const std::string target = child_text(child_element(rule, "Destination"), "Bucket").value_or("");
    if (!target.starts_with("arn:")) {
      return fail(S3Error::of(S3Code::kInvalidArgument, "Invalid bucket ARN")
                      .with("ArgumentName", "Bucket")
                      .with("ArgumentValue", target));
    }
  }
  return {};
}

}  // namespace

constinit const BucketSetting kReplicationSetting = {
    .param = "replication",
    .get = {"GetBucketReplication", "s3:GetReplicationConfiguration"},
    .put = {"PutBucketReplication", "s3:PutReplicationConfiguration"},
    .remove = {"DeleteBucketReplication", "s3:PutReplicationConfiguration"},
    .shape = &kShape,
    .unset = is_missing<S3Code::kReplicationConfigurationNotFoundError>,
    .check = check,
};

}  // namespace tidemark::s3emu
