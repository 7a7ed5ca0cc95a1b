// What a bucket says about access, read from its settings once and kept until they change.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "s3emu/access/acl.h"
#include "s3emu/access/bucket_policy.h"
#include "s3emu/store/object_store.h"

namespace tidemark::s3emu {

// Names of bucket settings. ON DISK.
inline constexpr const char* kPolicySetting = "policy";                        // the text as it was put
inline constexpr const char* kAclSetting = "acl";                              // acl_text()
inline constexpr const char* kPublicAccessBlockSetting = "publicAccessBlock";  // PublicAccessBlock::text()
inline constexpr const char* kOwnershipSetting = "ownershipControls";          // `BucketOwnerEnforced`

struct PublicAccessBlock {
  bool block_public_acls = false;
  bool ignore_public_acls = false;
  bool block_public_policy = false;
  bool restrict_public_buckets = false;

  // ON DISK: the letters A (block ACLs), I (ignore ACLs), P (block policy), R (restrict), each if it is on.
  [[nodiscard]] std::string text() const;
  static PublicAccessBlock from_text(std::string_view text);
};

enum class Ownership { kObjectWriter, kBucketOwnerPreferred, kBucketOwnerEnforced };
std::optional<Ownership> parse_ownership(std::string_view name);

struct BucketAccess {
  std::uint64_t revision = 0;
  std::string owner_id;
  std::optional<auth::Policy> policy;
  bool policy_is_public = false;
  bool policy_is_broken = false;  // stored, but cannot be read: it may have denied anything
  Acl acl;
  PublicAccessBlock block;
  // A bucket without the setting takes ACLs, as the first buckets of S3 did.
  Ownership ownership = Ownership::kObjectWriter;

  [[nodiscard]] bool ignores_acls() const { return ownership == Ownership::kBucketOwnerEnforced; }
};

// `server_owner_id` owns what has no owner of its own.
BucketAccess bucket_access(const Bucket& bucket, const std::string& server_owner_id);

// Whether BucketOwnerEnforced takes the ACL that was asked for with an object, by headers or, without any,
// by a document: `bucket-owner-full-control` by name, or grants to nobody but `owner_id` and the owner of the
// bucket, who may do everything.
bool is_bucket_owner_full_control(const AclHeaders& headers, const Acl& acl, const std::string& owner_id,
                                  const std::string& bucket_owner_id);

// AccessDenied if BlockPublicAcls forbids the ACL.
S3Result<void> check_public_acl(const BucketAccess& bucket, const Acl& acl);

struct ObjectAccess {
  ObjectOwner owner;
  std::string acl;  // as in ObjectMetadata
};

// Whose a new object in the bucket is and who may use it: what `headers` say, as far as the bucket's
// ownership controls and public access block let them. `writer_id` is the canonical user id of who puts it,
// `writer` the same as the store writes it, `bucket_owner` that of the bucket. Errors:
// AccessControlListNotSupported, AccessDenied, those of requested_acl().
S3Result<ObjectAccess> access_of_new_object(const BucketAccess& bucket, const ObjectOwner& bucket_owner,
                                            const std::string& writer_id, const ObjectOwner& writer,
                                            const AclHeaders& headers, const KnownAccounts& accounts);

// Thread-safety: all methods may be called concurrently.
class BucketAccessCache {
 public:
  explicit BucketAccessCache(std::string server_owner_id) : server_owner_id_(std::move(server_owner_id)) {}

  std::shared_ptr<const BucketAccess> get(const Bucket& bucket);

 private:
  static constexpr std::size_t kBucketsMax = 10'000;

  const std::string server_owner_id_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<const BucketAccess>> buckets_;  // guarded by mutex_
};

}  // namespace tidemark::s3emu
