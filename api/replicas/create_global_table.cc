#include <algorithm>
#include <utility>

#include "api/replicas/global_tables.h"
#include "api/replicas/replicas.h"
#include "model/words/constraints.h"

namespace tidemark::api {
namespace {

struct Request {
  std::string name;
  std::vector<std::string> regions;
};

Shape shape() {
  return structure(
      "CreateGlobalTableInput",
      {{"GlobalTableName", global_table_name(), Presence::kRequired},
       {"ReplicationGroup", list_of(structure("Replica", {{"RegionName", string()}})), Presence::kRequired}});
}

ApiResult<Request> parse(const Input& input) {
  Request request{.name = input.required_string("GlobalTableName"), .regions = {}};
  json::Value value;
  for (json::ArrayCursor cursor = input.list("ReplicationGroup")->elements(); cursor.next(&value);) {
    std::string region(input.inside(value).string("RegionName").value_or(""));
    if (region.empty() || std::ranges::find(request.regions, region) != request.regions.end()) {
      return fail(validation(words::invalid_parameter("ReplicationGroup must name each Region once")));
    }
    request.regions.push_back(std::move(region));
  }
  if (request.regions.empty()) {
    return fail(validation(words::invalid_parameter("ReplicationGroup must not be empty")));
  }
  return request;
}

ApiResult<GlobalTable> execute(const Request& request, OperationContext& context) {
  if (find_global_table(context, request.name)) {
    return fail(ApiError(ErrorType::kGlobalTableAlreadyExists,
                         "Global table with name: '" + request.name + "' already exists."));
  }
  ASSIGN_OR_RETURN(const storage::TablePtr first,
                   find_candidate(context, request.name, request.regions.front(), nullptr));
  storage::TableStates& states = context.engine.table_states();
  ASSIGN_OR_RETURN(storage::TableChange change, states.hold(first->id));
  // Judged again, now that nobody changes any of them.
  std::vector<storage::TableId> others;
  for (const std::string& region : request.regions) {
    ASSIGN_OR_RETURN(const storage::TablePtr table,
                     find_candidate(context, request.name, region, change.table().get()));
    if (table->id != first->id) others.push_back(table->id);
  }
  storage::Replica replica;
  replica.version = storage::GlobalTableVersion::k2017;
  replica.united_at = context.clock.now();
  RETURN_IF_ERROR(states.unite(std::move(change), others, replica));
  return find_global_table(context, request.name);
}

void render(const Request&, const GlobalTable& table, JsonWriter& json) {
  json.key("GlobalTableDescription");
  render_global_table_description(table, "CREATING", json);
}

}  // namespace

Operation create_global_table() {
  return make_operation("CreateGlobalTable", Cost::kSlow, shape(), parse, execute, render);
}

}  // namespace tidemark::api
