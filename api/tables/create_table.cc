#include <utility>

#include "api/core/access.h"
#include "api/core/policy_book.h"
#include "api/core/table_lookup.h"
#include "api/tables/settings_replication.h"
#include "api/tables/stream_settings.h"
#include "api/tables/table_definition.h"
#include "api/tables/table_description.h"
#include "api/tables/table_shapes.h"
#include "api/tables/table_state.h"
#include "api/tables/tables.h"
#include "api/tables/tag_rules.h"
#include "model/words/constraints.h"
#include "model/words/tables.h"

namespace tidemark::api {
namespace {

struct Request {
  TableDefinition definition;
  bool deletion_protection = false;
  std::string table_class;
  std::vector<model::Tag> tags;
  std::string resource_policy;
  std::optional<StreamChange> stream;
};

Shape shape() {
  static constexpr std::int64_t kPolicyBytesMax = 20'480;
  std::vector<Member> members =
      table_definition_members({"TableName", new_table_name(), Presence::kRequiredParameter});
  members.push_back({"StreamSpecification", stream_specification()});
  members.push_back({"Tags", tags()});
  members.push_back({"TableClass", string()});
  members.push_back({"DeletionProtectionEnabled", boolean()});
  members.push_back({"WarmThroughput", warm_throughput()});
  members.push_back({"ResourcePolicy", string().length(0, kPolicyBytesMax)});
  members.push_back({"GlobalTableSourceArn", string()});
  members.push_back({"GlobalTableSettingsReplicationMode", settings_replication_mode()});
  return structure("CreateTableInput", std::move(members));
}

ApiResult<Request> parse(const Input& input) {
  Request request;
  // Before the key schema is missed, which a replica does not say.
  RETURN_IF_ERROR(check_settings_replication(input));
  ASSIGN_OR_RETURN(request.definition, read_table_definition(input));
  ASSIGN_OR_RETURN(request.stream, read_stream_of_new_table(input));
  request.deletion_protection = input.boolean("DeletionProtectionEnabled").value_or(false);
  ASSIGN_OR_RETURN(request.table_class, read_table_class(input));
  ASSIGN_OR_RETURN(request.tags, read_tags(input));
  request.resource_policy = input.string("ResourcePolicy").value_or("");
  return request;
}

ApiResult<TableDescription> execute(Request& request, OperationContext& context) {
  const Timestamp now = context.clock.now();
  model::TableSchema schema = make_schema(request.definition, context.owner, context.random.uuid(), now);
  schema.deletion_protection = request.deletion_protection;
  schema.table_class = std::move(request.table_class);
  schema.tags = std::move(request.tags);
  if (!request.resource_policy.empty()) {
    RETURN_IF_ERROR(check_policy_document(request.resource_policy, schema.arn(), PolicyOf::kTable));
    // CreateTable has no word with which to confirm it.
    RETURN_IF_ERROR(
        check_policy_access_is_kept(context, request.resource_policy, schema.arn(), PolicyOf::kTable));
    PolicyBook policies;
    policies.table = {.text = std::move(request.resource_policy), .revision = now.millis()};
    schema.resource_policy = to_text(policies);
  }
  if (request.stream && request.stream->enables) RETURN_IF_ERROR(apply(*request.stream, &schema));
  auto created = context.engine.table_states().begin_create(std::move(schema));
  if (!created.has_value() && created.error().code == ErrorCode::kAlreadyExists) {
    const auto existing = context.engine.catalog().find(context.owner, request.definition.name);
    if (existing && is_being_restored(*existing)) {
      return fail(resource_in_use("Table is being used: " + request.definition.name));
    }
    if (existing && existing->schema.status == model::TableStatus::kCreating) {
      RETURN_IF_ERROR(check_not_in_use(existing->schema));
    }
    return fail(resource_in_use(words::table_exists(request.definition.name)));
  }
  ASSIGN_OR_RETURN(storage::TablePtr table, std::move(created));
  return TableDescription{std::move(table), {}, DescriptionKind::kCreated};
}

void render(const Request&, const TableDescription& description, JsonWriter& json) {
  json.key("TableDescription");
  render_table_description(description, json);
}

}  // namespace

Operation create_table() {
  return make_operation("CreateTable", Cost::kSlow, shape(), parse, execute, render);
}

}  // namespace tidemark::api
