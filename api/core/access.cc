// Sources: IAM service authorization reference, "Actions, resources, and condition keys for Amazon DynamoDB";
// DynamoDB developer guide, "Using resource-based policies for DynamoDB", "Using IAM policy conditions for
// fine-grained access control"; texts as users of the service reported them.
#include "api/core/access.h"

#include <algorithm>
#include <array>
#include <memory>

#include "api/core/caller.h"
#include "api/core/policy_book.h"
#include "api/core/text_cache.h"
#include "base/auth/policy/global_keys.h"
#include "base/auth/policy/wildcard.h"
#include "base/bytes.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "model/item_parts.h"
#include "model/words/constraints.h"

namespace tidemark::api {
namespace {

using auth::PolicyDecision;
using Values = std::optional<std::vector<std::string>>;

constexpr std::string_view kPrefix = "dynamodb:";

constexpr std::array<std::string_view, 43> kTableActions = {
    "BatchGetItem",
    "BatchWriteItem",
    "CancelBulkOperation",
    "ConditionCheckItem",
    "CreateBackup",
    "CreateTableReplica",
    "DeleteItem",
    "DeleteResourcePolicy",
    "DeleteTable",
    "DeleteTableReplica",
    "DescribeContinuousBackups",
    "DescribeContributorInsights",
    "DescribeKinesisStreamingDestination",
    "DescribeTable",
    "DescribeTableReplicaAutoScaling",
    "DescribeTimeToLive",
    "DisableKinesisStreamingDestination",
    "EnableKinesisStreamingDestination",
    "ExportTableToPointInTime",
    "GetItem",
    "GetResourcePolicy",
    "ListContributorInsights",
    "ListTagsOfResource",
    "PartiQLDelete",
    "PartiQLInsert",
    "PartiQLSelect",
    "PartiQLUpdate",
    "PutItem",
    "PutResourcePolicy",
    "Query",
    "RestoreTableToPointInTime",
    "Scan",
    "SearchVectors",
    "StartBulkPutItems",
    "TagResource",
    "UntagResource",
    "UpdateContinuousBackups",
    "UpdateContributorInsights",
    "UpdateItem",
    "UpdateKinesisStreamingDestination",
    "UpdateTable",
    "UpdateTableReplicaAutoScaling",
    "UpdateTimeToLive",
};

constexpr std::array<std::string_view, 6> kStreamActions = {
    "DeleteResourcePolicy", "DescribeStream",   "GetRecords",
    "GetResourcePolicy",    "GetShardIterator", "PutResourcePolicy",
};

constexpr std::array<std::string_view, 7> kConditionKeys = {
    "dynamodb:attributes",  "dynamodb:enclosingoperation", "dynamodb:fulltablescan",
    "dynamodb:leadingkeys", "dynamodb:returnvalues",       "dynamodb:returnconsumedcapacity",
    "dynamodb:select",
};

bool is_one_of(std::string_view pattern, std::span<const std::string_view> actions) {
  const auth::Wildcard wildcard(lower_case(pattern));
  return std::ranges::any_of(actions, [&](std::string_view action) {
    return wildcard.matches(std::string(kPrefix) + lower_case(action));
  });
}

class TablePolicyLanguage final : public auth::PolicyLanguage {
 public:
  TablePolicyLanguage(std::string arn, PolicyOf of) : arn_(std::move(arn)), of_(of) {}

  [[nodiscard]] bool is_action(std::string_view pattern) const override {
    return of_ == PolicyOf::kTable ? is_one_of(pattern, kTableActions) : is_one_of(pattern, kStreamActions);
  }

  // What can match the resource, or for a table one of its indexes.
  [[nodiscard]] std::optional<std::string> resource_pattern(std::string_view text) const override {
    const bool is_whole = auth::Wildcard(text).matches(arn_);
    if (is_whole || (of_ == PolicyOf::kTable && may_name_index(text))) return std::string(text);
    return std::nullopt;
  }

  [[nodiscard]] bool is_condition_key(std::string_view key) const override {
    if (key.starts_with("aws:")) return key.size() > 4;
    return std::ranges::find(kConditionKeys, key) != kConditionKeys.end();
  }

  [[nodiscard]] std::optional<std::string> objection(const auth::StatementTerms&) const override {
    return std::nullopt;
  }

 private:
  [[nodiscard]] bool may_name_index(std::string_view text) const {
    const std::string indexes = arn_ + "/index/";
    const std::string_view fixed = text.substr(0, text.find_first_of("*?$"));
    return fixed.size() > indexes.size() ? fixed.starts_with(indexes)
                                         : fixed.size() < text.size() && indexes.starts_with(fixed);
  }

  const std::string arn_;
  const PolicyOf of_;
};

// Takes what is stored as it is.
class StoredLanguage final : public auth::PolicyLanguage {
 public:
  [[nodiscard]] bool is_action(std::string_view) const override { return true; }
  [[nodiscard]] std::optional<std::string> resource_pattern(std::string_view text) const override {
    return std::string(text);
  }
  [[nodiscard]] bool is_condition_key(std::string_view) const override { return true; }
  [[nodiscard]] std::optional<std::string> objection(const auth::StatementTerms&) const override {
    return std::nullopt;
  }
};

using PolicyPtr = std::shared_ptr<const auth::Policy>;  // null: it cannot be read

PolicyPtr read_policy(std::string_view text) {
  auto policy = auth::Policy::parse(text, StoredLanguage());
  if (policy) return std::make_shared<const auth::Policy>(*std::move(policy));
  log::error("a stored resource policy cannot be read", {{"error", policy.error()}});
  return nullptr;
}

PolicyPtr policy_from(std::string_view text) {
  static TextCache<auth::Policy> cache(1'000);
  return cache.get(text, read_policy);
}

// In open mode there are accounts that nobody has heard of.
auth::Account caller_of(const OperationContext& context) {
  const std::string& id = context.owner.account_id;
  const auth::Account* const known = context.settings.authority->credentials().find_account(id);
  return known != nullptr ? *known : auth::Account{id, auth::derived_canonical_user_id(id), id};
}

Values one(std::optional<std::string_view> value) {
  if (!value) return std::nullopt;
  return std::vector<std::string>{std::string(*value)};
}

class Keys final : public auth::ConditionKeys {
 public:
  Keys(const OperationContext& context, const auth::Account& caller, std::string_view owner,
       const Access* access, const model::TableSchema* table)
      : context_(context), caller_(caller), owner_(owner), access_(access), table_(table) {}

  [[nodiscard]] Values values(std::string_view key) const override {
    if (key.starts_with(kPrefix)) return item_values(key.substr(kPrefix.size()));
    if (key == "aws:resourceaccount") return one(owner_);
    if (auto value = auth::caller_value(key, &caller_)) return value;
    if (context_.head == nullptr) return std::nullopt;
    return auth::request_value(key, {.head = *context_.head,
                                     .trusted_proxies = context_.settings.trusted_proxies,
                                     .now = context_.clock.now(),
                                     .region = context_.owner.region});
  }

 private:
  [[nodiscard]] Values item_values(std::string_view name) const {
    if (access_ == nullptr || !access_->terms || table_ == nullptr) return std::nullopt;
    if (!terms_) terms_ = access_->terms(*table_);
    if (name == "leadingkeys") return terms_->leading_keys;
    if (name == "attributes") return terms_->attributes;
    if (name == "select") return one(terms_->select);
    if (name == "returnvalues") return one(terms_->return_values);
    if (name == "returnconsumedcapacity") return one(terms_->return_consumed_capacity);
    if (name == "enclosingoperation") return one(terms_->enclosing_operation);
    if (name != "fulltablescan" || !terms_->full_table_scan) return std::nullopt;
    return one(*terms_->full_table_scan ? "true" : "false");
  }

  const OperationContext& context_;
  const auth::Account& caller_;
  const std::string_view owner_;
  const Access* const access_;
  const model::TableSchema* const table_;
  mutable std::optional<AccessTerms> terms_;
};

bool is_about_policy(std::string_view action) {
  return action == "GetResourcePolicy" || action == "PutResourcePolicy" || action == "DeleteResourcePolicy";
}

struct Question {
  std::string_view policy;  // its text; empty: none
  std::string_view owner;   // of the resource
  std::string_view action;  // without `dynamodb:`
  std::string resource;
  const Access* access = nullptr;
  const model::TableSchema* table = nullptr;
};

ApiError denied(const OperationContext& context, const Question& question) {
  return {ErrorType::kAccessDenied,
          "User: " + caller_arn(context.settings, context.owner.account_id) +
              " is not authorized to perform: dynamodb:" + std::string(question.action) +
              " on resource: " + question.resource + " with an explicit deny in a resource-based policy"};
}

PolicyDecision decision_of(const OperationContext& context, const Question& question,
                           const auth::Policy& policy) {
  const auth::Account caller = caller_of(context);
  const Keys keys(context, caller, question.owner, question.access, question.table);
  return policy.evaluate({.action = std::string(kPrefix).append(question.action),
                          .resource = question.resource,
                          .caller = &caller,
                          .keys = keys});
}

ApiResult<void> judge(const OperationContext& context, const Question& question) {
  const bool is_owner =
      !context.settings.authority->is_strict() || question.owner == context.owner.account_id;
  PolicyDecision decision = PolicyDecision::kNone;
  if (!question.policy.empty()) {
    const PolicyPtr policy = policy_from(question.policy);
    if (policy) {
      decision = decision_of(context, question, *policy);
    } else if (!is_owner || !is_about_policy(question.action)) {
      decision = PolicyDecision::kDeny;  // it may have denied anything
    }
  }
  if (decision == PolicyDecision::kDeny) return fail(denied(context, question));
  if (is_owner || decision == PolicyDecision::kAllow) return {};
  return fail(not_authorized(context, question.resource, question.action));
}

tl::unexpected<ApiError> invalid_document(const std::string& why) {
  return fail(validation(words::invalid_parameter("Invalid policy document: " + why)));
}

}  // namespace

void AccessTerms::add_leading_key(const model::AttributeValue& value) {
  if (!leading_keys) leading_keys.emplace();
  if (const std::string* const text = value.string()) {
    leading_keys->push_back(*text);
  } else if (const model::Number* const number = value.number()) {
    leading_keys->push_back(number->to_string());
  } else if (const model::Binary* const binary = value.binary()) {
    leading_keys->push_back(base64_encode(binary->bytes));
  }
}

void AccessTerms::add_leading_key_of(std::string_view text, const model::TableSchema& table) {
  const std::string& name = table.keys.partition_keys.front().name;
  const auto parts = model::ItemParts::take(text, {name});
  if (!leading_keys) leading_keys.emplace();
  if (!parts) return;
  const auto found = parts->attributes().find(name);
  if (found != parts->attributes().end()) add_leading_key(found->second);
}

void AccessTerms::add_attributes(const std::vector<std::string>& names) {
  if (!attributes) attributes.emplace();
  attributes->insert(attributes->end(), names.begin(), names.end());
}

void AccessTerms::add_attributes_of(std::string_view text) {
  if (!attributes) attributes.emplace();
  json::Document document;
  const auto item = document.parse(text);
  if (!item || !item->is_object()) return;
  std::string_view name;
  json::Value value;
  for (json::ObjectCursor members = item->members(); members.next(&name, &value);) {
    attributes->emplace_back(name);
  }
}

ApiResult<void> check_access(const OperationContext& context, const storage::Table& table,
                             const Access& access) {
  const model::TableSchema& schema = table.schema;
  const bool is_guarded = !schema.resource_policy.empty() || (context.settings.authority->is_strict() &&
                                                              schema.account_id != context.owner.account_id);
  if (!is_guarded) [[likely]]
    return {};
  const auto policies = policies_of(schema);
  Question question{.policy = policies->table.text,
                    .owner = schema.account_id,
                    .action = access.action.empty() ? context.operation : access.action,
                    .resource = schema.arn(),
                    .access = &access,
                    .table = &schema};
  if (!access.index.empty()) question.resource.append("/index/").append(access.index);
  return judge(context, question);
}

ApiResult<void> check_stream_access(const OperationContext& context, std::string_view arn,
                                    std::string_view owner, std::string_view policy) {
  return judge(context,
               {.policy = policy, .owner = owner, .action = context.operation, .resource = std::string(arn)});
}

ApiError not_authorized(const OperationContext& context, std::string_view arn, std::string_view action) {
  const std::string name = "dynamodb:" + std::string(action.empty() ? context.operation : action);
  return {ErrorType::kAccessDenied, "User: " + caller_arn(context.settings, context.owner.account_id) +
                                        " is not authorized to perform: " + name +
                                        " on resource: " + std::string(arn) +
                                        " because no resource-based policy allows the " + name + " action"};
}

ApiResult<void> check_policy_document(std::string_view text, const std::string& arn, PolicyOf of) {
  const auto policy = auth::Policy::parse(text, TablePolicyLanguage(arn, of));
  if (!policy) return invalid_document(policy.error());
  if (policy->is_public()) {
    return invalid_document("the policy allows public access, which Block Public Access prevents");
  }
  return {};
}

ApiResult<void> check_policy_access_is_kept(const OperationContext& context, std::string_view text,
                                            const std::string& arn, PolicyOf of) {
  const auto policy = auth::Policy::parse(text, TablePolicyLanguage(arn, of));
  if (!policy) return {};
  for (const std::string_view action : {"PutResourcePolicy", "DeleteResourcePolicy"}) {
    const auto decision = decision_of(
        context, {.policy = text, .owner = context.owner.account_id, .action = action, .resource = arn},
        *policy);
    if (decision == PolicyDecision::kDeny) {
      return fail(validation(words::invalid_parameter(
          "the policy would keep you from changing it; set ConfirmRemoveSelfResourceAccess to do so")));
    }
  }
  return {};
}

}  // namespace tidemark::api
