#include "s3emu/access/bucket_access.h"

#include "base/log.h"

namespace tidemark::s3emu {
namespace {

constexpr std::string_view kBucketOwnerFullControl = "bucket-owner-full-control";
constexpr std::pair<Ownership, std::string_view> kOwnerships[] = {
    {Ownership::kObjectWriter, "ObjectWriter"},
    {Ownership::kBucketOwnerPreferred, "BucketOwnerPreferred"},
    {Ownership::kBucketOwnerEnforced, "BucketOwnerEnforced"},
};

}  // namespace

std::string PublicAccessBlock::text() const {
  std::string out;
  if (block_public_acls) out.push_back('A');
  if (ignore_public_acls) out.push_back('I');
  if (block_public_policy) out.push_back('P');
  if (restrict_public_buckets) out.push_back('R');
  return out;
}

PublicAccessBlock PublicAccessBlock::from_text(std::string_view text) {
  const auto has = [&](char letter) { return text.find(letter) != std::string_view::npos; };
  return {.block_public_acls = has('A'),
          .ignore_public_acls = has('I'),
          .block_public_policy = has('P'),
          .restrict_public_buckets = has('R')};
}

std::optional<Ownership> parse_ownership(std::string_view name) {
  for (const auto& [ownership, known] : kOwnerships) {
    if (known == name) return ownership;
  }
  return std::nullopt;
}

BucketAccess bucket_access(const Bucket& bucket, const std::string& server_owner_id) {
  BucketAccess access;
  access.revision = bucket.revision;
  access.owner_id = bucket.info.owner.id.empty() ? server_owner_id : bucket.info.owner.id;
  if (const std::string* const text = bucket.setting(kPolicySetting)) {
    if (auto policy = parse_bucket_policy(*text, bucket.info.name)) {
      access.policy_is_public = policy->is_public();
      access.policy = std::move(*policy);
    } else {
      access.policy_is_broken = true;
      log::error("a stored bucket policy cannot be read",
                 {{"bucket", bucket.info.name}, {"error", policy.error().message}});
    }
  }
  const std::string* const acl = bucket.setting(kAclSetting);
  access.acl = acl_from_text(acl == nullptr ? "" : *acl, access.owner_id);
  if (const std::string* const text = bucket.setting(kPublicAccessBlockSetting)) {
    access.block = PublicAccessBlock::from_text(*text);
  }
  if (const std::string* const name = bucket.setting(kOwnershipSetting)) {
    access.ownership = parse_ownership(*name).value_or(Ownership::kBucketOwnerEnforced);
  }
  return access;
}

bool is_bucket_owner_full_control(const AclHeaders& headers, const Acl& acl, const std::string& owner_id,
                                  const std::string& bucket_owner_id) {
  if (headers.canned && *headers.canned != kBucketOwnerFullControl) return false;
  bool found = false;
  for (const Grant& grant : acl.grants) {
    if (grant.kind != GranteeKind::kUser) return false;
    if (grant.id == bucket_owner_id) {
      found = found || grant.permission == Permission::kFullControl;
    } else if (grant.id != owner_id) {
      return false;
    }
  }
  return found;
}

S3Result<void> check_public_acl(const BucketAccess& bucket, const Acl& acl) {
  if (!bucket.block.block_public_acls || !acl.is_public()) return {};
  return fail(S3Error::of(S3Code::kAccessDenied,
                          "Public ACLs are prevented by the BlockPublicAcls setting in S3 Block Public "
                          "Access."));
}

S3Result<ObjectAccess> access_of_new_object(const BucketAccess& bucket, const ObjectOwner& bucket_owner,
                                            const std::string& writer_id, const ObjectOwner& writer,
                                            const AclHeaders& headers, const KnownAccounts& accounts) {
  ASSIGN_OR_RETURN(const Acl acl,
                   requested_acl(headers, AclLevel::kObject,
                                 {.owner_id = writer_id, .bucket_owner_id = bucket.owner_id}, accounts));
  if (bucket.ignores_acls()) {
    if (!headers.empty() && !is_bucket_owner_full_control(headers, acl, writer_id, bucket.owner_id)) {
      return fail(S3Error::of(S3Code::kAccessControlListNotSupported));
    }
    return ObjectAccess{bucket_owner, {}};
  }
  RETURN_IF_ERROR(check_public_acl(bucket, acl));
  if (bucket.ownership == Ownership::kBucketOwnerPreferred && headers.canned == kBucketOwnerFullControl) {
    return ObjectAccess{bucket_owner, {}};
  }
  return ObjectAccess{writer, acl_text(acl, writer_id)};
}

std::shared_ptr<const BucketAccess> BucketAccessCache::get(const Bucket& bucket) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = buckets_.find(bucket.info.name);
    if (found != buckets_.end() && found->second->revision == bucket.revision) return found->second;
  }
  auto access = std::make_shared<const BucketAccess>(bucket_access(bucket, server_owner_id_));
  const std::lock_guard lock(mutex_);
  // Buckets that are gone are forgotten with all the others.
  if (buckets_.size() >= kBucketsMax) buckets_.clear();
  buckets_[bucket.info.name] = access;
  return access;
}

}  // namespace tidemark::s3emu
