// How answers describe a bulk operation.
#pragma once

#include "base/json_writer.h"
#include "transfer/bulk_jobs.h"

namespace tidemark::api {

// A bulk operation, and how far it is.
struct BulkState {
  transfer::BulkRecord record;
  transfer::BulkNumbers numbers;
};

// The member `BulkOperationDescription`. Source: DynamoDB API reference, BulkOperationDescription.
void render_bulk_description(const BulkState& state, JsonWriter& json);

}  // namespace tidemark::api
