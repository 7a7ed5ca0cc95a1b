// The service's words for tables and indexes: what they lack or do not take, and too many jobs on them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tidemark::model::words {

// `The table does not have the specified index: by_name`; statements of PartiQL are told no name.
inline constexpr const char* kNoSuchIndex = "The table does not have the specified index";
std::string no_such_index(std::string_view name);
// `Cannot read from backfilling global secondary index: by_name`
std::string backfilling_index(std::string_view name);

// Inside of invalid_parameter().
inline constexpr const char* kNoUnitsOnDemand =
    "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST";

// Of a PointInTimeRecoveryUnavailableException:
// `Point in time recovery is not enabled for table 'Orders'`
std::string pitr_not_enabled(std::string_view table);

// Of a LimitExceededException:
// `Subscriber limit exceeded: There is a limit of 300 concurrent export tasks`
std::string too_many_jobs(std::size_t most, std::string_view jobs);

}  // namespace tidemark::model::words
