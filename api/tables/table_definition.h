// What CreateTable and ImportTable say about the table to be made: read, then judged in the service's order.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/core/error.h"
#include "api/core/input.h"
#include "api/tables/capacity_checks.h"
#include "api/tables/vector_indexes.h"
#include "model/table_schema.h"
#include "storage/catalog.h"

namespace tidemark::api {

// A KeySchema as it was sent: which attribute, HASH or RANGE.
struct KeyElement {
  std::string name;
  bool is_partition_key = false;
};

struct IndexDefinition {
  std::string name;
  std::vector<KeyElement> key_schema;
  std::optional<model::ProjectionType> projection;
  std::optional<std::vector<std::string>> non_key_attributes;
  std::optional<model::Throughput> throughput;
  std::optional<ThroughputMembers> on_demand_throughput;
  std::optional<ThroughputMembers> warm_throughput;
};

struct TableDefinition {
  std::string name;
  std::vector<model::AttributeDefinition> attributes;
  std::vector<KeyElement> key_schema;
  std::optional<std::vector<IndexDefinition>> local_indexes;
  std::optional<std::vector<IndexDefinition>> global_indexes;
  std::optional<std::vector<VectorIndexDefinition>> vector_indexes;
  model::BillingMode billing_mode = model::BillingMode::kProvisioned;
  std::optional<model::Throughput> throughput;
  ThroughputMembers on_demand_throughput;
  ThroughputMembers warm_throughput;
  std::optional<std::string> kms_key_id;  // encryption with a key of the caller's; empty: the default key
};

// Reads and judges the members of table_definition_members(). Errors: ValidationException.
ApiResult<TableDefinition> read_table_definition(const Input& input);

// The schema of the new table. `uuid` becomes its TableId.
model::TableSchema make_schema(const TableDefinition& definition, const storage::Owner& owner,
                               std::string uuid, Timestamp now);

// Parts, also for UpdateTable.

std::vector<model::AttributeDefinition> read_attributes(const Input& input);
IndexDefinition read_index(const Input& input);
// Nothing when there is no such list.
std::optional<std::vector<IndexDefinition>> read_indexes(const Input& input, std::string_view member);
// The index that passed the checks of key_schema_checks.h with these attributes.
model::IndexSchema make_index(const IndexDefinition& definition, model::IndexKind kind,
                              const std::vector<model::AttributeDefinition>& attributes);
inline constexpr std::size_t kGlobalIndexesMax = 20;
std::optional<model::Throughput> read_throughput(const Input& input,
                                                 std::string_view member = "ProvisionedThroughput");
model::BillingMode billing_mode_of(std::string_view name);
// Nothing when absent or disabled. Errors: ValidationException for an SSEType other than KMS, and for members
// that do not go together.
ApiResult<std::optional<std::string>> read_kms_key_id(const Input& input,
                                                      std::string_view member = "SSESpecification");
// Empty when absent. Errors: ValidationException.
ApiResult<std::string> read_table_class(const Input& input);
std::string kms_key_arn(const std::string& key_id, const storage::Owner& owner);

}  // namespace tidemark::api
