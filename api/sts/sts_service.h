// The one operation of the Security Token Service that tools begin with: GetCallerIdentity, in the AWS query
// protocol, as a form or in the query of the URL.
#pragma once

#include <memory>

#include "api/core/context.h"
#include "base/clock.h"
#include "base/http_message.h"
#include "base/random.h"

namespace tidemark::api {

// Thread-safety: begin() may be called concurrently; each exchange is used by one thread at a time.
class StsService final : public http::Service {
 public:
  // What is passed by reference must outlive the service; the service must outlive its exchanges.
  StsService(Settings settings, Clock& clock, Random& random);

  Result<std::unique_ptr<http::Exchange>, http::Response> begin(http::RequestHead head) override;

 private:
  const Settings settings_;
  Clock& clock_;
  Random& random_;
};

}  // namespace tidemark::api
