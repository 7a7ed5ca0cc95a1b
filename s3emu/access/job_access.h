// How exports and imports, which reach the store without HTTP, use buckets: on behalf of an account, under
// the rules that bind requests of that account.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/auth/authority.h"
#include "base/clock.h"
#include "s3emu/access/authorizer.h"

namespace tidemark::s3emu {

struct JobCaller {
  std::string account_id;
  // The account that the bucket must belong to; nothing: any. In open mode the caller's own is right as well.
  std::optional<std::string> bucket_owner = std::nullopt;
};

// Thread-safety: all methods may be called concurrently.
class JobAccess {
 public:
  // `owner` has what has no owner of its own. The caller keeps `store` and `clock` alive.
  JobAccess(ObjectStore& store, std::shared_ptr<const auth::Authority> authority, auth::Account owner,
            Clock& clock);

  // Errors of all: NoSuchBucket, AccessDenied.
  S3Result<void> may_list(const JobCaller& caller, const std::string& bucket, const std::string& prefix);
  S3Result<void> may_read(const JobCaller& caller, const std::string& bucket, const std::string& key);
  S3Result<void> may_abort_upload(const JobCaller& caller, const std::string& bucket, const std::string& key);
  // Whose the new object will be: it is put so that the bucket's owner has full control of it. `encryption`
  // as in x-amz-server-side-encryption.
  S3Result<ObjectAccess> may_write(const JobCaller& caller, const std::string& bucket, const std::string& key,
                                   const std::string& encryption);

 private:
  class Keys;

  [[nodiscard]] auth::Account account_of(const JobCaller& caller) const;
  S3Result<void> check_owner(const JobCaller& caller, const std::string& bucket);
  S3Result<void> check(const auth::Account& account, std::string_view action, const std::string& bucket,
                       const std::string& key, const Keys& keys, bool creates = false);

  ObjectStore& store_;
  const std::shared_ptr<const auth::Authority> authority_;
  const auth::Account owner_;
  Clock& clock_;
  Authorizer authorizer_;
};

}  // namespace tidemark::s3emu
