// A table with its replicas as the operations on their auto scaling describe it.
#pragma once

#include <vector>

#include "api/core/context.h"
#include "base/json_writer.h"
#include "storage/table.h"

namespace tidemark::api {

struct ScaledTable {
  storage::TablePtr table;
  std::vector<storage::TablePtr> replicas;  // the table included; empty: it is not global
};

ScaledTable scaled_table(const OperationContext& context, storage::TablePtr table);

// The member TableAutoScalingDescription.
void render_auto_scaling_description(const ScaledTable& scaled, JsonWriter& json);

}  // namespace tidemark::api
