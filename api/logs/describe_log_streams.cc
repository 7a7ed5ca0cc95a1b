// Source: Amazon CloudWatch Logs API reference, DescribeLogStreams.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "api/logs/import_logs.h"
#include "api/logs/logs.h"

namespace tidemark::api {
namespace {

constexpr std::int64_t kStreamsMax = 50;

struct Request {
  std::string group;
  std::string prefix;
  bool by_time = false;
  bool is_descending = false;
  std::int64_t streams_max = kStreamsMax;
  std::string behind;  // the name of the stream behind which the page begins; empty: the first page
};

struct Described {
  LogStream stream;
  bool has_times = false;  // what follows, in milliseconds
  std::int64_t first = 0;
  std::int64_t last = 0;
};

struct Response {
  std::vector<Described> streams;
  bool has_more = false;
  std::string group_arn;
};

Shape shape() {
  return structure("DescribeLogStreamsRequest", {log_group_name_member(),
                                                 log_group_identifier_member(),
                                                 {"logStreamNamePrefix", string().length(1, 512)},
                                                 {"orderBy", enumeration({"LogStreamName", "LastEventTime"})},
                                                 {"descending", boolean()},
                                                 {"nextToken", string().length(1, 4'096)},
                                                 {"limit", integer().range(1, kStreamsMax)}});
}

ApiResult<Request> parse(const Input& input) {
  Request request;
  ASSIGN_OR_RETURN(request.group, read_log_group(input));
  request.prefix = input.string("logStreamNamePrefix").value_or("");
  request.by_time = input.string("orderBy") == "LastEventTime";
  if (request.by_time && !request.prefix.empty()) {
    return fail(validation("Cannot order by LastEventTime with a logStreamNamePrefix."));
  }
  request.is_descending = input.boolean("descending").value_or(false);
  request.streams_max = input.integer("limit").value_or(kStreamsMax);
  request.behind = input.string("nextToken").value_or("");
  return request;
}

// They stand in the events: this reads the log.
ApiResult<void> add_times(const OperationContext& context, Described* described) {
  if (std::exchange(described->has_times, true)) return {};
  ASSIGN_OR_RETURN(const auto events, log_events(described->stream, context));
  const std::int64_t begun = described->stream.import.start_time.millis();
  described->first = events.empty() ? begun : events.front().millis;
  described->last = events.empty() ? begun : events.back().millis;
  return {};
}

ApiResult<std::vector<Described>> in_order(const Request& request, const OperationContext& context) {
  std::vector<Described> all;
  for (LogStream& stream : log_streams(context)) {
    if (!stream.name.starts_with(request.prefix)) continue;
    all.push_back({.stream = std::move(stream)});
    if (request.by_time) RETURN_IF_ERROR(add_times(context, &all.back()));
  }
  const auto order = [](const Described& described) {
    return std::make_tuple(described.last, std::string_view(described.stream.name));
  };
  std::ranges::sort(all, {}, order);
  if (request.is_descending) std::ranges::reverse(all);
  return all;
}

ApiResult<Response> execute(const Request& request, OperationContext& context) {
  RETURN_IF_ERROR(require_log_group(request.group, context));
  Response response{.streams = {}, .has_more = false, .group_arn = log_group_arn(context)};
  ASSIGN_OR_RETURN(auto all, in_order(request, context));
  auto at = all.begin();
  if (!request.behind.empty()) {
    at = std::ranges::find_if(
        all, [&request](const Described& described) { return described.stream.name == request.behind; });
    if (at == all.end()) return fail(invalid_log_token());
    ++at;
  }
  for (; at != all.end(); ++at) {
    response.has_more = std::ssize(response.streams) == request.streams_max;
    if (response.has_more) break;
    RETURN_IF_ERROR(add_times(context, &*at));
    response.streams.push_back(std::move(*at));
  }
  return response;
}

void render(const Request&, const Response& response, JsonWriter& json) {
  json.key("logStreams");
  json.begin_array();
  for (const Described& described : response.streams) {
    const std::string& name = described.stream.name;
    json.begin_object();
    json.member("logStreamName", name);
    json.member("creationTime", described.first);
    json.member("firstEventTimestamp", described.first);
    json.member("lastEventTimestamp", described.last);
    json.member("lastIngestionTime", described.last);
    json.member("arn", response.group_arn + ":log-stream:" + name);
    json.member("storedBytes", std::int64_t{0});
    json.end_object();
  }
  json.end_array();
  if (response.has_more) json.member("nextToken", response.streams.back().stream.name);
}

}  // namespace

Operation describe_log_streams() {
  return make_operation("DescribeLogStreams", Cost::kHeavy, shape(), parse, execute, render);
}

}  // namespace tidemark::api
