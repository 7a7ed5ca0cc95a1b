#include "api/replicas/auto_scaling.h"

#include <optional>

#include "base/json.h"
#include "model/words/constraints.h"

namespace tidemark::api {
namespace {

struct ScalingPolicy {
  std::string name;
  std::optional<bool> disables_scale_in;
  std::optional<std::int64_t> scale_in_cooldown;
  std::optional<std::int64_t> scale_out_cooldown;
  double target = 0;
};

struct ScalingSettings {
  std::optional<std::int64_t> least_units;
  std::optional<std::int64_t> most_units;
  std::optional<bool> is_disabled;
  std::string role_arn;
  std::optional<ScalingPolicy> policy;
};

template <class Value>
void take(std::optional<Value> value, std::optional<Value>* out) {
  if (value) *out = value;
}

void take_text(const Input& input, std::string_view member, std::string* out) {
  if (const auto text = input.string(member)) *out = *text;
}

void read_policy(const Input& input, ScalingPolicy* policy) {
  take_text(input, "PolicyName", &policy->name);
  const auto configuration = input.structure("TargetTrackingScalingPolicyConfiguration");
  if (!configuration) return;
  take(configuration->boolean("DisableScaleIn"), &policy->disables_scale_in);
  take(configuration->integer("ScaleInCooldown"), &policy->scale_in_cooldown);
  take(configuration->integer("ScaleOutCooldown"), &policy->scale_out_cooldown);
  if (const auto target = configuration->value().find("TargetValue")) policy->target = target->decimal();
}

// The members that an update and a description share.
void read_settings(const Input& input, ScalingSettings* settings) {
  take(input.integer("MinimumUnits"), &settings->least_units);
  take(input.integer("MaximumUnits"), &settings->most_units);
  take(input.boolean("AutoScalingDisabled"), &settings->is_disabled);
  take_text(input, "AutoScalingRoleArn", &settings->role_arn);
}

ScalingSettings settings_of(const std::string& description) {
  ScalingSettings settings;
  json::Document document;
  const auto root = document.parse(description);
  if (!root || !root->is_object()) return settings;
  const Input input(*root);
  read_settings(input, &settings);
  if (const auto policies = input.list("ScalingPolicies")) {
    json::Value value;
    for (json::ArrayCursor cursor = policies->elements(); cursor.next(&value);) {
      read_policy(Input(value), &settings.policy.emplace());
    }
  }
  return settings;
}

void render_policy(const ScalingPolicy& policy, JsonWriter& json) {
  json.begin_object();
  if (!policy.name.empty()) json.member("PolicyName", policy.name);
  json.key("TargetTrackingScalingPolicyConfiguration");
  json.begin_object();
  if (policy.disables_scale_in) json.member("DisableScaleIn", *policy.disables_scale_in);
  if (policy.scale_in_cooldown) json.member("ScaleInCooldown", *policy.scale_in_cooldown);
  if (policy.scale_out_cooldown) json.member("ScaleOutCooldown", *policy.scale_out_cooldown);
  json.key("TargetValue");
  json.decimal(policy.target);
  json.end_object();
  json.end_object();
}

std::string description_of(const ScalingSettings& settings) {
  std::string text;
  JsonWriter json(&text);
  json.begin_object();
  if (settings.least_units) json.member("MinimumUnits", *settings.least_units);
  if (settings.most_units) json.member("MaximumUnits", *settings.most_units);
  if (settings.is_disabled) json.member("AutoScalingDisabled", *settings.is_disabled);
  if (!settings.role_arn.empty()) json.member("AutoScalingRoleArn", settings.role_arn);
  json.key("ScalingPolicies");
  json.begin_array();
  if (settings.policy) render_policy(*settings.policy, json);
  json.end_array();
  json.end_object();
  return text;
}

}  // namespace

Shape auto_scaling_update() {
  Shape target = integer();
  target.kind = ShapeKind::kDouble;
  return structure("AutoScalingSettingsUpdate",
                   {{"MinimumUnits", long_integer().at_least(1)},
                    {"MaximumUnits", long_integer().at_least(1)},
                    {"AutoScalingDisabled", boolean()},
                    {"AutoScalingRoleArn", string().length(1, 1'600)},
                    {"ScalingPolicyUpdate",
                     structure("AutoScalingPolicyUpdate",
                               {{"PolicyName", string().length(1, 256)},
                                {"TargetTrackingScalingPolicyConfiguration",
                                 structure("AutoScalingTargetTrackingScalingPolicyConfigurationUpdate",
                                           {{"DisableScaleIn", boolean()},
                                            {"ScaleInCooldown", integer()},
                                            {"ScaleOutCooldown", integer()},
                                            {"TargetValue", std::move(target), Presence::kRequired}}),
                                 Presence::kRequired}})}});
}

std::string auto_scaling_key(ScaledUnits units, std::string_view index_name) {
  std::string key = units == ScaledUnits::kRead ? "read" : "write";
  if (!index_name.empty()) key.append("/").append(index_name);
  return key;
}

ApiResult<void> apply_auto_scaling(const Input& input, std::string_view member, const std::string& what,
                                   storage::Replica* replica) {
  const auto update = input.structure(member);
  if (!update) return {};
  const auto known = replica->auto_scaling.find(what);
  ScalingSettings settings =
      known == replica->auto_scaling.end() ? ScalingSettings{} : settings_of(known->second);
  read_settings(*update, &settings);
  if (const auto policy = update->structure("ScalingPolicyUpdate")) {
    if (!settings.policy) settings.policy.emplace();
    read_policy(*policy, &*settings.policy);
  }
  if (settings.least_units && settings.most_units && *settings.least_units > *settings.most_units) {
    return fail(validation(words::invalid_parameter("MinimumUnits must not be greater than MaximumUnits")));
  }
  replica->auto_scaling.insert_or_assign(what, description_of(settings));
  return {};
}

void render_auto_scaling(const storage::Replica& replica, std::string_view what, std::string_view member,
                         JsonWriter& json) {
  const auto found = replica.auto_scaling.find(what);
  if (found == replica.auto_scaling.end()) return;
  json.key(member);
  json.raw(found->second);
}

void render_index_auto_scaling(const storage::Replica& replica, std::string_view index_name,
                               JsonWriter& json) {
  render_auto_scaling(replica, auto_scaling_key(ScaledUnits::kRead, index_name),
                      "ProvisionedReadCapacityAutoScalingSettings", json);
  render_auto_scaling(replica, auto_scaling_key(ScaledUnits::kWrite, index_name),
                      "ProvisionedWriteCapacityAutoScalingSettings", json);
}

}  // namespace tidemark::api
