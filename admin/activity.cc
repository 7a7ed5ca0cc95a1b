#include "admin/activity.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "admin/named_table.h"
#include "admin/origin_word.h"
#include "admin/query.h"
#include "base/json_writer.h"
#include "storage/activity.h"

namespace tidemark::admin {
namespace {

constexpr std::int64_t kPointsMax = 2'000;
constexpr std::int64_t kPointsUsual = 360;
constexpr std::int64_t kMinute = 60;

struct Asked {
  std::optional<std::string> account;
  std::optional<std::string> region;
  std::optional<Timestamp> from;
  std::optional<Timestamp> to;
  std::int64_t points = kPointsUsual;
};

Result<std::int64_t, std::string> parse_points(std::string_view value) {
  std::int64_t points = 0;
  const char* const end = value.data() + value.size();
  const auto read = std::from_chars(value.data(), end, points);
  if (read.ec == std::errc() && read.ptr == end && points >= 1 && points <= kPointsMax) return points;
  return fail(std::string("points must be a number from 1 to 2000."));
}

Result<Asked, std::string> read_query(std::string_view text) {
  Asked asked;
  ASSIGN_OR_RETURN(const auto parameters, parse_query(text));
  for (const auto& [name, value] : parameters) {
    if (name == "account") {
      ASSIGN_OR_RETURN(asked.account, parse_account(value));
    } else if (name == "region") {
      asked.region = value;
    } else if (name == "from") {
      ASSIGN_OR_RETURN(asked.from, parse_moment_of(name, value));
    } else if (name == "to") {
      ASSIGN_OR_RETURN(asked.to, parse_moment_of(name, value));
    } else if (name == "points") {
      ASSIGN_OR_RETURN(asked.points, parse_points(value));
    } else {
      return fail("There is no parameter '" + name + "'; there are from, to, points, account and region.");
    }
  }
  return asked;
}

// The shortest step of a round length with which the window has no more points than that.
std::int64_t step_for(std::int64_t seconds, std::int64_t points) {
  static constexpr std::int64_t kShort[] = {1, 2, 5, 10, 15, 30, kMinute};
  const std::int64_t needed = (seconds + points - 1) / points;
  for (const std::int64_t step : kShort) {
    if (step >= needed) return step;
  }
  return (needed + kMinute - 1) / kMinute * kMinute;
}

std::string text_of(const storage::WriteCounts& counts, Timestamp to, Timestamp earliest) {
  std::string body;
  JsonWriter json(&body);
  json.begin_object();
  json.member("from", format_iso_micros(counts.from));
  json.member("to", format_iso_micros(to));
  json.member("earliest", format_iso_micros(earliest));
  json.member("step_seconds", counts.step_seconds);
  json.key("writes");
  json.begin_object();
  for (const auto& [origin, numbers] : counts.by_origin) {
    json.key(word_of(origin));
    json.begin_array();
    for (const std::uint64_t number : numbers) json.number(static_cast<std::int64_t>(number));
    json.end_array();
  }
  json.end_object();
  json.end_object();
  return body;
}

http::Response read_activity(storage::Engine& engine, const Clock& clock, const AdminRequest& request) {
  const auto asked = read_query(request.head.query());
  if (!asked) return error_answer(400, asked.error());
  const auto table = choose_table(engine.catalog(),
                                  {.name = request.name, .account = asked->account, .region = asked->region});
  if (!table) return table.error();
  const Timestamp now = clock.now();
  // A table without history has no earliest moment: then there is nothing to count.
  const auto readable = engine.readable_from((*table)->id);
  const Timestamp earliest = readable ? std::min(*readable, now) : now;
  const Timestamp to = asked->to ? std::min(*asked->to, now) : now;
  const Timestamp begin = asked->from ? std::max(*asked->from, earliest) : earliest;
  if (begin > to) return error_answer(400, "The window ends before it begins, or before the history does.");
  const std::int64_t seconds = to.seconds() - begin.seconds() + 1;
  storage::WriteCounts counts;
  counts.step_seconds = step_for(seconds, asked->points);
  // Steps begin at round times, so that a window that goes on has the same ones.
  const std::int64_t first = begin.seconds() / counts.step_seconds * counts.step_seconds;
  counts.from = Timestamp::from_seconds(first);
  counts.steps = static_cast<std::size_t>((to.seconds() - first) / counts.step_seconds + 1);
  if (const auto counted = storage::count_writes(engine, (*table)->id, &counts); !counted) {
    return refusal("the count of writes", counted.error());
  }
  return json_answer(200, text_of(counts, to, earliest));
}

}  // namespace

std::vector<Route> activity_routes(storage::Engine& engine, const Clock& clock) {
  return {{.method = "GET",
           .path = "/_tidemark/tables/{name}/activity",
           .handle = [&engine,
                      &clock](const AdminRequest& request) { return read_activity(engine, clock, request); },
           .shows_items = true,
           .takes_parameters = true}};
}

}  // namespace tidemark::admin
