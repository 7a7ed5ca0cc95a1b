// What tools that read logs need of CloudWatch Logs, in its JSON protocol: the error logs of imports.
#pragma once

#include <memory>

#include "api/core/context.h"
#include "base/clock.h"
#include "base/http_message.h"
#include "base/random.h"
#include "storage/engine.h"
#include "transfer/transfers.h"

namespace tidemark::api {

// With what a target of this service begins.
inline constexpr std::string_view kLogsTarget = "Logs_20140328.";

// Thread-safety: begin() may be called concurrently; each exchange is used by one thread at a time.
class LogsService final : public http::Service {
 public:
  // What is passed by reference must outlive the service; the service must outlive its exchanges.
  LogsService(storage::Engine& engine, Settings settings, Clock& clock, Random& random,
              transfer::Transfers& transfers);

  Result<std::unique_ptr<http::Exchange>, http::Response> begin(http::RequestHead head) override;

 private:
  storage::Engine& engine_;
  const Settings settings_;
  Clock& clock_;
  Random& random_;
  transfer::Transfers& transfers_;
};

}  // namespace tidemark::api
