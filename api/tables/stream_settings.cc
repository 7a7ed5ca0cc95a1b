// Source: DynamoDB API reference, StreamSpecification; texts from answers that users of the service reported.
#include "api/tables/stream_settings.h"

#include "model/words/constraints.h"

namespace tidemark::api {
namespace {

struct ViewTypeWords {
  std::string_view missing;
  std::string_view unwanted;
};

ApiResult<std::optional<StreamChange>> read_stream(const Input& input, const ViewTypeWords& words) {
  const auto member = input.structure("StreamSpecification");
  if (!member) return std::optional<StreamChange>();
  StreamChange change;
  change.enables = member->boolean("StreamEnabled").value_or(false);
  change.view_type = member->string("StreamViewType").value_or("");
  if (change.enables == change.view_type.empty()) {
    return fail(validation(words::invalid_parameter(change.enables ? words.missing : words.unwanted)));
  }
  return std::optional(std::move(change));
}

}  // namespace

ApiResult<std::optional<StreamChange>> read_stream_of_new_table(const Input& input) {
  return read_stream(
      input,
      {.missing = "Table is being created with a stream enabled, UpdateViewType is required",
       .unwanted = "Table is being created with a stream disabled, UpdateViewType should not be specified"});
}

ApiResult<std::optional<StreamChange>> read_stream_change(const Input& input) {
  return read_stream(input,
                     {.missing = "If stream is being enabled then UpdateViewType is required",
                      .unwanted = "If stream is being disabled, then UpdateViewType must not be specified"});
}

ApiResult<void> apply(const StreamChange& change, model::TableSchema* schema) {
  const bool is_on = schema->stream && schema->stream->enabled;
  if (change.enables && is_on) {
    return fail(validation("Table already has an enabled stream: TableName: " + schema->name));
  }
  if (!change.enables && !is_on) {
    return fail(validation("Table has no stream to disable: TableName: " + schema->name));
  }
  if (change.enables) {
    schema->stream = model::StreamSettings{.view_type = change.view_type, .label = {}, .enabled = true};
  } else {
    schema->stream->enabled = false;
  }
  return {};
}

}  // namespace tidemark::api
