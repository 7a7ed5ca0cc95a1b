#include "s3emu/access/authorizer.h"

#include <algorithm>
#include <array>

#include "base/auth/policy/global_keys.h"

namespace tidemark::s3emu {
namespace {

bool is_one_of(std::string_view action, std::initializer_list<std::string_view> actions) {
  return std::find(actions.begin(), actions.end(), action) != actions.end();
}

// What the ACL of the bucket must grant for an action; nothing: no ACL can.
std::optional<Permission> bucket_permission(const AccessRequest& request) {
  const std::string_view action = request.action;
  if (is_one_of(action, {"s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads"})) {
    return Permission::kRead;
  }
  if (action == "s3:GetBucketAcl") return Permission::kReadAcp;
  if (action == "s3:PutBucketAcl") return Permission::kWriteAcp;
  const bool writes = request.creates || is_one_of(action, {"s3:PutObject", "s3:DeleteObject"});
  // To who may write an upload that is not there is no secret.
  const bool of_no_upload = request.initiator && request.initiator->empty();
  if (writes || of_no_upload) return Permission::kWrite;
  return std::nullopt;
}

// What the initiator of an upload may do without any grant.
bool is_initiators_right(std::string_view action) {
  return is_one_of(action, {"s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"});
}

// The same for an object and its own ACL.
std::optional<Permission> object_permission(std::string_view action) {
  if (is_one_of(action, {"s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectAttributes",
                         "s3:GetObjectVersionAttributes"})) {
    return Permission::kRead;
  }
  if (is_one_of(action, {"s3:GetObjectAcl", "s3:GetObjectVersionAcl"})) return Permission::kReadAcp;
  if (is_one_of(action, {"s3:PutObjectAcl", "s3:PutObjectVersionAcl"})) return Permission::kWriteAcp;
  return std::nullopt;
}

// Whether it takes an object that is there, whose owner then has a say.
bool needs_object(const AccessRequest& request) {
  if (request.key.empty() || request.creates) return false;
  return !is_one_of(request.action,
                    {"s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:AbortMultipartUpload",
                     "s3:ListMultipartUploadParts", "s3:BypassGovernanceRetention"});
}

// Callers without credentials have one, too.
std::string_view caller_id(const AccessRequest& request) {
  return request.caller != nullptr ? std::string_view(request.caller->canonical_user_id) : kAnonymousUserId;
}

bool is_about_policy(std::string_view action) {
  return is_one_of(action, {"s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"});
}

std::optional<std::vector<std::string>> one(std::string value) {
  return std::vector<std::string>{std::move(value)};
}

S3Error denied(const AccessRequest& request, const BucketAccess& bucket, bool explicitly) {
  // Callers of other accounts are not told why.
  if (!explicitly || request.caller == nullptr || request.caller->canonical_user_id != bucket.owner_id) {
    return S3Error::of(S3Code::kAccessDenied);
  }
  std::string resource = "arn:aws:s3:::" + request.bucket;
  if (!request.key.empty()) resource += "/" + request.key;
  return S3Error::of(S3Code::kAccessDenied, "User: " + auth::caller_arn(*request.caller) +
                                                " is not authorized to perform: " +
                                                std::string(request.action) + " on resource: \"" + resource +
                                                "\" with an explicit deny in a resource-based policy");
}

}  // namespace

// The keys of the request, of its caller and of the object; the last is looked up only when it is asked for.
class Authorizer::Keys final : public auth::ConditionKeys {
 public:
  Keys(const AccessRequest& request, const BucketAccess& bucket, ObjectStore& store)
      : request_(request), bucket_(bucket), store_(store) {}

  [[nodiscard]] std::optional<std::vector<std::string>> values(std::string_view key) const override {
    constexpr std::string_view kTag = "s3:existingobjecttag/";
    if (key.starts_with(kTag)) return tag(key.substr(kTag.size()));
    // The version that is judged may be the source of a copy or one of many deletions.
    if (key == "s3:versionid") return version();
    if (auto value = auth::caller_value(key, request_.caller)) return value;
    if (const auth::Account* const caller = request_.caller) {
      const bool of_owner = caller->canonical_user_id == bucket_.owner_id;
      if (of_owner && (key == "s3:resourceaccount" || key == "aws:resourceaccount")) return one(caller->id);
    }
    return request_.keys.values(key);
  }
  // No body has anything to say of a listing.
  [[nodiscard]] bool is_pending(std::string_view key) const override {
    return request_.action != "s3:ListBucket" && request_.keys.is_pending(key);
  }

  // Nothing when it is not there.
  const ObjectDetails* object() const {
    if (!object_) object_ = store_.head_object(request_.bucket, request_.key, request_.version);
    return *object_ ? &**object_ : nullptr;
  }

  // Why there is no object.
  [[nodiscard]] const S3Error& absence() const { return object_->error(); }

 private:
  [[nodiscard]] std::optional<std::vector<std::string>> version() const {
    if (!request_.version) return std::nullopt;
    return one(*request_.version);
  }
  std::optional<std::vector<std::string>> tag(std::string_view name) const {
    if (request_.key.empty() || object() == nullptr) return std::nullopt;
    for (const auto& [key, value] : object()->metadata.tags) {
      if (key == name) return one(value);
    }
    return std::nullopt;
  }

  const AccessRequest& request_;
  const BucketAccess& bucket_;
  ObjectStore& store_;
  mutable std::optional<S3Result<ObjectDetails>> object_;  // nothing: not looked up yet
};

Authorizer::Authorizer(ObjectStore& store, Options options)
    : store_(store), options_(std::move(options)), cache_(options_.owner.canonical_user_id) {}

std::string Authorizer::owner_id(const ObjectOwner& owner) const {
  return owner.id.empty() ? options_.owner.canonical_user_id : owner.id;
}

S3Result<std::shared_ptr<const BucketAccess>> Authorizer::bucket(const std::string& name) {
  ASSIGN_OR_RETURN(const auto snapshot, store_.bucket(name));
  return cache_.get(*snapshot);
}

bool Authorizer::is_unrestricted(const std::string& bucket) const {
  if (options_.strict) return false;
  const auto snapshot = store_.bucket(bucket);
  return snapshot && (*snapshot)->setting(kPolicySetting) == nullptr;
}

S3Result<void> Authorizer::check(const AccessRequest& request) {
  ASSIGN_OR_RETURN(const auto snapshot, store_.bucket(request.bucket));
  if (!options_.strict && snapshot->setting(kPolicySetting) == nullptr) return {};
  const auto bucket = cache_.get(*snapshot);
  const Keys keys(request, *bucket, store_);
  const Verdict verdict = judge(request, *bucket, keys);
  if (verdict == Verdict::kAllowed) return {};
  if (verdict == Verdict::kAbsent) return fail(keys.absence());
  return fail(denied(request, *bucket, verdict == Verdict::kDeniedExplicitly));
}

Authorizer::Verdict Authorizer::judge(const AccessRequest& request, const BucketAccess& bucket,
                                      const Keys& keys) {
  const bool is_owner = !options_.strict || caller_id(request) == bucket.owner_id;
  if (is_owner && is_about_policy(request.action)) return Verdict::kAllowed;
  if (bucket.policy_is_broken) return Verdict::kDeniedExplicitly;
  auth::PolicyDecision decision = auth::PolicyDecision::kNone;
  if (bucket.policy) {
    const std::string resource = request.key.empty() ? request.bucket : request.bucket + "/" + request.key;
    decision = bucket.policy->evaluate(
        {.action = request.action, .resource = resource, .caller = request.caller, .keys = keys});
  }
  if (decision == auth::PolicyDecision::kDeny) return Verdict::kDeniedExplicitly;
  if (options_.strict) return judge_strictly(request, bucket, decision, keys);
  // In open mode only a Deny can hide which keys there are.
  const bool hides = bucket.policy && bucket.policy->has_deny() && needs_object(request);
  return !hides || keys.object() != nullptr ? Verdict::kAllowed : judge_absent(request, bucket);
}

Authorizer::Verdict Authorizer::judge_strictly(const AccessRequest& request, const BucketAccess& bucket,
                                               auth::PolicyDecision decision, const Keys& keys) {
  const bool is_owner = caller_id(request) == bucket.owner_id;
  if (!is_owner && bucket.block.restrict_public_buckets && bucket.policy_is_public) return Verdict::kDenied;
  if (needs_object(request)) return judge_object(request, bucket, decision, keys);
  if (is_owner || decision == auth::PolicyDecision::kAllow) return Verdict::kAllowed;
  if (request.initiator && !request.initiator->empty()) {
    if (caller_id(request) != *request.initiator) return Verdict::kDenied;
    if (is_initiators_right(request.action)) return Verdict::kAllowed;
  }
  const auto permission = bucket_permission(request);
  const bool granted = !bucket.ignores_acls() && permission &&
                       bucket.acl.allows(request.caller, *permission, bucket.block.ignore_public_acls);
  return granted ? Verdict::kAllowed : Verdict::kDenied;
}

Authorizer::Verdict Authorizer::judge_object(const AccessRequest& request, const BucketAccess& bucket,
                                             auth::PolicyDecision decision, const Keys& keys) {
  const ObjectDetails* const object = keys.object();
  if (object == nullptr) return judge_absent(request, bucket);
  const std::string owner = bucket.ignores_acls() ? bucket.owner_id : owner_id(object->metadata.owner);
  if (owner == bucket.owner_id) {
    // Whatever the ACL says: the owner's account decides through the policy.
    if (caller_id(request) == owner || decision == auth::PolicyDecision::kAllow) return Verdict::kAllowed;
    if (bucket.ignores_acls()) return Verdict::kDenied;
  } else if (caller_id(request) == owner) {
    return Verdict::kAllowed;
  }
  const auto permission = object_permission(request.action);
  const bool granted =
      permission && acl_from_text(object->metadata.acl, owner)
                        .allows(request.caller, *permission, bucket.block.ignore_public_acls);
  return granted ? Verdict::kAllowed : Verdict::kDenied;
}

// Never allowed: the object may be there by the time the operation looks.
Authorizer::Verdict Authorizer::judge_absent(const AccessRequest& request, const BucketAccess& bucket) {
  const std::string no_key;
  const AccessRequest list{.action = "s3:ListBucket",
                           .bucket = request.bucket,
                           .key = no_key,
                           .caller = request.caller,
                           .keys = request.keys};
  const Keys keys(list, bucket, store_);
  return judge(list, bucket, keys) == Verdict::kAllowed ? Verdict::kAbsent : Verdict::kDenied;
}

}  // namespace tidemark::s3emu
