#include "api/query/read_request.h"

#include <unordered_set>

#include "api/core/past.h"
#include "api/core/table_lookup.h"
#include "api/query/index_projection.h"
#include "model/words/constraints.h"
#include "model/words/tables.h"

namespace tidemark::api {
namespace {

std::optional<Select> select_of(const Input& input) {
  const auto value = input.string("Select");
  if (value == "ALL_ATTRIBUTES") return Select::kAllAttributes;
  if (value == "ALL_PROJECTED_ATTRIBUTES") return Select::kAllProjectedAttributes;
  if (value == "SPECIFIC_ATTRIBUTES") return Select::kSpecificAttributes;
  if (value == "COUNT") return Select::kCount;
  return std::nullopt;
}

// What a projection cannot be combined with.
std::string_view refused_with_projection(Select select) {
  switch (select) {
    case Select::kAllAttributes:
      return "ALL_ATTRIBUTES";
    case Select::kAllProjectedAttributes:
      return "ALL_PROJECTED_ATTRIBUTES";
    case Select::kCount:
      return "only the Count";
    case Select::kSpecificAttributes:
      break;
  }
  return "";
}

// Query puts these into the envelope of constraint errors, Scan does not.
ApiError select_misuse(ReadKind kind, std::string text) {
  return validation(kind == ReadKind::kQuery ? words::in_envelope(text) : std::move(text));
}

ApiResult<void> check_select_alone(const ReadRequest& request) {
  if (!request.select) return {};
  const Select select = *request.select;
  if (select == Select::kAllProjectedAttributes && !request.index_name) {
    return fail(select_misuse(request.kind,
                              "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName"));
  }
  if (select == Select::kSpecificAttributes && !request.projection) {
    return fail(select_misuse(request.kind,
                              "Must specify the AttributesToGet or ProjectionExpression when choosing to get "
                              "SPECIFIC_ATTRIBUTES"));
  }
  if (select != Select::kSpecificAttributes && request.projection) {
    return fail(select_misuse(request.kind,
                              "Cannot specify the " + std::string(request.projection_parameter) +
                                  " when choosing to get " + std::string(refused_with_projection(select))));
  }
  return {};
}

// Attributes of the projection that the index does not carry, each once and in the order of the request.
std::vector<std::string> attributes_beyond(const ReadRequest& request, const model::TableSchema& table,
                                           const model::IndexSchema& index) {
  std::vector<std::string> names;
  if (!request.projection) return names;
  std::unordered_set<std::string_view> seen;
  for (const expression::Path& path : request.projection->paths) {
    const std::string& name = path.top();
    if (seen.insert(name).second && !projects(table, index, name)) names.push_back(name);
  }
  return names;
}

// What Select amounts to where nobody says.
std::string_view effective_select(const ReadRequest& request) {
  if (!request.select) {
    if (request.projection) return "SPECIFIC_ATTRIBUTES";
    return request.index_name ? "ALL_PROJECTED_ATTRIBUTES" : "ALL_ATTRIBUTES";
  }
  switch (*request.select) {
    case Select::kAllProjectedAttributes:
      return "ALL_PROJECTED_ATTRIBUTES";
    case Select::kSpecificAttributes:
      return "SPECIFIC_ATTRIBUTES";
    case Select::kCount:
      return "COUNT";
    case Select::kAllAttributes:
      break;
  }
  return "ALL_ATTRIBUTES";
}

}  // namespace

ReadRequest read_request_of(const Input& input, ReadKind kind) {
  ReadRequest request;
  request.kind = kind;
  request.wording = input.wording();
  request.table_name = *input.string("TableName");
  request.index_name = input.string("IndexName");
  request.select = select_of(input);
  if (const auto limit = input.integer("Limit")) request.limit = static_cast<std::uint64_t>(*limit);
  request.consistent = input.boolean("ConsistentRead").value_or(false);
  request.return_consumed_capacity = return_consumed_capacity_of(input);
  return request;
}

void add_read_terms(const ReadRequest& request, AccessTerms* terms) {
  terms->select = effective_select(request);
  terms->return_consumed_capacity = name_of(request.return_consumed_capacity);
  if (request.filter) terms->add_attributes(expression::referenced_attributes(*request.filter));
  if (request.projection) terms->add_attributes(expression::referenced_attributes(*request.projection));
}

ApiResult<storage::Target> target_of(const ReadRequest& request, const OperationContext& context,
                                     const std::function<AccessTerms(const model::TableSchema&)>& terms) {
  ASSIGN_OR_RETURN(auto table, active_table(context, request.table_name,
                                            {.index = request.index_name.value_or(""), .terms = terms}));
  storage::Target target;
  target.table = std::move(table);
  if (!request.index_name) return target;
  const model::TableSchema& schema = target.table->schema;
  const model::IndexSchema* index = schema.find_index(*request.index_name);
  const bool is_readable = index != nullptr && index->kind != model::IndexKind::kVector;
  if (!is_readable || index->status == model::IndexStatus::kDeleting) {
    return fail(validation(words::no_such_index(*request.index_name)));
  }
  if (request.consistent && index->kind == model::IndexKind::kGlobal) {
    return fail(validation("Consistent reads are not supported on global secondary indexes"));
  }
  if (index->status == model::IndexStatus::kCreating) {
    return fail(validation(words::backfilling_index(index->name)));
  }
  if (context.as_of && index->kind == model::IndexKind::kGlobal) {
    return fail(past_error(Error::invalid_argument(
        "history is kept of tables and local indexes; the past of the global secondary index " + index->name +
        " cannot be read")));
  }
  target.index = index;
  return target;
}

ApiResult<bool> check_select(const ReadRequest& request, const storage::Target& target) {
  RETURN_IF_ERROR(check_select_alone(request));
  if (target.index == nullptr) return false;
  const model::TableSchema& table = target.table->schema;
  const model::IndexSchema& index = *target.index;
  const std::vector<std::string> beyond = attributes_beyond(request, table, index);
  const bool wants_all =
      request.select == Select::kAllAttributes && index.projection.type != model::ProjectionType::kAll;
  if (index.kind == model::IndexKind::kLocal) return wants_all || !beyond.empty();
  if (wants_all) {
    return fail(
        validation("One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported "
                   "for global secondary index " +
                   index.name + " because its projection type is not ALL"));
  }
  if (!beyond.empty()) {
    return fail(validation(words::not_projected(index.name, beyond)));
  }
  return false;
}

ApiResult<ReadResponse> read(const ReadRequest& request, const storage::Target& target,
                             const storage::KeyRange& range, const storage::ReadOptions& options,
                             bool fetch_from_table, OperationContext& context) {
  PageOptions page_options;
  page_options.filter = request.filter ? &*request.filter : nullptr;
  page_options.projection = request.projection ? &*request.projection : nullptr;
  page_options.limit = request.limit;
  page_options.count_only = request.select == Select::kCount;
  page_options.fetch_from_table = fetch_from_table;
  page_options.consistent = request.consistent;
  page_options.over_partitions = request.kind == ReadKind::kScan;
  ReadResponse response;
  response.consumed_capacity = ConsumedCapacity(request.table_name, target.table);
  page_options.capacity = response.consumed_capacity ? &*response.consumed_capacity : nullptr;
  ASSIGN_OR_RETURN(response.page, read_page(context, target, range, options, page_options));
  return response;
}

void render_read(const ReadRequest& request, const ReadResponse& response, JsonWriter& json) {
  const Page& page = response.page;
  if (request.select != Select::kCount) {
    json.key("Items");
    json.begin_array();
    if (!page.items.empty()) json.raw(page.items);
    json.end_array();
  }
  json.member("Count", static_cast<std::int64_t>(page.count));
  json.member("ScannedCount", static_cast<std::int64_t>(page.scanned_count));
  if (page.last_evaluated_key) json.key("LastEvaluatedKey"), json.raw(*page.last_evaluated_key);
  render_consumed_capacity(json, response.consumed_capacity, request.return_consumed_capacity);
}

}  // namespace tidemark::api
