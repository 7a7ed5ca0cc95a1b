#include "api/policies/policy_holder.h"

#include "api/core/table_lookup.h"
#include "api/streams/stream_requests.h"
#include "api/tables/table_state.h"
#include "api/tags/tagged_table.h"
#include "model/words/tables.h"

namespace tidemark::api {
namespace {

constexpr std::string_view kNoPolicy = "NO_POLICY";

std::string_view stream_label(std::string_view arn) {
  constexpr std::string_view kStream = "stream/";
  const auto parts = parse_table_arn(arn);
  if (!parts || !parts->resource.starts_with(kStream)) return {};
  return parts->resource.substr(kStream.size());
}

ApiError stream_not_found(std::string_view arn) { return resource_not_found(words::no_such_stream(arn)); }

}  // namespace

Shape policy_revision() { return string().length(1, 255); }

PolicyOf kind_of(std::string_view arn) {
  return stream_label(arn).empty() ? PolicyOf::kTable : PolicyOf::kStream;
}

ApiResult<storage::TablePtr> find_policy_holder(const OperationContext& context, std::string_view arn) {
  RETURN_IF_ERROR(check_table_arn(arn));
  if (kind_of(arn) == PolicyOf::kTable) {
    ASSIGN_OR_RETURN(storage::TablePtr table, existing_table(context, arn));
    if (is_being_restored(*table)) return fail(table_not_found(arn));
    return table;
  }
  ASSIGN_OR_RETURN(const storage::Stream stream, existing_stream(context, std::string(arn)));
  storage::TablePtr table = context.engine.catalog().find(stream.table);
  // Streams that have ended have no policy of their own.
  const bool is_latest = table && table->schema.stream && table->schema.stream->label == stream.label;
  if (!is_latest) return fail(stream_not_found(arn));
  return table;
}

ApiResult<storage::TableChange> hold_policy_holder(const OperationContext& context, std::string_view arn) {
  ASSIGN_OR_RETURN(const storage::TablePtr table, find_policy_holder(context, arn));
  auto change = context.engine.table_states().hold(table->id);
  // Deleted in between.
  if (!change) return fail(table_not_found(arn));
  RETURN_IF_ERROR(check_not_in_use(change->table()->schema));
  const auto& stream = change->settings().stream;
  if (kind_of(arn) == PolicyOf::kStream && (!stream || stream->label != stream_label(arn))) {
    return fail(stream_not_found(arn));
  }
  return *std::move(change);
}

StoredPolicy& policy_in(PolicyBook& book, std::string_view arn) {
  if (kind_of(arn) == PolicyOf::kTable) return book.table;
  const std::string_view label = stream_label(arn);
  if (book.stream_label != label) book.stream = {};
  book.stream_label = label;
  return book.stream;
}

ApiError policy_not_found(std::string_view why) {
  return {ErrorType::kPolicyNotFound,
          "Resource-based policy not found for the provided ResourceArn: " + std::string(why)};
}

ApiResult<void> check_revision(const StoredPolicy& policy, const std::optional<std::string_view>& expected,
                               std::string_view arn) {
  if (!expected) return {};
  const std::string table(table_name_of(arn));
  const std::string revision = std::to_string(policy.revision);
  const bool has_policy = !policy.text.empty();
  if (expected == kNoPolicy) {
    if (!has_policy) return {};
    return fail(policy_not_found("Requested policy update expecting none to be present for table " + table +
                                 ", but a policy exists with revision id " + revision + "."));
  }
  if (!has_policy) return fail(policy_not_found(arn));
  if (*expected == revision) return {};
  return fail(policy_not_found("Requested update for policy with revision id " + std::string(*expected) +
                               ", but the policy associated to target table " + table + " has revision id " +
                               revision + "."));
}

}  // namespace tidemark::api
