// Reads a policy and refuses what is none.
#include <set>

#include "base/address.h"
#include "base/auth/policy/policy.h"
#include "base/json.h"
#include "base/text.h"

namespace tidemark::auth {
namespace {

using Parsed = Result<void, std::string>;

tl::unexpected<std::string> malformed(std::string message) { return fail(std::move(message)); }

// Strings, numbers and booleans as text.
std::optional<std::string> scalar_text(json::Value value) {
  switch (value.type()) {
    case json::Type::kString:
      return std::string(value.string());
    case json::Type::kBool:
      return value.boolean() ? "true" : "false";
    case json::Type::kInteger:
      return std::to_string(value.integer());
    case json::Type::kDecimal:
      return std::to_string(value.decimal());
    default:
      return std::nullopt;
  }
}

// One text or a list of them; nothing when it is neither.
std::optional<std::vector<std::string>> texts(json::Value value) {
  std::vector<std::string> out;
  if (!value.is_array()) {
    auto text = scalar_text(value);
    if (!text) return std::nullopt;
    out.push_back(std::move(*text));
    return out;
  }
  json::Value element;
  for (json::ArrayCursor cursor = value.elements(); cursor.next(&element);) {
    auto text = scalar_text(element);
    if (!text) return std::nullopt;
    out.push_back(std::move(*text));
  }
  return out;
}

}  // namespace

class PolicyParser {
 public:
  explicit PolicyParser(const PolicyLanguage& language) : language_(language) {}

  Result<Policy, std::string> parse(std::string_view text) {
    if (text.size() > language_.size_max())
      return malformed("Policy exceeds the maximum allowed document size.");
    json::Document document;
    const auto root = document.parse(text);
    if (text.empty() || text.front() != '{' || !root || !root->is_object()) {
      return malformed("Policies must be valid JSON and the first byte must be '{'");
    }
    RETURN_IF_ERROR(check_members(*root, {"Version", "Id", "Statement"}));
    if (const auto version = root->find("Version")) {
      const bool known =
          version->is_string() && (version->string() == "2012-10-17" || version->string() == "2008-10-17");
      if (!known) return malformed("The policy must contain a valid version string");
      has_variables_ = version->string() == "2012-10-17";
    }
    if (const auto id = root->find("Id"); id && !id->is_string()) return malformed("Invalid policy syntax.");
    const auto statements = root->find("Statement");
    if (!statements) return malformed("Missing required field Statement");
    RETURN_IF_ERROR(take_statements(*statements));
    return std::move(policy_);
  }

 private:
  static Parsed check_members(json::Value object, const std::set<std::string_view>& known) {
    std::set<std::string_view> seen;
    std::string_view name;
    json::Value value;
    for (json::ObjectCursor cursor = object.members(); cursor.next(&name, &value);) {
      if (!known.contains(name)) return malformed("Unknown field " + std::string(name));
      if (!seen.insert(name).second) return malformed("This policy contains invalid Json");
    }
    return {};
  }

  Parsed take_statements(json::Value statements) {
    if (statements.is_object()) return take_statement(statements);
    if (!statements.is_array()) return malformed("Invalid policy syntax.");
    if (statements.size() == 0) return malformed("Could not parse the policy: Statement is empty!");
    json::Value statement;
    for (json::ArrayCursor cursor = statements.elements(); cursor.next(&statement);) {
      if (!statement.is_object()) return malformed("Invalid policy syntax.");
      RETURN_IF_ERROR(take_statement(statement));
    }
    return {};
  }

  Parsed take_statement(json::Value json) {
    RETURN_IF_ERROR(check_members(json, {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction",
                                         "Resource", "NotResource", "Condition"}));
    Policy::Statement statement;
    if (const auto sid = json.find("Sid")) {
      if (!sid->is_string()) return malformed("Invalid policy syntax.");
      const std::string name(sid->string());
      if (!name.empty() && !sids_.insert(name).second) {
        return malformed("Statement IDs (SID) in a single policy must be unique.");
      }
    }
    const auto effect = json.find("Effect");
    if (!effect) return malformed("Missing required field Effect");
    const std::string effect_name = effect->is_string() ? std::string(effect->string()) : "";
    if (effect_name != "Allow" && effect_name != "Deny") return malformed("Invalid effect: " + effect_name);
    statement.deny = effect_name == "Deny";
    RETURN_IF_ERROR(take_principals(json, &statement));
    RETURN_IF_ERROR(take_actions(json, &statement));
    RETURN_IF_ERROR(take_resources(json, &statement));
    RETURN_IF_ERROR(take_conditions(json, &statement));
    if (auto objection = language_.objection(terms_)) return malformed(*std::move(objection));
    policy_.is_public_ = policy_.is_public_ || statement.is_public(language_);
    policy_.statements_.push_back(std::move(statement));
    return {};
  }

  // The element or its Not form; exactly one of them.
  static Result<json::Value, std::string> either(json::Value json, const std::string& name, bool* negated) {
    const auto plain = json.find(name);
    const auto inverse = json.find("Not" + name);
    *negated = inverse.has_value();
    if (plain && inverse) return malformed("Statement contains both " + name + " and Not" + name + ".");
    if (!plain && !inverse) return malformed("Missing required field " + name);
    return plain ? *plain : *inverse;
  }

  static Parsed take_principals(json::Value json, Policy::Statement* statement) {
    ASSIGN_OR_RETURN(const json::Value value, either(json, "Principal", &statement->not_principal));
    if (statement->not_principal && !statement->deny) {
      return malformed("Allow with NotPrincipal is not allowed.");
    }
    if (value.is_string() && value.string() == "*") {
      statement->principals.add_everyone();
      return {};
    }
    if (!value.is_object()) return malformed("Invalid principal in policy");
    std::string_view kind;
    json::Value names;
    for (json::ObjectCursor cursor = value.members(); cursor.next(&kind, &names);) {
      const auto list = texts(names);
      if (!list || list->empty()) return malformed("Invalid principal in policy");
      for (const std::string& name : *list) {
        if (!statement->principals.add(kind, name)) return malformed("Invalid principal in policy");
      }
    }
    if (statement->principals.empty()) return malformed("Missing required field Principal cannot be empty!");
    return {};
  }

  Parsed take_actions(json::Value json, Policy::Statement* statement) {
    ASSIGN_OR_RETURN(const json::Value value, either(json, "Action", &statement->not_action));
    const auto list = texts(value);
    if (!list || list->empty()) return malformed("Policy has invalid action");
    terms_ = {};
    terms_.not_action = statement->not_action;
    terms_.actions = *list;
    for (const std::string& name : *list) {
      if (!language_.is_action(name)) return malformed("Policy has invalid action");
      statement->actions.emplace_back(lower_case(name));
    }
    return {};
  }

  Parsed take_resources(json::Value json, Policy::Statement* statement) {
    ASSIGN_OR_RETURN(const json::Value value, either(json, "Resource", &statement->not_resource));
    const auto list = texts(value);
    if (!list || list->empty()) return malformed("Policy has invalid resource");
    terms_.not_resource = statement->not_resource;
    terms_.resources = *list;
    for (const std::string& name : *list) {
      const auto pattern = language_.resource_pattern(name);
      if (!pattern) return malformed("Policy has invalid resource");
      statement->resources.emplace_back(*pattern, has_variables_);
    }
    return {};
  }

  Parsed take_conditions(json::Value json, Policy::Statement* statement) {
    const auto conditions = json.find("Condition");
    if (!conditions) return {};
    if (!conditions->is_object()) return malformed("Invalid policy syntax.");
    std::string_view name;
    json::Value keys;
    for (json::ObjectCursor cursor = conditions->members(); cursor.next(&name, &keys);) {
      const auto op = parse_condition_operator(name);
      if (!op) return malformed("Invalid Condition type : " + std::string(name));
      if (!keys.is_object()) return malformed("Invalid policy syntax.");
      std::string_view key;
      json::Value values;
      for (json::ObjectCursor inner = keys.members(); inner.next(&key, &values);) {
        RETURN_IF_ERROR(take_condition(*op, key, values, statement));
      }
    }
    return {};
  }

  Parsed take_condition(const ConditionOperator& op, std::string_view key, json::Value values,
                        Policy::Statement* statement) {
    Condition condition{op, lower_condition_key(key), {}};
    if (!language_.is_condition_key(condition.key)) return malformed("Policy has an invalid condition key");
    const auto list = texts(values);
    if (!list) return malformed("Invalid policy syntax.");
    for (const std::string& text : *list) {
      if (op.comparison == Comparison::kIpAddress && !parse_address_range(text)) {
        return malformed("Invalid IP address in Conditions");
      }
      condition.values.emplace_back(text, has_variables_);
    }
    terms_.condition_keys.push_back(condition.key);
    statement->conditions.push_back(std::move(condition));
    return {};
  }

  const PolicyLanguage& language_;
  bool has_variables_ = false;
  std::set<std::string> sids_;
  StatementTerms terms_;  // of the statement at hand
  Policy policy_;
};

Result<Policy, std::string> Policy::parse(std::string_view text, const PolicyLanguage& language) {
  return PolicyParser(language).parse(text);
}

}  // namespace tidemark::auth
