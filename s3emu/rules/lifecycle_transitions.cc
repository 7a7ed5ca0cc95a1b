#include "s3emu/rules/lifecycle_transitions.h"

#include <algorithm>
#include <set>

namespace tidemark::s3emu {
namespace {

constexpr std::int64_t kNewerVersionsMax = 100;
constexpr std::int64_t kDayMicros = 86'400'000'000;

// A storage class that objects can be moved to. They move down the list, never up.
struct StorageStep {
  std::string_view name;
  std::int64_t days_before = 0;  // that an object must have been stored, or noncurrent, before it comes here
  std::int64_t days_within = 0;  // that it stays here before the same rule may move it on
};
constexpr StorageStep kSteps[] = {
    {"STANDARD_IA", 30, 30}, {"INTELLIGENT_TIERING", 0, 0}, {"ONEZONE_IA", 30, 30}, {"GLACIER_IR", 0, 0},
    {"GLACIER", 0, 90},      {"DEEP_ARCHIVE", 0, 0},
};

struct Transition {
  const StorageStep* step = nullptr;
  std::optional<std::int64_t> days;
  std::optional<Timestamp> date;
};

// One of the two kinds, and how S3 speaks of it.
struct Kind {
  const char* element;
  const char* days;
};
constexpr Kind kCurrent = {"Transition", "Days"};
constexpr Kind kNoncurrent = {"NoncurrentVersionTransition", "NoncurrentDays"};

auto invalid_argument(std::string message) {
  return fail(S3Error::of(S3Code::kInvalidArgument, std::move(message)));
}
auto invalid_request(std::string message) {
  return fail(S3Error::of(S3Code::kInvalidRequest, std::move(message)));
}

std::string quoted_name(std::string_view name) { return "'" + std::string(name) + "'"; }

std::string with_prefix(const LifecycleRule& rule) { return "prefix " + quoted_name(rule.filter.prefix); }

const StorageStep* find_step(std::string_view name) {
  return std::find_if(std::begin(kSteps), std::end(kSteps),
                      [name](const StorageStep& step) { return step.name == name; });
}

S3Result<Transition> parse_transition(pugi::xml_node node, const Kind& kind) {
  Transition transition;
  transition.step = find_step(child_text(node, "StorageClass").value_or(""));
  transition.days = child_number(node, kind.days);
  transition.date = child_date(node, "Date");
  if (transition.step == std::end(kSteps) || transition.days.has_value() == transition.date.has_value()) {
    return fail(S3Error::of(S3Code::kMalformedXml));
  }
  if (transition.date) RETURN_IF_ERROR(check_lifecycle_date(*transition.date));
  if (transition.days && *transition.days < 0) {
    return invalid_argument(quoted_name(kind.days) + " for " + kind.element + " action must be nonnegative");
  }
  if (transition.days && *transition.days < transition.step->days_before) {
    return invalid_argument(quoted_name(kind.days) + " in " + kind.element +
                            " action must be greater than or equal to " +
                            std::to_string(transition.step->days_before) + " for storageClass " +
                            quoted_name(transition.step->name));
  }
  return transition;
}

// `later` is the one further down the list.
S3Result<void> check_pair(const Transition& earlier, const Transition& later, const Kind& kind,
                          const LifecycleRule& rule) {
  if (earlier.days.has_value() != later.days.has_value()) {
    return invalid_request("Found mixed 'Date' and 'Days' based Transition actions in lifecycle rule for " +
                           with_prefix(rule));
  }
  const auto of = [&](const char* unit, const Transition& transition) {
    return quoted_name(unit) + " in the " + kind.element + " action for StorageClass " +
           quoted_name(transition.step->name) + " for " + with_prefix(rule);
  };
  const char* const unit = earlier.days ? kind.days : "Date";
  const bool in_order = earlier.days ? *earlier.days < *later.days : *earlier.date < *later.date;
  if (!in_order) return invalid_argument(of(unit, later) + " must be greater than " + of(unit, earlier));
  const bool too_short = earlier.days && *later.days - *earlier.days < earlier.step->days_within &&
                         later.step->name != "INTELLIGENT_TIERING";
  if (!too_short) return {};
  return invalid_argument(of(unit, later) + " must be " + std::to_string(earlier.step->days_within) +
                          " days more than " + of(unit, earlier));
}

S3Result<std::vector<Transition>> parse_transitions(pugi::xml_node node, const Kind& kind,
                                                    const LifecycleRule& rule) {
  std::vector<Transition> transitions;
  std::set<const StorageStep*> steps;
  for (const pugi::xml_node child : child_elements(node, kind.element)) {
    ASSIGN_OR_RETURN(const Transition transition, parse_transition(child, kind));
    RETURN_IF_ERROR(check_newer_noncurrent(child, kind.element));
    if (!steps.insert(transition.step).second) {
      return invalid_request("'StorageClass' must be different for " + quoted_name(kind.element) +
                             " actions in same 'Rule' with " + with_prefix(rule));
    }
    transitions.push_back(transition);
  }
  std::sort(transitions.begin(), transitions.end(),
            [](const Transition& a, const Transition& b) { return a.step < b.step; });
  for (std::size_t later = 1; later < transitions.size(); ++later) {
    for (std::size_t earlier = 0; earlier < later; ++earlier) {
      RETURN_IF_ERROR(check_pair(transitions[earlier], transitions[later], kind, rule));
    }
  }
  return transitions;
}

S3Result<void> check_expiration(const Transition& transition, const LifecycleRule& rule) {
  if ((transition.days && rule.expire_date) || (transition.date && rule.expire_days)) {
    return invalid_request(
        "Found mixed 'Date' and 'Days' based Expiration and Transition actions in lifecycle rule for " +
        with_prefix(rule));
  }
  if (transition.days && rule.expire_days && *rule.expire_days <= *transition.days) {
    return invalid_argument("'Days' in the Expiration action for " + with_prefix(rule) +
                            " must be greater than 'Days' in the Transition action");
  }
  if (transition.date && rule.expire_date && *rule.expire_date <= *transition.date) {
    return invalid_argument("'Date' in the Expiration action for " + with_prefix(rule) +
                            " must be later than 'Date' in the Transition action");
  }
  return {};
}

}  // namespace

S3Result<void> check_transitions(pugi::xml_node node, const LifecycleRule& rule) {
  ASSIGN_OR_RETURN(const std::vector<Transition> current, parse_transitions(node, kCurrent, rule));
  for (const Transition& transition : current) RETURN_IF_ERROR(check_expiration(transition, rule));
  ASSIGN_OR_RETURN(const std::vector<Transition> noncurrent, parse_transitions(node, kNoncurrent, rule));
  for (const Transition& transition : noncurrent) {
    if (!rule.noncurrent_days || *rule.noncurrent_days > *transition.days) continue;
    return invalid_argument(
        "'NoncurrentDays' in the NoncurrentVersionExpiration action for " + with_prefix(rule) +
        " must be greater than 'NoncurrentDays' in the NoncurrentVersionTransition action");
  }
  return {};
}

S3Result<void> check_lifecycle_date(Timestamp date) {
  if (date.micros % kDayMicros == 0) return {};
  return invalid_argument("'Date' must be at midnight GMT");
}

S3Result<void> check_newer_noncurrent(pugi::xml_node node, const std::string& action) {
  const auto newer = child_number(node, "NewerNoncurrentVersions");
  if (!newer || (*newer >= 1 && *newer <= kNewerVersionsMax)) return {};
  return invalid_argument("'NewerNoncurrentVersions' for " + action + " action must be between 1 and 100");
}

}  // namespace tidemark::s3emu
