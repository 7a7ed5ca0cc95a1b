#include "s3emu/access/policy_actions.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/auth/policy/wildcard.h"
#include "base/text.h"

namespace tidemark::s3emu {
namespace {

enum ResourceLevel { kBucket, kObject };

struct PolicyAction {
  std::string_view name;  // without `s3:`
  ResourceLevel level;
};

constexpr PolicyAction kActions[] = {
    {"AbortMultipartUpload", kObject},
    {"BypassGovernanceRetention", kObject},
    {"CreateBucket", kBucket},
    {"CreateBucketMetadataTableConfiguration", kBucket},
    {"DeleteBucket", kBucket},
    {"DeleteBucketMetadataTableConfiguration", kBucket},
    {"DeleteBucketPolicy", kBucket},
    {"DeleteBucketWebsite", kBucket},
    {"DeleteObject", kObject},
    {"DeleteObjectTagging", kObject},
    {"DeleteObjectVersion", kObject},
    {"DeleteObjectVersionTagging", kObject},
    {"GetAccelerateConfiguration", kBucket},
    {"GetAnalyticsConfiguration", kBucket},
    {"GetBucketAbac", kBucket},
    {"GetBucketAcl", kBucket},
    {"GetBucketCORS", kBucket},
    {"GetBucketLocation", kBucket},
    {"GetBucketLogging", kBucket},
    {"GetBucketMetadataTableConfiguration", kBucket},
    {"GetBucketNotification", kBucket},
    {"GetBucketObjectLockConfiguration", kBucket},
    {"GetBucketOwnershipControls", kBucket},
    {"GetBucketPolicy", kBucket},
    {"GetBucketPolicyStatus", kBucket},
    {"GetBucketPublicAccessBlock", kBucket},
    {"GetBucketRequestPayment", kBucket},
    {"GetBucketTagging", kBucket},
    {"GetBucketVersioning", kBucket},
    {"GetBucketWebsite", kBucket},
    {"GetEncryptionConfiguration", kBucket},
    {"GetIntelligentTieringConfiguration", kBucket},
    {"GetInventoryConfiguration", kBucket},
    {"GetLifecycleConfiguration", kBucket},
    {"GetMetricsConfiguration", kBucket},
    {"GetObject", kObject},
    {"GetObjectAcl", kObject},
    {"GetObjectAttributes", kObject},
    {"GetObjectLegalHold", kObject},
    {"GetObjectRetention", kObject},
    {"GetObjectTagging", kObject},
    {"GetObjectTorrent", kObject},
    {"GetObjectVersion", kObject},
    {"GetObjectVersionAcl", kObject},
    {"GetObjectVersionAttributes", kObject},
    {"GetObjectVersionForReplication", kObject},
    {"GetObjectVersionTagging", kObject},
    {"GetObjectVersionTorrent", kObject},
    {"GetReplicationConfiguration", kBucket},
    {"InitiateReplication", kObject},
    {"ListBucket", kBucket},
    {"ListBucketMultipartUploads", kBucket},
    {"ListBucketVersions", kBucket},
    {"ListMultipartUploadParts", kObject},
    {"ListTagsForResource", kBucket},
    {"ObjectOwnerOverrideToBucketOwner", kObject},
    {"PutAccelerateConfiguration", kBucket},
    {"PutAnalyticsConfiguration", kBucket},
    {"PutBucketAbac", kBucket},
    {"PutBucketAcl", kBucket},
    {"PutBucketCORS", kBucket},
    {"PutBucketLogging", kBucket},
    {"PutBucketNotification", kBucket},
    {"PutBucketObjectLockConfiguration", kBucket},
    {"PutBucketOwnershipControls", kBucket},
    {"PutBucketPolicy", kBucket},
    {"PutBucketPublicAccessBlock", kBucket},
    {"PutBucketRequestPayment", kBucket},
    {"PutBucketTagging", kBucket},
    {"PutBucketVersioning", kBucket},
    {"PutBucketWebsite", kBucket},
    {"PutEncryptionConfiguration", kBucket},
    {"PutIntelligentTieringConfiguration", kBucket},
    {"PutInventoryConfiguration", kBucket},
    {"PutLifecycleConfiguration", kBucket},
    {"PutMetricsConfiguration", kBucket},
    {"PutObject", kObject},
    {"PutObjectAcl", kObject},
    {"PutObjectLegalHold", kObject},
    {"PutObjectRetention", kObject},
    {"PutObjectTagging", kObject},
    {"PutObjectVersionAcl", kObject},
    {"PutObjectVersionTagging", kObject},
    {"PutReplicationConfiguration", kBucket},
    {"ReplicateDelete", kObject},
    {"ReplicateObject", kObject},
    {"ReplicateTags", kObject},
    {"RestoreObject", kObject},
    {"TagResource", kBucket},
    {"UntagResource", kBucket},
};

static_assert(std::size(kActions) <= kPolicyActionsMax);

// A key ending in `*` stands for all that begin so. `actions` are patterns, separated by blanks; empty: any
// action.
struct KeyRow {
  std::string_view key;
  std::string_view actions;
};

constexpr std::string_view kLists = "ListBucket ListBucketVersions";
constexpr std::string_view kGrants =
    "CreateBucket PutBucketAcl PutObject PutObjectAcl PutObjectVersionAcl ReplicateObject";
constexpr std::string_view kPuts = "PutObject ReplicateObject";

constexpr KeyRow kKeys[] = {
    {"s3:accessgrantsinstancearn", ""},
    {"s3:accesspointnetworkorigin", ""},
    {"s3:authtype", ""},
    {"s3:dataaccesspointaccount", ""},
    {"s3:dataaccesspointarn", ""},
    {"s3:delimiter", kLists},
    {"s3:existingobjecttag/*", "*Object*"},
    {"s3:if-match", "PutObject DeleteObject"},
    {"s3:if-none-match", "PutObject"},
    {"s3:locationconstraint", "CreateBucket"},
    {"s3:max-keys", kLists},
    {"s3:object-lock-*", "PutObject* ReplicateObject BypassGovernanceRetention PutBucketObjectLock*"},
    {"s3:objectcreationoperation", "PutObject"},
    {"s3:prefix", kLists},
    {"s3:requestobjecttag/*", "PutObject PutObjectTagging PutObjectVersionTagging ReplicateTags"},
    {"s3:requestobjecttagkeys", "PutObject PutObjectTagging PutObjectVersionTagging ReplicateTags"},
    {"s3:resourceaccount", ""},
    {"s3:signatureage", ""},
    {"s3:signatureversion", ""},
    {"s3:tlsversion", ""},
    {"s3:versionid", "*ObjectVersion*"},
    {"s3:x-amz-acl", kGrants},
    {"s3:x-amz-content-sha256", ""},
    {"s3:x-amz-copy-source", kPuts},
    {"s3:x-amz-grant-*", kGrants},
    {"s3:x-amz-metadata-directive", kPuts},
    {"s3:x-amz-object-ownership", "CreateBucket PutBucketOwnershipControls"},
    {"s3:x-amz-server-side-encryption*", kPuts},
    {"s3:x-amz-storage-class", "PutObject* ReplicateObject"},
    {"s3:x-amz-website-redirect-location", kPuts},
};

const KeyRow* find_key(std::string_view key) {
  for (const KeyRow& row : kKeys) {
    std::string_view name = row.key;
    const bool begins = name.ends_with('*');
    if (begins) name.remove_suffix(1);
    if (begins ? key.starts_with(name) && !key.ends_with('/') : key == name) return &row;
  }
  return nullptr;
}

ActionSet of_level(ResourceLevel level) {
  ActionSet out;
  for (std::size_t i = 0; i < std::size(kActions); ++i) out[i] = kActions[i].level == level;
  return out;
}

}  // namespace

ActionSet actions_matching(std::string_view pattern) {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> names;
    for (const PolicyAction& action : kActions) names.push_back("s3:" + lower_case(action.name));
    return names;
  }();
  const auth::Wildcard wildcard(lower_case(pattern));
  ActionSet out;
  for (std::size_t i = 0; i < kNames.size(); ++i) out[i] = wildcard.matches(kNames[i]);
  return out;
}

const ActionSet& bucket_actions() {
  static const ActionSet kSet = of_level(kBucket);
  return kSet;
}

const ActionSet& object_actions() {
  static const ActionSet kSet = of_level(kObject);
  return kSet;
}

bool is_condition_key(std::string_view key) {
  if (key.starts_with("aws:")) return key.size() > 4;
  return find_key(key) != nullptr;
}

ActionSet actions_with_key(std::string_view key) {
  const KeyRow* const row = find_key(key);
  if (row == nullptr || row->actions.empty()) return ActionSet().set();
  ActionSet out;
  for (std::string_view rest = row->actions; !rest.empty();) {
    const std::string_view pattern = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(rest.size(), pattern.size() + 1));
    out |= actions_matching("s3:" + std::string(pattern));
  }
  return out;
}

}  // namespace tidemark::s3emu
