// The service's words for tables, their indexes, replicas and streams: which there are and which there are
// not, what they lack or do not take, what is under way on them, and too many jobs.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::model::words {

// `Table not found: Orders`, for operations that answer TableNotFoundException.
std::string no_such_table(std::string_view name_or_arn);
// `Table already exists: Orders`
std::string table_exists(std::string_view name);

// `Requested resource not found: Stream: <arn> not found`
std::string no_such_stream(std::string_view arn);

// A region in which a global table has no replica, or no witness.
inline constexpr const char* kNoSuchReplica =
    "Replica specified in the Replica Update or Replica Delete action of the request was not found.";

// `The table does not have the specified index: by_name`; statements of PartiQL are told no name.
inline constexpr const char* kNoSuchIndex = "The table does not have the specified index";
std::string no_such_index(std::string_view name);
// `Cannot read from backfilling global secondary index: by_name`
std::string backfilling_index(std::string_view name);
// For ResourceInUseException:
// `Attempt to change a resource which is still in use: Index is being created: by_name`; `what` is `created`
// or `deleted`.
std::string index_in_use(std::string_view what, std::string_view name);
// `One or more parameter values were invalid: Global secondary index by_name does not project [a, b]`
std::string not_projected(std::string_view index, const std::vector<std::string>& attributes);

// Inside of invalid_parameter().
inline constexpr const char* kNoUnitsOnDemand =
    "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST";

// For PointInTimeRecoveryUnavailableException:
// `Point in time recovery is not enabled for table 'Orders'`
std::string pitr_not_enabled(std::string_view table);

// For LimitExceededException:
// `Subscriber limit exceeded: There is a limit of 300 concurrent export tasks`
std::string too_many_jobs(std::size_t most, std::string_view jobs);

}  // namespace tidemark::model::words
