#include <utility>

#include "api/tables/replica_updates.h"
#include "api/tables/table_description.h"
#include "api/tables/table_state.h"
#include "api/tables/tables.h"
#include "model/words/tables.h"

namespace tidemark::api {
namespace {

struct Request {
  std::string_view table_name;
};

ApiResult<Request> parse(const Input& input) { return Request{input.string("TableName").value_or("")}; }

// A vector index in the making holds its table fast, other than a global one.
ApiResult<void> check_vector_indexes(const model::TableSchema& schema) {
  for (const model::IndexSchema& index : schema.indexes) {
    if (index.kind != model::IndexKind::kVector || index.status != model::IndexStatus::kCreating) continue;
    return fail(resource_in_use(words::index_in_use("created", index.name)));
  }
  return {};
}

// A replica goes, and the others stay: with all items, so none of them may still be waiting for some.
ApiResult<void> check_replica(const storage::TableChange& change, Timestamp now) {
  if (change.peers().empty()) return {};
  RETURN_IF_ERROR(check_replicas_are_active(change));
  if (change.replica()->consistency == storage::RegionConsistency::kStrong) {
    return fail(validation(
        "A replica of a global table with multi-Region strong consistency cannot be deleted alone. Use "
        "UpdateTable to delete the other replicas first."));
  }
  return check_may_delete_replica(*change.replica(), now);
}

ApiResult<TableDescription> execute(const Request& request, OperationContext& context) {
  ASSIGN_OR_RETURN(storage::TableChange change, hold_table(context, request.table_name));
  const model::TableSchema& schema = change.table()->schema;
  // The answer counts what is about to go.
  TableCounters counters = count(context.engine, *change.table());
  RETURN_IF_ERROR(check_not_in_use(schema));
  RETURN_IF_ERROR(check_vector_indexes(schema));
  RETURN_IF_ERROR(check_not_protected(schema));
  RETURN_IF_ERROR(check_replica(change, context.clock.now()));
  ASSIGN_OR_RETURN(auto table, context.engine.table_states().begin_delete(std::move(change)));
  return TableDescription{std::move(table), std::move(counters), DescriptionKind::kDeleted};
}

void render(const Request&, const TableDescription& description, JsonWriter& json) {
  json.key("TableDescription");
  render_table_description(description, json);
}

}  // namespace

Operation delete_table() {
  return make_operation(
      "DeleteTable", Cost::kSlow,
      structure("DeleteTableInput", {{"TableName", table_name_or_arn(), Presence::kRequiredParameter}}),
      parse, execute, render);
}

}  // namespace tidemark::api
