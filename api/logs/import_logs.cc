#include "api/logs/import_logs.h"

#include <algorithm>
#include <limits>

#include "model/table_schema.h"

namespace tidemark::api {
namespace {

std::vector<transfer::ImportRecord> imports_of(const OperationContext& context) {
  auto page = context.transfers->imports.book().list({.records_max = std::numeric_limits<std::size_t>::max()},
                                                     [&context](const transfer::ImportRecord& record) {
                                                       return record.account_id == context.owner.account_id &&
                                                              record.region == context.owner.region;
                                                     });
  std::ranges::reverse(page.records);
  return std::move(page.records);
}

}  // namespace

std::vector<LogStream> log_streams(const OperationContext& context) {
  std::vector<LogStream> streams;
  for (auto& record : imports_of(context)) {
    if (!context.transfers->imports.has_errors(record)) continue;
    std::string name = record.id + "/error";
    streams.push_back({std::move(name), std::move(record)});
  }
  return streams;
}

std::optional<Timestamp> log_group_created(const OperationContext& context) {
  const auto imports = imports_of(context);
  if (imports.empty()) return std::nullopt;
  return imports.front().start_time;
}

ApiResult<std::vector<LogEvent>> log_events(const LogStream& stream, const OperationContext& context) {
  ASSIGN_OR_RETURN(auto errors, context.transfers->imports.errors(stream.import));
  std::vector<LogEvent> events;
  events.reserve(errors.size());
  for (auto& error : errors) events.push_back({error.time.millis(), std::move(error.message)});
  std::ranges::stable_sort(events, {}, &LogEvent::millis);
  return events;
}

std::string log_group_arn(const OperationContext& context) {
  return "arn:aws:logs:" + std::string(model::arn_region(context.owner.region)) + ":" +
         context.owner.account_id + ":log-group:" + std::string(kImportLogGroup);
}

Member log_group_name_member() { return {"logGroupName", string().length(1, 512)}; }
Member log_group_identifier_member() { return {"logGroupIdentifier", string().length(1, 2'048)}; }

ApiResult<std::string> read_log_group(const Input& input) {
  constexpr std::string_view kInArn = ":log-group:";
  const auto name = input.string("logGroupName");
  const auto identifier = input.string("logGroupIdentifier");
  if (name.has_value() == identifier.has_value()) {
    return fail(validation("You must include either logGroupIdentifier or logGroupName, but not both."));
  }
  if (name) return std::string(*name);
  std::string_view group = *identifier;
  if (const std::size_t at = group.find(kInArn); group.starts_with("arn:") && at != std::string_view::npos) {
    group.remove_prefix(at + kInArn.size());
  }
  if (group.ends_with(":*")) group.remove_suffix(2);
  return std::string(group);
}

ApiResult<void> require_log_group(const std::string& group, const OperationContext& context) {
  if (group == kImportLogGroup && log_group_created(context)) return {};
  return fail(resource_not_found("The specified log group does not exist."));
}

ApiError unknown_log_stream() { return resource_not_found("The specified log stream does not exist."); }
ApiError invalid_log_token() { return validation("The specified nextToken is invalid."); }

}  // namespace tidemark::api
