#include <utility>

#include "api/replicas/global_tables.h"
#include "api/replicas/replicas.h"
#include "api/tables/replica_updates.h"
#include "model/words/constraints.h"

namespace tidemark::api {
namespace {

struct Change {
  std::string region;
  bool joins = false;
};

struct Request {
  std::string name;
  std::vector<Change> changes;
};

Shape shape() {
  const auto region = [](std::string_view name) {
    return structure(name, {{"RegionName", string(), Presence::kRequired}});
  };
  return structure("UpdateGlobalTableInput",
                   {{"GlobalTableName", global_table_name(), Presence::kRequired},
                    {"ReplicaUpdates",
                     list_of(structure("ReplicaUpdate", {{"Create", region("CreateReplicaAction")},
                                                         {"Delete", region("DeleteReplicaAction")}})),
                     Presence::kRequired}});
}

ApiResult<Request> parse(const Input& input) {
  Request request{.name = input.required_string("GlobalTableName"), .changes = {}};
  json::Value value;
  for (json::ArrayCursor cursor = input.list("ReplicaUpdates")->elements(); cursor.next(&value);) {
    const auto creation = input.inside(value).structure("Create");
    const auto deletion = input.inside(value).structure("Delete");
    if (creation.has_value() == deletion.has_value()) {
      return fail(validation(
          words::invalid_parameter("Exactly one of Create and Delete must be specified in a ReplicaUpdate")));
    }
    request.changes.push_back({.region = (creation ? *creation : *deletion).required_string("RegionName"),
                               .joins = creation.has_value()});
  }
  return request;
}

ApiResult<void> join(const Change& change, const GlobalTable& table, OperationContext& context) {
  if (find_replica(table, change.region) != nullptr) {
    return fail(ApiError(
        ErrorType::kReplicaAlreadyExists,
        "Failed to add replica in Region " + change.region + ": it is part of global table " + table.name));
  }
  storage::TableStates& states = context.engine.table_states();
  auto held = states.hold(table.replicas.front()->id);
  if (!held || !held->replica()) {
    return fail(resource_in_use(
        "Attempt to change a resource which is still in use: Global table is being updated: " + table.name));
  }
  ASSIGN_OR_RETURN(const storage::TablePtr candidate,
                   find_candidate(context, table.name, change.region, held->table().get()));
  const storage::Replica replica = *held->replica();
  RETURN_IF_ERROR(states.unite(*std::move(held), {candidate->id}, replica));
  return {};
}

ApiResult<void> leave(const Change& change, const GlobalTable& table, OperationContext& context) {
  const storage::Table* const replica = find_replica(table, change.region);
  if (replica == nullptr) {
    return fail(ApiError(ErrorType::kReplicaNotFound, "Failed to delete replica in Region " + change.region +
                                                          ": it is not part of global table " + table.name));
  }
  storage::TableStates& states = context.engine.table_states();
  ASSIGN_OR_RETURN(storage::TableChange held, states.hold(replica->id));
  if (!held.replica()) return {};
  // What it has may not be with the others yet, and the other way round.
  RETURN_IF_ERROR(check_replicas_are_active(held));
  RETURN_IF_ERROR(states.leave(std::move(held)));
  return {};
}

ApiResult<GlobalTable> execute(const Request& request, OperationContext& context) {
  GlobalTable before;
  for (const Change& change : request.changes) {
    ASSIGN_OR_RETURN(before, find_global_table(context, request.name));
    RETURN_IF_ERROR(change.joins ? join(change, before, context) : leave(change, before, context));
  }
  auto table = find_global_table(context, request.name);
  // Its last replica has left: the answer tells what there was.
  return table ? *std::move(table) : before;
}

void render(const Request&, const GlobalTable& table, JsonWriter& json) {
  json.key("GlobalTableDescription");
  render_global_table_description(table, "UPDATING", json);
}

}  // namespace

Operation update_global_table() {
  return make_operation("UpdateGlobalTable", Cost::kSlow, shape(), parse, execute, render);
}

}  // namespace tidemark::api
