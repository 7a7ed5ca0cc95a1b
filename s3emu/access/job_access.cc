#include "s3emu/access/job_access.h"

#include <map>

#include "base/auth/credentials.h"

namespace tidemark::s3emu {
namespace {

constexpr const char* kService = "dynamodb.amazonaws.com";
constexpr const char* kCannedAcl = "bucket-owner-full-control";

}  // namespace

class JobAccess::Keys final : public auth::ConditionKeys {
 public:
  Keys(Timestamp now, std::map<std::string, std::string, std::less<>> further) : values_(std::move(further)) {
    values_.emplace("aws:currenttime", format_iso_seconds(now));
    values_.emplace("aws:epochtime", std::to_string(now.seconds()));
    values_.emplace("aws:viaawsservice", "true");
    values_.emplace("aws:calledvia", kService);
    values_.emplace("aws:calledviafirst", kService);
    values_.emplace("aws:calledvialast", kService);
    values_.emplace("aws:securetransport", "true");
    values_.emplace("s3:authtype", "REST-HEADER");
    values_.emplace("s3:signatureversion", auth::kSigV4Algorithm);
    values_.emplace("s3:objectcreationoperation", "true");
  }

  [[nodiscard]] std::optional<std::vector<std::string>> values(std::string_view key) const override {
    const auto found = values_.find(key);
    if (found == values_.end()) return std::nullopt;
    return std::vector<std::string>{found->second};
  }

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

JobAccess::JobAccess(ObjectStore& store, std::shared_ptr<const auth::Authority> authority,
                     auth::Account owner, Clock& clock)
    : store_(store),
      authority_(std::move(authority)),
      owner_(std::move(owner)),
      clock_(clock),
      authorizer_(store, {.strict = authority_->is_strict(), .owner = owner_}) {}

// In open mode there are accounts that nobody has heard of.
auth::Account JobAccess::account_of(const JobCaller& caller) const {
  if (const auto* const known = authority_->credentials().find_account(caller.account_id)) return *known;
  if (caller.account_id == owner_.id) return owner_;
  return {caller.account_id, auth::derived_canonical_user_id(caller.account_id), caller.account_id};
}

S3Result<void> JobAccess::check_owner(const JobCaller& caller, const std::string& bucket) {
  ASSIGN_OR_RETURN(const auto snapshot, store_.bucket(bucket));
  if (!caller.bucket_owner) return {};
  if (!authorizer_.is_strict() && *caller.bucket_owner == caller.account_id) return {};
  const std::string id = authorizer_.owner_id(snapshot->info.owner);
  const auto* const known = authority_->credentials().find_canonical(id);
  const bool owned_by_server = id == owner_.canonical_user_id && *caller.bucket_owner == owner_.id;
  if (owned_by_server || (known != nullptr && known->id == *caller.bucket_owner)) return {};
  if (id == auth::derived_canonical_user_id(*caller.bucket_owner)) return {};
  return fail(S3Error::of(S3Code::kAccessDenied));
}

S3Result<void> JobAccess::check(const auth::Account& account, std::string_view action,
                                const std::string& bucket, const std::string& key, const Keys& keys,
                                bool creates) {
  return authorizer_.check(
      {.action = action, .bucket = bucket, .key = key, .caller = &account, .keys = keys, .creates = creates});
}

S3Result<void> JobAccess::may_list(const JobCaller& caller, const std::string& bucket,
                                   const std::string& prefix) {
  RETURN_IF_ERROR(check_owner(caller, bucket));
  return check(account_of(caller), "s3:ListBucket", bucket, {}, Keys(clock_.now(), {{"s3:prefix", prefix}}));
}

S3Result<void> JobAccess::may_read(const JobCaller& caller, const std::string& bucket,
                                   const std::string& key) {
  RETURN_IF_ERROR(check_owner(caller, bucket));
  return check(account_of(caller), "s3:GetObject", bucket, key, Keys(clock_.now(), {}));
}

S3Result<void> JobAccess::may_abort_upload(const JobCaller& caller, const std::string& bucket,
                                           const std::string& key) {
  RETURN_IF_ERROR(check_owner(caller, bucket));
  const auth::Account account = account_of(caller);
  const Keys keys(clock_.now(), {});
  return authorizer_.check({.action = "s3:AbortMultipartUpload",
                            .bucket = bucket,
                            .key = key,
                            .caller = &account,
                            .keys = keys,
                            .initiator = account.canonical_user_id});
}

S3Result<ObjectAccess> JobAccess::may_write(const JobCaller& caller, const std::string& bucket,
                                            const std::string& key, const std::string& encryption) {
  RETURN_IF_ERROR(check_owner(caller, bucket));
  const auth::Account account = account_of(caller);
  const Keys keys(clock_.now(),
                  {{"s3:x-amz-acl", kCannedAcl}, {"s3:x-amz-server-side-encryption", encryption}});
  RETURN_IF_ERROR(check(account, "s3:PutObject", bucket, key, keys));
  RETURN_IF_ERROR(check(account, "s3:PutObjectAcl", bucket, key, keys, true));
  ASSIGN_OR_RETURN(const auto snapshot, store_.bucket(bucket));
  ASSIGN_OR_RETURN(const auto access, authorizer_.bucket(bucket));
  ObjectOwner writer;
  // In open mode everything is the server's.
  const bool is_server = !authorizer_.is_strict() || account.canonical_user_id == owner_.canonical_user_id;
  if (!is_server) writer = {account.canonical_user_id, account.display_name};
  return access_of_new_object(*access, snapshot->info.owner, authorizer_.owner_id(writer), writer,
                              {.canned = kCannedAcl}, {.find = nullptr, .any = true});
}

}  // namespace tidemark::s3emu
