// The S3 REST API over an ObjectStore.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/auth/account.h"
#include "base/auth/authority.h"
#include "base/http_message.h"
#include "s3emu/access/authorizer.h"
#include "s3emu/object_store.h"
#include "s3emu/rest/lifecycle_rules.h"

namespace tidemark::s3emu {

struct SettingsCache;

// Thread-safety: begin() may be called concurrently.
class S3Service final : public http::Service {
 public:
  struct Options {
    std::string region = "us-east-1";  // of buckets created without one
    // Whether signatures are verified, and whose access keys are known. Never null.
    std::shared_ptr<const auth::Authority> authority = std::make_shared<auth::Authority>();
    // Whom everybody else is taken for while they are not.
    auth::Account owner = {"000000000000", "0d5e00000000000000000000000000000000000000000000000000000000cafe",
                           "owner"};
    // Lower case. `<bucket>.<one of these>` in the Host header addresses the bucket.
    std::vector<std::string> base_domains = {"localhost", "s3.localhost"};
    bool cors_any_origin = false;  // pages may do what no CORS rule allows
    LifecycleCalendar lifecycle_calendar = {};
  };

  // The caller keeps `store`, `clock` and `random` alive, also for the exchanges.
  S3Service(ObjectStore& store, Options options, Clock& clock, Random& random);
  ~S3Service() override;

  Result<std::unique_ptr<http::Exchange>, http::Response> begin(http::RequestHead head) override;

 private:
  ObjectStore& store_;
  const Options options_;
  Clock& clock_;
  Authorizer access_;
  Random& random_;
  const std::unique_ptr<SettingsCache> cache_;
};

}  // namespace tidemark::s3emu
