// What the operations on Kinesis streaming destinations share.
#pragma once

#include <cstdint>
#include <string_view>

#include "api/core/error.h"
#include "api/core/operation.h"
#include "model/table_schema.h"

namespace tidemark::api {

struct KinesisRequest {
  std::string_view table_name;  // or ARN
  std::string_view stream_arn;
  std::string_view precision;  // empty: nobody said
};

// The table's, be it active or not; null when there is none.
model::KinesisDestination* find_destination(model::TableSchema& schema, std::string_view stream_arn);

// `Table is not in a valid state to enable Kinesis Streaming Destination: <why>`, whatever is to be done.
ApiError wrong_destination_state(std::string_view why);

// An operation that changes one destination of a table.
struct KinesisChange {
  std::string_view operation;       // `EnableKinesisStreamingDestination`
  std::string_view input;           // `EnableKinesisStreamingDestinationInput`
  std::string_view configuration;   // the member with the precision, in the request and in the answer
  std::string_view passing_status;  // that the answer shows: `ENABLING`
  std::int64_t stream_arn_length_min = 37;
  // What can be said without the table; null: nothing.
  ApiResult<void> (*check)(const KinesisRequest& request) = nullptr;
  // Edits the settings of the table, which is ACTIVE and held.
  ApiResult<void> (*apply)(const KinesisRequest& request, model::TableSchema& settings) = nullptr;
};
Operation kinesis_change(const KinesisChange& change);

}  // namespace tidemark::api
