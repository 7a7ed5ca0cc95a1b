// Stands between the ports and the services and tells the ring of the requests that go by, while somebody
// looks.
#pragma once

#include <memory>

#include "base/clock.h"
#include "base/http_message.h"
#include "server/live/request_ring.h"

namespace tidemark::server {

// Thread-safety: begin() may be called concurrently.
class RequestTap final : public http::Service {
 public:
  // All must outlive the tap and its exchanges.
  RequestTap(http::Service& next, RequestRing& ring, const Clock& clock)
      : next_(next), ring_(ring), clock_(clock) {}

  Result<std::unique_ptr<http::Exchange>, http::Response> begin(http::RequestHead head) override;

 private:
  http::Service& next_;
  RequestRing& ring_;
  const Clock& clock_;
};

}  // namespace tidemark::server
