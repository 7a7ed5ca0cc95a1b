// The error logs of imports as CloudWatch Logs shows them: one group, a stream for each import that refused
// records, an event for each of those.
// Source: DynamoDB developer guide, "Import format quotas and validation"; Amazon CloudWatch Logs API
// reference.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/core/context.h"
#include "api/core/error.h"
#include "api/core/input.h"
#include "api/core/shape.h"
#include "transfer/import_record.h"

namespace tidemark::api {

inline constexpr std::string_view kImportLogGroup = "/aws-dynamodb/imports";

// The service answers with at most so much: the bytes of messages, and 26 for each.
inline constexpr std::size_t kLogPageBytesMax = 1 << 20;
inline constexpr std::size_t kLogEventBytes = 26;
inline constexpr std::int64_t kLogEventsMax = 10'000;

struct LogStream {
  std::string name;  // `01767225600123-0a1b2c3d/error`
  transfer::ImportRecord import;
};

struct LogEvent {
  std::int64_t millis = 0;
  std::string message;
};

// All streams of the caller's account and region, in the order of their names, which is that of the imports.
std::vector<LogStream> log_streams(const OperationContext& context);
// When the group came to be: with the first import that is remembered. Nothing when there was none.
std::optional<Timestamp> log_group_created(const OperationContext& context);
// In the order of their times. Errors: InternalServerError.
ApiResult<std::vector<LogEvent>> log_events(const LogStream& stream, const OperationContext& context);
// `arn:aws:logs:us-east-1:000000000000:log-group:/aws-dynamodb/imports`
std::string log_group_arn(const OperationContext& context);

// The members by which requests name a group, and what they say.
Member log_group_name_member();
Member log_group_identifier_member();
// Errors: InvalidParameterException when none or both are there.
ApiResult<std::string> read_log_group(const Input& input);
// Errors: ResourceNotFoundException.
ApiResult<void> require_log_group(const std::string& group, const OperationContext& context);

ApiError unknown_log_stream();
ApiError invalid_log_token();

}  // namespace tidemark::api
