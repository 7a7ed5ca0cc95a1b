// Buckets of the object store in this process, used without HTTP under the rules that bind requests.
#pragma once

#include "s3emu/store/object_store.h"
#include "transfer/bucket/bucket.h"

namespace tidemark::transfer {

class LocalBuckets final : public Buckets {
 public:
  // The caller keeps both alive, longer than the buckets.
  LocalBuckets(s3emu::ObjectStore& objects, s3emu::JobAccess& access) : objects_(objects), access_(access) {}

  std::unique_ptr<Bucket> bucket(const std::string& name, const s3emu::JobCaller& caller,
                                 std::stop_token stop) override;

 private:
  s3emu::ObjectStore& objects_;
  s3emu::JobAccess& access_;
};

}  // namespace tidemark::transfer
