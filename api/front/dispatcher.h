// DynamoDB over HTTP: from a request to its operation and back. Judges the protocol (method, content type,
// size, JSON, target, authorization, member types, constraints) in the service's order, runs the operation
// and dresses its answer with the service's headers.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "api/core/account_limits.h"
#include "api/core/context.h"
#include "api/core/error.h"
#include "base/clock.h"
#include "base/http_message.h"
#include "base/random.h"
#include "storage/engine.h"

namespace tidemark::api {

inline constexpr std::uint64_t kBodyBytesMax = 16ULL << 20;
// A body may be longer only if its sender says who it is.
inline constexpr std::uint64_t kNamelessBodyBytesMax = 16 << 10;

// Thread-safety: begin() may be called concurrently; each exchange is used by one thread at a time.
class DynamoDbService final : public http::Service {
 public:
  // What is passed by reference must outlive the service; the service must outlive its exchanges.
  DynamoDbService(storage::Engine& engine, Settings settings, Clock& clock, Random& random,
                  transfer::Transfers* transfers = nullptr, timetravel::TimeTravel* time_travel = nullptr);

  // Before requests come; without it accounts have no limits.
  void limit_accounts(const AccountLimits& limits) { limits_ = limits; }

  Result<std::unique_ptr<http::Exchange>, http::Response> begin(http::RequestHead head) override;

 private:
  storage::Engine& engine_;
  const Settings settings_;
  AccountLimits limits_;
  Clock& clock_;
  Random& random_;
  transfer::Transfers* transfers_;  // see OperationContext, as for the next
  timetravel::TimeTravel* time_travel_;
};

}  // namespace tidemark::api
