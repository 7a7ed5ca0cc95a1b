// The S3 REST API over an ObjectStore.
#pragma once

#include <memory>

#include "base/http_message.h"
#include "s3emu/access/authorizer.h"
#include "s3emu/rest/core/options.h"
#include "s3emu/store/object_store.h"

namespace tidemark::s3emu {

struct SettingsCache;

// Thread-safety: begin() may be called concurrently.
class S3Service final : public http::Service {
 public:
  using Options = S3Options;

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
