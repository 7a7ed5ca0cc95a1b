// `POST /_tidemark/reset`: everything is gone, as at the first start, or everything of one account.
//
//   (no body) or {}               of all accounts
//   {"account":"111111111111"}    of that account
//   {"accessKey":"student01"}     of the account of that access key
//
//   200 {"status":"ok","tables":3,"streams":0,"backups":1,"jobs":2,"buckets":1}: how many of each went
//
// Jobs are cancelled and forgotten, the error logs of imports with them; then go tables with their past,
// backups and streams, buckets with all that is in them, and what the bill had counted. The clock stays where
// it is. Safe beside every other request: who is using a table or a bucket finds it gone, and what is made
// meanwhile may stay. Space is given back in the background, within seconds. A job that does not notice
// within ten seconds that it was cancelled is counted in "jobsLeft".
//
// 400 with a sentence for a wrong member. The paths by which tests reset LocalStack and moto do the same.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/route.h"
#include "base/result.h"
#include "jobs/job_registry.h"
#include "storage/engine.h"
#include "timetravel/backups.h"

namespace tidemark::admin {

// Outside of `/_tidemark/`; POST alone.
inline constexpr std::array<std::string_view, 2> kResetAliases = {"/_localstack/state/reset",
                                                                  "/moto-api/reset"};

struct ResetParts {
  storage::Engine& engine;
  jobs::JobRegistry& jobs;
  timetravel::Backups& backups;
  // Those of the account, or of all. Returns how many there were.
  std::function<Result<std::size_t>(const std::optional<std::string>& account)> discard_buckets;
  // Nothing: the key is nobody's.
  std::function<std::optional<std::string>(std::string_view access_key)> account_of_key;
  // What the account, or anybody, has used counts no more.
  std::function<void(const std::optional<std::string>& account)> clear_usage;
};

// What the parts refer to must outlive the routes.
std::vector<Route> reset_routes(ResetParts parts);

}  // namespace tidemark::admin
