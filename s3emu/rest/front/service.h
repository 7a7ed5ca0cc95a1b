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

  // Whether the bucket's CORS rules, or Options.cors_origins, let a page of that origin, empty when nobody
  // knows it, do what the head says. A preflight always may ask. Thread-safe.
  bool lets_page(const http::RequestHead& head, std::string_view origin);

 private:
  ObjectStore& store_;
  const Options options_;
  Clock& clock_;
  Authorizer access_;
  Random& random_;
  const std::unique_ptr<SettingsCache> cache_;
};

}  // namespace tidemark::s3emu
