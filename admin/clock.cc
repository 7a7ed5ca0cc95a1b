#include "admin/clock.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <ratio>
#include <string>
#include <utility>

#include "base/json.h"
#include "base/json_writer.h"

namespace tidemark::admin {
namespace {

constexpr std::size_t kDueMax = 100;

struct ClockChange {
  std::optional<std::chrono::microseconds> advance;
  std::optional<Timestamp> set;
  std::optional<bool> freeze;
  std::optional<double> rate;
};

Result<void, std::string> read_member(std::string_view name, json::Value value, ClockChange* change) {
  if (name == "advance") {
    if (value.is_string()) change->advance = parse_iso_duration(value.string());
    if (change->advance) return {};
    return fail(std::string("advance must be a duration such as P34D, PT1H30M or PT0.5S."));
  }
  if (name == "set") {
    if (value.is_string()) change->set = parse_iso_time(value.string());
    if (change->set) return {};
    return fail(std::string("set must be a time such as 2026-01-01T00:00:00Z."));
  }
  if (name == "freeze") {
    if (value.type() != json::Type::kBool) return fail(std::string("freeze must be true or false."));
    change->freeze = value.boolean();
    return {};
  }
  if (name == "rate") {
    const bool is_number = value.type() == json::Type::kInteger || value.type() == json::Type::kDecimal;
    if (is_number) change->rate = value.decimal();
    if (change->rate && *change->rate > 0 && *change->rate <= ServiceClock::kRateMax) return {};
    return fail(std::string("rate must be a number above 0 and at most 1000000."));
  }
  return fail("There is no member '" + std::string(name) + "'; there are advance, set, freeze and rate.");
}

Result<ClockChange, std::string> read_change(std::string_view body) {
  json::Document document;
  const auto root = document.parse(body);
  if (!root || !root->is_object() || root->size() == 0) {
    return fail(
        std::string("The body must be a JSON object with one or more of advance, set, freeze and rate."));
  }
  ClockChange change;
  std::string_view name;
  json::Value value;
  for (auto members = root->members(); members.next(&name, &value);) {
    RETURN_IF_ERROR(read_member(name, value, &change));
  }
  if (change.advance && change.set) return fail(std::string("advance and set exclude each other."));
  return change;
}

// What changes the clock, and whom to tell when it was moved.
struct ClockParts {
  ServiceClock* clock;
  Schedule* schedule;
  std::function<void()> moved;
};

// Before the first step of a move.
Result<void> check_end(const ClockChange& change, const ServiceClock& clock) {
  if (change.set) return ServiceClock::check_end(*change.set);
  if (!change.advance) return {};
  const auto by =
      std::clamp(*change.advance, std::chrono::microseconds{0}, ServiceClock::kLatest - Timestamp{});
  return ServiceClock::check_end(clock.now().plus(by));
}

// Makes the move, if there is one.
void begin_move(const ClockChange& change, Schedule* schedule, Schedule::Moved moved) {
  if (change.advance) {
    schedule->begin_advance(*change.advance, std::move(moved));
  } else if (change.set) {
    schedule->begin_set(*change.set, std::move(moved));
  } else {
    moved({});
  }
}

// What comes after the move.
Result<void> apply_rest(const ClockChange& change, const ClockParts& parts) {
  if (change.advance || change.set) parts.moved();
  if (change.rate) RETURN_IF_ERROR(parts.clock->set_rate(*change.rate));
  if (change.freeze) parts.clock->freeze(*change.freeze);
  return {};
}

// Two clocks are not read at once, and a move takes its time: less than a tenth of a second says nothing.
std::chrono::microseconds shown(std::chrono::microseconds offset) {
  using Tenths = std::chrono::duration<std::int64_t, std::deci>;
  return std::chrono::round<Tenths>(offset);
}

http::Response state_of(const ServiceClock& clock) {
  const ServiceClock::State state = clock.state();
  std::string body;
  JsonWriter json(&body);
  json.begin_object();
  json.member("now", format_iso_millis(state.now));
  json.member("wall", format_iso_millis(state.wall));
  json.member("offset", format_iso_duration(shown(state.offset)));
  json.member("frozen", state.is_frozen);
  json.key("rate"), json.decimal(state.rate);
  json.end_object();
  return json_answer(200, std::move(body));
}

http::Response due_of(Schedule* schedule) {
  std::string body;
  JsonWriter json(&body);
  json.begin_object();
  json.key("due");
  json.begin_array();
  for (const DueTask& task : schedule->due(kDueMax)) {
    json.begin_object();
    json.member("task", task.name);
    json.member("time", format_iso_millis(task.time));
    if (task.interval.count() > 0) json.member("every", format_iso_duration(task.interval));
    json.member("has_work", task.has_work);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return json_answer(200, std::move(body));
}

http::Response answer_to(const Result<void>& changed, const ServiceClock& clock) {
  if (changed) return state_of(clock);
  const int status = changed.error().code == ErrorCode::kInvalidArgument ? 400 : 503;
  return error_answer(status, changed.error().message);
}

// A move that meets a long job waits for its end: no thread does.
std::shared_ptr<Later<http::Response>> change_clock(const AdminRequest& request, const ClockParts& parts) {
  auto later = std::make_shared<Later<http::Response>>();
  auto change = read_change(request.body);
  if (!change) {
    later->give(error_answer(400, change.error()));
    return later;
  }
  if (const auto checked = check_end(*change, *parts.clock); !checked) {
    later->give(answer_to(checked, *parts.clock));
    return later;
  }
  begin_move(*change, parts.schedule, [later, parts, change = *change](Result<void> outcome) {
    if (outcome) outcome = apply_rest(change, parts);
    later->give(answer_to(outcome, *parts.clock));
  });
  return later;
}

}  // namespace

std::vector<Route> clock_routes(ServiceClock& clock, Schedule& schedule, std::function<void()> moved) {
  static constexpr std::string_view kPath = "/_tidemark/clock";
  return {{.method = "GET",
           .path = kPath,
           .handle = [&clock](const AdminRequest&) { return state_of(clock); },
           .is_quick = true},
          {.method = "GET",
           .path = "/_tidemark/clock/due",
           .handle = [&schedule](const AdminRequest&) { return due_of(&schedule); }},
          {.method = "POST",
           .path = kPath,
           .begin = [parts = ClockParts{&clock, &schedule, std::move(moved)}](const AdminRequest& request) {
             return change_clock(request, parts);
           }}};
}

}  // namespace tidemark::admin
