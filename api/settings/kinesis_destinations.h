// What the operations on Kinesis streaming destinations share.
#pragma once

#include <string_view>

#include "api/core/error.h"
#include "api/core/input.h"
#include "api/core/shape.h"
#include "base/json_writer.h"
#include "model/table_schema.h"

namespace tidemark::api {

// The members TableName, StreamArn and, under the operation's own name, the configuration.
Shape kinesis_input(std::string_view name, std::string_view configuration);

struct KinesisRequest {
  std::string_view table_name;  // or ARN
  std::string_view stream_arn;
  std::string_view precision;  // empty: nobody said
};
KinesisRequest read_kinesis_request(const Input& input, std::string_view configuration);

// Null when there is none.
model::KinesisDestination* find_destination(model::TableSchema& schema, std::string_view stream_arn);

// `Table is not in a valid state to enable Kinesis Streaming Destination: <why>`
ApiError wrong_destination_state(std::string_view verb, std::string_view why);
// That there is no such destination, in the same form.
ApiError no_destination(std::string_view verb, const KinesisRequest& request);

// The members of the answer to a change, which show the state that it passes through.
void render_kinesis_change(const KinesisRequest& request, std::string_view status,
                           std::string_view configuration, JsonWriter& json);

}  // namespace tidemark::api
