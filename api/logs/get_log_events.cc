// Source: Amazon CloudWatch Logs API reference, GetLogEvents.
#include <algorithm>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

#include "api/logs/import_logs.h"
#include "api/logs/logs.h"
#include "base/text.h"

namespace tidemark::api {
namespace {

constexpr std::size_t kTokenDigits = 56;

struct Request {
  std::string group;
  std::string stream;
  std::int64_t from = 0;
  std::int64_t to = std::numeric_limits<std::int64_t>::max();  // exclusive; both in milliseconds
  std::size_t events_max = kLogEventsMax;
  bool is_forward = false;
  std::optional<std::size_t> position;  // of a token: between two events
};

struct Response {
  std::vector<LogEvent> events;
  std::size_t begin = 0;
  std::size_t end = 0;
};

Shape shape() {
  return structure("GetLogEventsRequest", {log_group_name_member(),
                                           log_group_identifier_member(),
                                           {"logStreamName", string().length(1, 512), Presence::kRequired},
                                           {"startTime", long_integer().at_least(0)},
                                           {"endTime", long_integer().at_least(0)},
                                           {"nextToken", string().length(1, 4'096)},
                                           {"limit", integer().range(1, kLogEventsMax)},
                                           {"startFromHead", boolean()}});
}

// `f/00…042/s` goes on behind 42 events, `b/00…042/s` back from there.
std::string token(char direction, std::size_t position) {
  const std::string digits = std::to_string(position);
  return std::string(1, direction) + "/" + std::string(kTokenDigits - digits.size(), '0') + digits + "/s";
}

ApiResult<void> read_token(std::string_view text, Request* request) {
  const bool is_forward = text.starts_with("f/");
  const bool has_form = (is_forward || text.starts_with("b/")) && text.ends_with("/s") &&
                        text.size() == kTokenDigits + 4 && all_digits(text.substr(2, kTokenDigits));
  constexpr std::size_t kPositionDigits = 12;
  if (!has_form ||
      text.substr(2, kTokenDigits - kPositionDigits).find_first_not_of('0') != std::string_view::npos) {
    return fail(invalid_log_token());
  }
  request->is_forward = is_forward;
  request->position =
      std::stoull(std::string(text.substr(2 + kTokenDigits - kPositionDigits, kPositionDigits)));
  return {};
}

ApiResult<Request> parse(const Input& input) {
  Request request;
  ASSIGN_OR_RETURN(request.group, read_log_group(input));
  request.stream = input.required_string("logStreamName");
  request.from = input.integer("startTime").value_or(request.from);
  request.to = input.integer("endTime").value_or(request.to);
  request.events_max = static_cast<std::size_t>(input.integer("limit").value_or(kLogEventsMax));
  request.is_forward = input.boolean("startFromHead").value_or(false);
  if (const auto next = input.string("nextToken")) RETURN_IF_ERROR(read_token(*next, &request));
  return request;
}

// How many events from `at` on fit on a page.
template <class Iterator>
std::size_t page_of(Iterator at, Iterator end, std::size_t events_max) {
  std::size_t count = 0;
  std::size_t bytes = 0;
  for (; at != end; ++at) {
    bytes += at->message.size() + kLogEventBytes;
    if (count == events_max || (count > 0 && bytes > kLogPageBytesMax)) break;
    ++count;
  }
  return count;
}

ApiResult<Response> execute(const Request& request, OperationContext& context) {
  RETURN_IF_ERROR(require_log_group(request.group, context));
  const auto streams = log_streams(context);
  const auto stream = std::ranges::find(streams, request.stream, &LogStream::name);
  if (stream == streams.end()) return fail(unknown_log_stream());
  ASSIGN_OR_RETURN(auto events, log_events(*stream, context));
  std::erase_if(events, [&request](const LogEvent& event) {
    return event.millis < request.from || event.millis >= request.to;
  });
  Response response;
  const std::size_t position =
      std::min(request.position.value_or(request.is_forward ? 0 : events.size()), events.size());
  const auto at = events.begin() + static_cast<std::ptrdiff_t>(position);
  if (request.is_forward) {
    response.begin = position;
    response.end = position + page_of(at, events.end(), request.events_max);
  } else {
    response.begin = position - page_of(std::make_reverse_iterator(at), events.rend(), request.events_max);
    response.end = position;
  }
  response.events.assign(
      std::make_move_iterator(events.begin() + static_cast<std::ptrdiff_t>(response.begin)),
      std::make_move_iterator(events.begin() + static_cast<std::ptrdiff_t>(response.end)));
  return response;
}

void render(const Request&, const Response& response, JsonWriter& json) {
  json.key("events");
  json.begin_array();
  for (const LogEvent& event : response.events) {
    json.begin_object();
    json.member("timestamp", event.millis);
    json.member("message", event.message);
    json.member("ingestionTime", event.millis);
    json.end_object();
  }
  json.end_array();
  // At either end they are those that were sent.
  json.member("nextForwardToken", token('f', response.end));
  json.member("nextBackwardToken", token('b', response.begin));
}

}  // namespace

Operation get_log_events() {
  return make_operation("GetLogEvents", Cost::kHeavy, shape(), parse, execute, render);
}

}  // namespace tidemark::api
