#include "server/bucket_reset.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/auth/credentials.h"

namespace tidemark::server {
namespace {

// How buckets name the account as their owner.
std::string canonical_id_of(const auth::Authority& authority, const std::string& account) {
  const auth::Account* const known = authority.credentials().find_account(account);
  return known != nullptr ? known->canonical_user_id : auth::derived_canonical_user_id(account);
}

// Removes a page of versions, as far as none is locked for good. Whether there were any that could go.
s3emu::S3Result<bool> discard_page(s3emu::ObjectStore& store, const s3emu::BucketInfo& bucket) {
  ASSIGN_OR_RETURN(const auto page, store.list_versions(bucket.name, {}));
  std::vector<s3emu::Deletion> deletions;
  for (const s3emu::ListedVersion& version : page.versions) {
    const s3emu::ObjectInfo& info = version.info;
    if (bucket.object_lock) {
      // A delete marker has none, which is as good.
      static_cast<void>(store.set_object_legal_hold(bucket.name, info.key, false, info.version_id));
    }
    s3emu::Deletion deletion;
    deletion.key = info.key;
    if (bucket.versioning != s3emu::Versioning::kNever) deletion.version = info.version_id;
    deletion.bypass_governance = true;
    deletions.push_back(std::move(deletion));
  }
  if (deletions.empty()) return false;
  ASSIGN_OR_RETURN(const auto deleted, store.delete_objects(bucket.name, deletions));
  return std::any_of(deleted.begin(), deleted.end(), [](const auto& one) { return one.has_value(); });
}

// Errors: those of the store; BucketNotEmpty when something is locked for good, or is written all the time.
s3emu::S3Result<void> discard_bucket(s3emu::ObjectStore& store, const s3emu::BucketInfo& bucket) {
  constexpr int kAttempts = 10;
  for (int attempt = 1;; ++attempt) {
    for (bool is_more = true; is_more;) {
      ASSIGN_OR_RETURN(is_more, discard_page(store, bucket));
    }
    auto gone = store.delete_bucket(bucket.name);
    if (gone || gone.error().id != s3emu::S3Code::kBucketNotEmpty || attempt == kAttempts) return gone;
  }
}

}  // namespace

Result<std::size_t> discard_buckets(s3emu::ObjectStore& store, const auth::Authority& authority,
                                    const auth::Account& own, const std::optional<std::string>& account) {
  std::string owner;
  if (account && *account != own.id) owner = canonical_id_of(authority, *account);
  std::size_t count = 0;
  std::string kept;
  for (const s3emu::BucketInfo& bucket : store.list_buckets()) {
    const std::string& id = bucket.owner.id;
    const bool is_meant = !account || id == owner || (owner.empty() && id == own.canonical_user_id);
    if (!is_meant) continue;
    const auto gone = discard_bucket(store, bucket);
    if (gone || gone.error().id == s3emu::S3Code::kNoSuchBucket) {
      ++count;
    } else if (gone.error().id == s3emu::S3Code::kBucketNotEmpty) {
      kept = bucket.name;
    } else {
      return fail(Error::io("the bucket " + bucket.name + " cannot be removed: " + gone.error().message));
    }
  }
  if (kept.empty()) return count;
  return fail(Error::conflict("everything is gone but the bucket " + kept +
                              ", which has objects under a COMPLIANCE retention"));
}

}  // namespace tidemark::server
