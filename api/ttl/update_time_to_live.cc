#include <utility>

#include "api/tables/table_state.h"
#include "api/ttl/ttl.h"

namespace tidemark::api {
namespace {

struct Request {
  std::string_view table_name;
  bool enable = false;
  std::string attribute;
};

struct Nothing {};

Shape shape() {
  return structure("UpdateTimeToLiveInput",
                   {{"TableName", table_name_or_arn(), Presence::kRequired},
                    {"TimeToLiveSpecification",
                     structure("TimeToLiveSpecification",
                               {{"Enabled", boolean(), Presence::kRequired},
                                {"AttributeName", string().length(1, 255), Presence::kRequired}}),
                     Presence::kRequired}});
}

ApiResult<Request> parse(const Input& input) {
  const Input specification = *input.structure("TimeToLiveSpecification");
  return Request{.table_name = input.string("TableName").value_or(""),
                 .enable = specification.boolean("Enabled").value_or(false),
                 .attribute = specification.required_string("AttributeName")};
}

// What would change nothing is told first; a change that is still in progress refuses the next one, which is
// how the service comes to its one change an hour.
ApiResult<void> check_change(const Request& request, const std::optional<model::TtlSettings>& ttl) {
  const bool is_on = ttl && ttl->status != model::TtlStatus::kDisabling;
  if (is_on && ttl->attribute != request.attribute) {
    return fail(validation("TimeToLive is active on a different AttributeName: current AttributeName is " +
                           ttl->attribute));
  }
  if (is_on && request.enable) return fail(validation("TimeToLive is already enabled"));
  if (!is_on && !request.enable) return fail(validation("TimeToLive is already disabled"));
  if (ttl && ttl->status_until) {
    return fail(validation("Time to live has been modified multiple times within a fixed interval"));
  }
  return {};
}

ApiResult<Nothing> execute(const Request& request, OperationContext& context) {
  ASSIGN_OR_RETURN(storage::TableChange change, hold_active_table(context, request.table_name));
  if (!change.peers().empty() && change.replica()->consistency == storage::RegionConsistency::kStrong) {
    return fail(
        validation("Time to Live is not supported for global tables with multi-Region strong consistency"));
  }
  RETURN_IF_ERROR(check_change(request, change.table()->schema.ttl));
  storage::TableStates& states = context.engine.table_states();
  if (request.enable) {
    RETURN_IF_ERROR(states.enable_ttl(std::move(change), request.attribute));
  } else {
    RETURN_IF_ERROR(states.disable_ttl(std::move(change)));
  }
  return Nothing{};
}

void render(const Request& request, const Nothing&, JsonWriter& json) {
  json.key("TimeToLiveSpecification");
  json.begin_object();
  json.member("Enabled", request.enable);
  json.member("AttributeName", request.attribute);
  json.end_object();
}

}  // namespace

Operation update_time_to_live() {
  return make_operation("UpdateTimeToLive", Cost::kSlow, shape(), parse, execute, render);
}

}  // namespace tidemark::api
