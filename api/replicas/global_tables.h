// Global tables of version 2017.11.29: tables of one name in several regions that were united.
// Source: DynamoDB API reference, CreateGlobalTable and its family.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/core/context.h"
#include "api/core/error.h"
#include "api/core/shape.h"
#include "base/json_writer.h"
#include "storage/table.h"

namespace tidemark::api {

// The replicas, in the order of their regions.
struct GlobalTable {
  std::string name;
  std::vector<storage::TablePtr> replicas;
};

// Those of the caller's account, in the order of their names, and one of them. Errors:
// GlobalTableNotFoundException.
std::vector<GlobalTable> list_global_tables(const OperationContext& context);
ApiResult<GlobalTable> find_global_table(const OperationContext& context, std::string_view name);

// The replica in that region; null when there is none.
const storage::Table* find_replica(const GlobalTable& table, std::string_view region);

// The table of a region that is to be a replica: of no global table yet, like `first`, if that is given, and
// empty. What it is stays so only while a table is held (storage/table_states.h). Errors:
// TableNotFoundException, ValidationException, ResourceInUseException, AccessDeniedException.
ApiResult<storage::TablePtr> find_candidate(const OperationContext& context, std::string_view name,
                                            const std::string& region, const storage::Table* first);

Shape global_table_name();

// GlobalTableDescription, as the next value.
void render_global_table_description(const GlobalTable& table, std::string_view status, JsonWriter& json);
// The members of an answer about the settings of each replica.
void render_global_table_settings(const GlobalTable& table, JsonWriter& json);

}  // namespace tidemark::api
