// Shapes of the structures that describe tables.
#pragma once

#include <vector>

#include "api/core/shape.h"

namespace tidemark::api {

// A table name as CreateTable wants it: 3 to 255 characters, no ARN.
Shape new_table_name();

// AttributeDefinitions, BillingMode, ProvisionedThroughput, KeySchema, LocalSecondaryIndexes,
// GlobalSecondaryIndexes, VectorIndexes and further settings, in the service's reporting order; `name` goes
// second.
std::vector<Member> table_definition_members(Member name);

Shape attribute_definitions();
Shape billing_mode();
Shape provisioned_throughput();
Shape on_demand_throughput();
Shape warm_throughput();
Shape sse_specification();
Shape stream_specification();
Shape global_index();  // a GlobalSecondaryIndex to be created
Shape local_index();
Shape projection();

}  // namespace tidemark::api
