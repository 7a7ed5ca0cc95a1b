// Who may do what: policy, ACLs, ownership and public access blocks of a bucket put together.
//
// In open mode everybody is the owner of everything, so that only an explicit Deny of a policy has effect. In
// strict mode:
//   - an explicit Deny wins, except that a bucket's owner may always read, put and delete its policy;
//   - the bucket's owner may do everything in it but read objects of other accounts and change their ACLs and
//     tags;
//   - others, and anonymous callers, need an Allow of the policy, which counts for the bucket and for objects
//     of its owner, or a grant of the ACL;
//   - an upload is continued only by who began it and may still write, and given up or looked at by who began
//     it, unless the policy lets others;
//   - who may not list a bucket does not learn which keys are not there.
#pragma once

#include <string>
#include <string_view>

#include "s3emu/access/bucket_access.h"

namespace tidemark::s3emu {

// Lives no longer than what it refers to.
struct AccessRequest {
  std::string_view action;  // `s3:GetObject`
  const std::string& bucket;
  const std::string& key;  // empty: the bucket itself
  VersionChoice version = std::nullopt;
  const auth::Account* caller = nullptr;  // nullptr: anonymous
  // What the request tells; the authorizer knows the keys of caller, bucket, object and version itself.
  const auth::ConditionKeys& keys;
  // The action is about an object that is yet to be made, whatever stands at the key now.
  bool creates = false;
  // The action is about an upload: the canonical id of who began it; empty: the upload is not there.
  std::optional<std::string> initiator = std::nullopt;
};

// Thread-safety: all methods may be called concurrently.
class Authorizer {
 public:
  struct Options {
    bool strict = false;
    auth::Account owner;  // of what has no owner of its own
  };

  // The caller keeps `store` alive.
  Authorizer(ObjectStore& store, Options options);

  // Everybody may do everything in the bucket: the usual case, found out by one look-up.
  [[nodiscard]] bool is_unrestricted(const std::string& bucket) const;
  // As the bucket and the object are now: what comes of it must be done at once. Errors: NoSuchBucket, which
  // is never a permission, as the bucket may be there, and somebody's, a moment later; AccessDenied; those of
  // head_object for callers who may know that what the action needs is not there.
  S3Result<void> check(const AccessRequest& request);

  // What access to a bucket depends on, as it is now. Errors: NoSuchBucket.
  S3Result<std::shared_ptr<const BucketAccess>> bucket(const std::string& name);

  [[nodiscard]] bool is_strict() const { return options_.strict; }
  // `owner`, or the server's owner where there is none.
  [[nodiscard]] std::string owner_id(const ObjectOwner& owner) const;

 private:
  enum class Verdict { kAllowed, kDenied, kDeniedExplicitly, kAbsent };
  class Keys;

  Verdict judge(const AccessRequest& request, const BucketAccess& bucket, const Keys& keys);
  Verdict judge_strictly(const AccessRequest& request, const BucketAccess& bucket,
                         auth::PolicyDecision decision, const Keys& keys);
  Verdict judge_object(const AccessRequest& request, const BucketAccess& bucket,
                       auth::PolicyDecision decision, const Keys& keys);
  // The same for an object that is not there.
  Verdict judge_absent(const AccessRequest& request, const BucketAccess& bucket);

  ObjectStore& store_;
  const Options options_;
  BucketAccessCache cache_;
};

}  // namespace tidemark::s3emu
