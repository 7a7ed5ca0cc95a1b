#include "server/program/bucket_reset.h"

#include "base/auth/credentials.h"

namespace tidemark::server {
namespace {

// How buckets name the account as their owner.
std::string canonical_id_of(const auth::Authority& authority, const std::string& account) {
  const auth::Account* const known = authority.credentials().find_account(account);
  return known != nullptr ? known->canonical_user_id : auth::derived_canonical_user_id(account);
}

}  // namespace

Result<std::size_t> discard_buckets(s3emu::ObjectStore& store, const auth::Authority& authority,
                                    const auth::Account& own, const std::optional<std::string>& account) {
  std::string owner;
  if (account && *account != own.id) owner = canonical_id_of(authority, *account);
  std::size_t count = 0;
  for (const s3emu::BucketInfo& bucket : store.list_buckets()) {
    const std::string& id = bucket.owner.id;
    const bool is_meant = !account || id == owner || (owner.empty() && id == own.canonical_user_id);
    if (!is_meant) continue;
    const auto gone = store.discard_bucket(bucket.name);
    if (!gone && gone.error().id != s3emu::S3Code::kNoSuchBucket) {
      return fail(Error::io("the bucket " + bucket.name + " cannot be removed: " + gone.error().message));
    }
    ++count;
  }
  return count;
}

}  // namespace tidemark::server
