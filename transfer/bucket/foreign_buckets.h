// Buckets of S3 services elsewhere, which exports and imports use like those of this process.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/net/s3_endpoint.h"
#include "base/random.h"
#include "base/result.h"
#include "transfer/bucket/bucket.h"
#include "transfer/bucket/s3_client.h"

namespace tidemark::transfer {

// Sends each bucket's traffic to where the bucket is. Memory is bounded: an upload keeps one part of 8 MiB,
// an open object one block of that size.
class ForeignBuckets final : public Buckets {
 public:
  // The caller keeps `here` and `random` alive. Errors: kInvalidArgument for authorities that cannot be read.
  static Result<std::unique_ptr<ForeignBuckets>> make(const BucketPlaces& places, Buckets& here,
                                                      Random& random);

  std::unique_ptr<Bucket> bucket(const std::string& name, const s3emu::JobCaller& caller,
                                 std::stop_token stop) override;
  [[nodiscard]] bool is_elsewhere(const std::string& name) const override {
    return client_for(name) != nullptr;
  }

 private:
  explicit ForeignBuckets(Buckets& here) : here_(here) {}

  // Null: the bucket is here.
  [[nodiscard]] const std::shared_ptr<S3Client>& client_for(const std::string& name) const;

  Buckets& here_;
  std::map<std::string, std::shared_ptr<S3Client>, std::less<>> named_;
  std::shared_ptr<S3Client> others_;  // null: they are here
};

// One bucket elsewhere, for who has none here. The caller keeps `random` alive. Errors: kInvalidArgument for
// authorities that cannot be read.
Result<std::unique_ptr<Bucket>> foreign_bucket(const S3Endpoint& endpoint, const std::string& name,
                                               Random& random);

}  // namespace tidemark::transfer
