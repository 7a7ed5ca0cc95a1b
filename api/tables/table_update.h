// The changes that UpdateTable asks for: read and judged alone, then applied to the table's schema.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/core/error.h"
#include "api/core/input.h"
#include "api/tables/stream_settings.h"
#include "api/tables/table_definition.h"
#include "api/tables/vector_index_updates.h"
#include "model/table_schema.h"
#include "storage/catalog.h"
#include "storage/table_states.h"

namespace tidemark::api {

// What a LimitExceededException says.
inline constexpr const char* kOneIndexAtATime =
    "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table";
inline constexpr const char* kIndexExists = "Attempting to create an index which already exists";

struct IndexUpdate {
  std::string name;
  std::optional<model::Throughput> throughput;
  ThroughputMembers on_demand_throughput;  // -1 removes a limit
  ThroughputMembers warm_throughput;

  [[nodiscard]] bool is_empty() const {
    return !throughput && on_demand_throughput.is_empty() && warm_throughput.is_empty();
  }
};

struct TableUpdate {
  std::optional<model::BillingMode> billing_mode;
  std::optional<model::Throughput> throughput;
  std::vector<IndexUpdate> index_updates;
  std::optional<std::string> deleted_index;
  std::optional<IndexDefinition> created_index;
  VectorIndexUpdate vector_index;
  std::vector<model::AttributeDefinition> attributes;  // of the keys of the new index
  ThroughputMembers on_demand_throughput;
  ThroughputMembers warm_throughput;
  std::optional<bool> deletion_protection;
  std::optional<std::string> table_class;
  std::optional<StreamChange> stream;
  bool changes_encryption = false;
  std::optional<std::string> kms_key_id;  // with changes_encryption; nothing: back to the service's own key
};

// Errors: ValidationException; LimitExceededException.
ApiResult<TableUpdate> read_table_update(const Input& input);

// Edits the settings, and answers what else happens to indexes. Errors: ValidationException,
// LimitExceededException, ResourceInUseException, ResourceNotFoundException; the schema is then in no defined
// state.
ApiResult<storage::IndexChanges> apply(const TableUpdate& update, const storage::Owner& owner, Timestamp now,
                                       model::TableSchema& schema);

}  // namespace tidemark::api
