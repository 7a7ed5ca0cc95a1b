// Source: Amazon CloudWatch Logs API reference, FilterLogEvents; user guide, "Filter pattern syntax".
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "api/logs/import_logs.h"
#include "api/logs/logs.h"
#include "base/text.h"

namespace tidemark::api {
namespace {

// Terms: all plain ones must be in a message, one of those with `?`, none of those with `-`.
struct Pattern {
  std::vector<std::string> all;
  std::vector<std::string> any;
  std::vector<std::string> none;

  [[nodiscard]] bool matches(std::string_view message) const {
    const auto holds = [message](const std::string& term) {
      return message.find(term) != std::string_view::npos;
    };
    return std::ranges::all_of(all, holds) && (any.empty() || std::ranges::any_of(any, holds)) &&
           std::ranges::none_of(none, holds);
  }
};

// Where an event stands among all: pages begin behind one.
struct Position {
  std::int64_t millis = 0;
  std::string import_id;
  std::size_t index = 0;  // in its stream
  auto operator<=>(const Position&) const = default;
};

struct Request {
  std::string group;
  std::vector<std::string> streams;  // empty: all
  std::string stream_prefix;
  std::int64_t from = 0;
  std::int64_t to = std::numeric_limits<std::int64_t>::max();  // inclusive; both in milliseconds
  std::size_t events_max = kLogEventsMax;
  Pattern pattern;
  std::optional<Position> behind;
};

struct Found {
  Position position;
  std::string message;
};

struct Response {
  std::vector<Found> events;
  bool has_more = false;
};

Shape shape() {
  return structure("FilterLogEventsRequest",
                   {log_group_name_member(),
                    log_group_identifier_member(),
                    {"logStreamNames", list_of(string().length(1, 512)).length(1, 100)},
                    {"logStreamNamePrefix", string().length(1, 512)},
                    {"startTime", long_integer().at_least(0)},
                    {"endTime", long_integer().at_least(0)},
                    {"filterPattern", string().length(0, 1'024)},
                    {"nextToken", string().length(1, 4'096)},
                    {"limit", integer().range(1, kLogEventsMax)},
                    {"interleaved", boolean()},
                    {"unmask", boolean()}});
}

std::string token(const Position& position) {
  return std::to_string(position.millis) + "/" + position.import_id + "/" + std::to_string(position.index);
}

ApiResult<Position> read_token(std::string_view text) {
  const std::size_t first = text.find('/');
  const std::size_t last = text.rfind('/');
  if (first == std::string_view::npos || first == last) return fail(invalid_log_token());
  Position position;
  position.import_id = text.substr(first + 1, last - first - 1);
  const auto read = [](std::string_view digits, auto* number) {
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), *number);
    return error == std::errc() && end == digits.data() + digits.size();
  };
  if (!read(text.substr(0, first), &position.millis) || !read(text.substr(last + 1), &position.index)) {
    return fail(invalid_log_token());
  }
  return position;
}

ApiResult<Pattern> read_pattern(std::string_view text) {
  Pattern pattern;
  text = trimmed(text);
  const bool is_of_another_kind = text.starts_with('{') || text.starts_with('[') || text.starts_with('%');
  if (is_of_another_kind) {
    return fail(validation("Invalid filter pattern: Tidemark knows terms, not JSON, columns or expressions"));
  }
  while (!text.empty()) {
    std::vector<std::string>* terms = &pattern.all;
    if (text.front() == '?' || text.front() == '-') {
      terms = text.front() == '?' ? &pattern.any : &pattern.none;
      text.remove_prefix(1);
    }
    const bool is_quoted = text.starts_with('"');
    if (is_quoted) text.remove_prefix(1);
    const std::size_t end = text.find(is_quoted ? '"' : ' ');
    if (is_quoted && end == std::string_view::npos) return fail(validation("Invalid filter pattern"));
    terms->emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(text.size(), end == std::string_view::npos ? end : end + 1));
    text = trimmed(text);
  }
  return pattern;
}

ApiResult<Request> parse(const Input& input) {
  Request request;
  ASSIGN_OR_RETURN(request.group, read_log_group(input));
  if (const auto names = input.list("logStreamNames")) {
    json::Value name;
    for (json::ArrayCursor cursor = names->elements(); cursor.next(&name);) {
      request.streams.emplace_back(name.string());
    }
  }
  request.stream_prefix = input.string("logStreamNamePrefix").value_or("");
  if (!request.streams.empty() && !request.stream_prefix.empty()) {
    return fail(validation("LogStreamNamePrefix and LogStreamNames are mutually exclusive parameters."));
  }
  request.from = input.integer("startTime").value_or(request.from);
  request.to = input.integer("endTime").value_or(request.to);
  request.events_max = static_cast<std::size_t>(input.integer("limit").value_or(kLogEventsMax));
  ASSIGN_OR_RETURN(request.pattern, read_pattern(input.string("filterPattern").value_or("")));
  if (const auto next = input.string("nextToken")) {
    ASSIGN_OR_RETURN(request.behind, read_token(*next));
  }
  return request;
}

bool is_asked_for(const Request& request, const LogStream& stream) {
  if (!stream.name.starts_with(request.stream_prefix)) return false;
  if (!request.streams.empty() && std::ranges::find(request.streams, stream.name) == request.streams.end()) {
    return false;
  }
  const bool has_ended_before =
      is_ended(stream.import.status) && stream.import.end_time.millis() < request.from;
  return stream.import.start_time.millis() <= request.to && !has_ended_before;
}

// Cuts what has its order to a page.
void cut_to_page(const Request& request, Response* response) {
  std::size_t bytes = 0;
  std::size_t count = 0;
  for (const Found& found : response->events) {
    bytes += found.message.size() + kLogEventBytes;
    if (count == request.events_max || (count > 0 && bytes > kLogPageBytesMax)) {
      response->has_more = true;
      break;
    }
    ++count;
  }
  response->events.resize(count);
}

ApiResult<Response> execute(const Request& request, OperationContext& context) {
  RETURN_IF_ERROR(require_log_group(request.group, context));
  const auto streams = log_streams(context);
  const auto is_there = [&streams](const std::string& name) {
    return std::ranges::find(streams, name, &LogStream::name) != streams.end();
  };
  if (!std::ranges::all_of(request.streams, is_there)) return fail(unknown_log_stream());
  Response response;
  for (const LogStream& stream : streams) {
    if (!is_asked_for(request, stream)) continue;
    ASSIGN_OR_RETURN(auto events, log_events(stream, context));
    for (std::size_t index = 0; index < events.size(); ++index) {
      Position position{events[index].millis, stream.import.id, index};
      const bool is_wanted = position.millis >= request.from && position.millis <= request.to &&
                             (!request.behind || *request.behind < position) &&
                             request.pattern.matches(events[index].message);
      if (is_wanted) response.events.push_back({std::move(position), std::move(events[index].message)});
    }
    // No more than what may be on the page, and one, is kept of all streams together.
    std::ranges::sort(response.events, {}, &Found::position);
    if (response.events.size() > request.events_max) response.events.resize(request.events_max + 1);
  }
  cut_to_page(request, &response);
  return response;
}

// 56 digits, the same each time, in the order of the events.
std::string event_id(const Position& position) {
  constexpr std::size_t kDigits = 56;
  const auto padded = [](const std::string& digits, std::size_t width) {
    return std::string(width - std::min(width, digits.size()), '0') + digits;
  };
  const std::size_t dash = position.import_id.find('-');
  std::uint64_t suffix = 0;
  if (dash != std::string::npos) {
    std::from_chars(position.import_id.data() + dash + 1,
                    position.import_id.data() + position.import_id.size(), suffix, 16);
  }
  const std::string id = padded(std::to_string(position.millis), 14) + position.import_id.substr(0, dash) +
                         padded(std::to_string(suffix), 10) + padded(std::to_string(position.index), 10);
  return padded(id, kDigits);
}

void render(const Request&, const Response& response, JsonWriter& json) {
  json.key("events");
  json.begin_array();
  for (const Found& found : response.events) {
    json.begin_object();
    json.member("logStreamName", found.position.import_id + "/error");
    json.member("timestamp", found.position.millis);
    json.member("message", found.message);
    json.member("ingestionTime", found.position.millis);
    json.member("eventId", event_id(found.position));
    json.end_object();
  }
  json.end_array();
  json.key("searchedLogStreams");
  json.begin_array();
  json.end_array();
  if (response.has_more) json.member("nextToken", token(response.events.back().position));
}

}  // namespace

Operation filter_log_events() {
  return make_operation("FilterLogEvents", Cost::kHeavy, shape(), parse, execute, render);
}

}  // namespace tidemark::api
