#include "base/auth/policy/policy.h"

#include <algorithm>

#include "base/address.h"
#include "base/auth/account.h"
#include "base/text.h"

namespace tidemark::auth {
namespace {

// A network wider than this is as good as everybody.
constexpr unsigned kIpv4PrefixMin = 8;
constexpr unsigned kIpv6PrefixMin = 32;

bool is_fixed_network(const PolicyText& text) {
  const auto range = parse_address_range(text.raw());
  if (!range) return false;
  return range->prefix_bits >= (range->bytes.size() == 4 ? kIpv4PrefixMin : kIpv6PrefixMin);
}

// Keys that name a limited set of callers when their values are fixed.
constexpr std::string_view kLimitingKeys[] = {
    "aws:sourcearn",        "aws:sourcevpc",    "aws:sourcevpce",     "aws:sourceowner",
    "aws:sourceaccount",    "aws:userid",       "aws:principalorgid", "aws:principalorgpaths",
    "aws:principalaccount", "aws:principalarn", "aws:username",       "aws:sourceorgid",
    "aws:sourceorgpaths",
};

// Whether the condition lets nobody in but a fixed set.
bool limits_callers(const Condition& condition, std::span<const std::string_view> further_keys) {
  const ConditionOperator& op = condition.op;
  if (op.negated || op.if_exists || op.set == SetOperator::kForAllValues) return false;
  if (op.comparison == Comparison::kIpAddress && condition.key == "aws:sourceip") {
    return std::all_of(condition.values.begin(), condition.values.end(), is_fixed_network);
  }
  const bool compares_text =
      op.comparison == Comparison::kStringEquals || op.comparison == Comparison::kStringEqualsIgnoreCase ||
      op.comparison == Comparison::kStringLike || op.comparison == Comparison::kArnLike;
  const bool limiting =
      std::find(std::begin(kLimitingKeys), std::end(kLimitingKeys), condition.key) !=
          std::end(kLimitingKeys) ||
      std::find(further_keys.begin(), further_keys.end(), condition.key) != further_keys.end();
  return compares_text && limiting &&
         std::all_of(condition.values.begin(), condition.values.end(),
                     [](const PolicyText& value) { return value.is_fixed(); });
}

}  // namespace

std::string caller_arn(const auth::Account& account) {
  return "arn:aws:iam::" + account.id + ":user/" + account.display_name;
}

bool Principals::add(std::string_view kind, std::string_view value) {
  if (kind == "AWS") return add_aws(value);
  if (kind == "CanonicalUser") {
    if (value.size() != 64 || value.find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos) {
      return false;
    }
    entries_.push_back({{}, lower_case(value), {}});
    return true;
  }
  if (kind == "Service") {
    if (value.find(".amazonaws.com") == std::string_view::npos) return false;
    entries_.emplace_back();
    return true;
  }
  if (kind == "Federated") {
    if (value.empty() || value == "*") return false;
    entries_.emplace_back();
    return true;
  }
  return false;
}

bool Principals::add_aws(std::string_view value) {
  if (value == "*") {
    everyone_ = true;
    return true;
  }
  if (auth::is_account_id(value)) {
    entries_.push_back({std::string(value), {}, {}});
    return true;
  }
  // arn:<partition>:iam::<account>:<what>
  std::string_view fields[6];
  std::string_view rest = value;
  for (std::size_t i = 0; i < 6; ++i) {
    const std::size_t colon = i < 5 ? rest.find(':') : std::string_view::npos;
    if (i < 5 && colon == std::string_view::npos) return false;
    fields[i] = rest.substr(0, colon);
    rest.remove_prefix(std::min(rest.size(), fields[i].size() + 1));
  }
  const bool of_account = fields[0] == "arn" && fields[1].starts_with("aws") && fields[3].empty() &&
                          (fields[2] == "iam" || fields[2] == "sts");
  const std::string_view what = fields[5];
  if (!of_account || value.find_first_of("*?") != std::string_view::npos) return false;
  if (fields[4] == "cloudfront" && what.starts_with("user/")) {
    entries_.emplace_back();
    return true;
  }
  if (!auth::is_account_id(fields[4])) return false;
  if (what == "root") {
    entries_.push_back({std::string(fields[4]), {}, {}});
    return true;
  }
  const std::size_t slash = what.rfind('/');
  if (slash == std::string_view::npos || slash + 1 == what.size()) return false;
  const std::string_view type = what.substr(0, what.find('/'));
  if (type == "user") {
    entries_.push_back({std::string(fields[4]), {}, std::string(what.substr(slash + 1))});
    return true;
  }
  entries_.emplace_back();
  return type == "role" || type == "assumed-role" || type == "federated-user";
}

bool Principals::includes(const auth::Account* caller) const {
  if (everyone_) return true;
  if (caller == nullptr) return false;
  return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    if (!entry.canonical_user_id.empty()) return entry.canonical_user_id == caller->canonical_user_id;
    if (entry.account_id.empty() || entry.account_id != caller->id) return false;
    return entry.user.empty() || entry.user == caller->display_name;
  });
}

bool Policy::Statement::applies_to(const PolicyRequest& request, std::string_view lower_action) const {
  if (principals.includes(request.caller) == not_principal) return false;
  const bool action = std::any_of(actions.begin(), actions.end(),
                                  [&](const Wildcard& pattern) { return pattern.matches(lower_action); });
  if (action == not_action) return false;
  // What is pending lets an Allow apply, and keeps a Deny from it.
  const bool resource = std::any_of(resources.begin(), resources.end(), [&](const PolicyText& pattern) {
    if (pattern.is_pending(request.keys)) return deny == not_resource;
    return pattern.matches(request.resource, request.keys);
  });
  if (resource == not_resource) return false;
  return std::all_of(conditions.begin(), conditions.end(), [&](const Condition& condition) {
    return condition.is_pending(request.keys) ? !deny : condition.holds(request.keys);
  });
}

bool Policy::Statement::is_public(const PolicyLanguage& language) const {
  if (deny || !principals.includes_everyone()) return false;
  return std::none_of(conditions.begin(), conditions.end(), [&](const Condition& condition) {
    return limits_callers(condition, language.limiting_keys());
  });
}

PolicyDecision Policy::evaluate(const PolicyRequest& request) const {
  const std::string action = lower_case(request.action);
  PolicyDecision decision = PolicyDecision::kNone;
  for (const Statement& statement : statements_) {
    if (!statement.deny && decision == PolicyDecision::kAllow) continue;
    if (!statement.applies_to(request, action)) continue;
    if (statement.deny) return PolicyDecision::kDeny;
    decision = PolicyDecision::kAllow;
  }
  return decision;
}

bool Policy::has_deny() const {
  return std::any_of(statements_.begin(), statements_.end(),
                     [](const Statement& statement) { return statement.deny; });
}

}  // namespace tidemark::auth
