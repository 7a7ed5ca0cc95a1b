#include "api/tables/capacity_checks.h"

#include <algorithm>
#include <utility>

#include "model/words/constraints.h"

namespace tidemark::api {
namespace {

using model::BillingMode;

constexpr std::int64_t kThroughputMax = 1'000'000'000'000;
constexpr std::int64_t kNoLimit = -1;
// What an on-demand table is ready for without warming up.
constexpr model::Throughput kOnDemandWarmThroughput{.read_units = 12'000, .write_units = 4'000};

tl::unexpected<ApiError> invalid(std::string_view text) {
  return fail(validation(words::invalid_parameter(text)));
}

std::optional<ThroughputMembers> read_members(const Input& input, std::string_view structure,
                                              std::string_view read, std::string_view write) {
  const auto throughput = input.structure(structure);
  if (!throughput) return std::nullopt;
  return ThroughputMembers{.read = throughput->integer(read), .write = throughput->integer(write)};
}

// Sic: with and without a blank in front of the colon, with and without an article and a period.
tl::unexpected<ApiError> not_on_demand(std::string_view member, const ThroughputOwner& owner) {
  const bool is_new = owner.request == TableRequest::kCreate;
  std::string text = std::string(member) + " for OnDemandThroughput";
  if (!owner.index_name.empty()) text += (is_new ? " for index: " : " for index : ") + owner.index_name;
  return invalid(text + (is_new ? " cannot be specified when table BillingMode is PROVISIONED."
                                : " cannot be specified when the table BillingMode is PROVISIONED"));
}

tl::unexpected<ApiError> out_of_range(std::string_view member, const ThroughputOwner& owner) {
  const std::string place = owner.index_name.empty() ? "table" : "index : " + owner.index_name;
  return invalid("Requested " + std::string(member) + " for OnDemandThroughput for " + place +
                 " is outside of valid range");
}

std::string too_cold(std::string_view member, const ThroughputOwner& owner) {
  const std::string place = owner.index_name.empty() ? "table" : "index " + owner.index_name;
  return "Requested " + std::string(member) + " for WarmThroughput for " + place + " is lower than ";
}

// `provisioned_member` is what the units are called where they are provisioned.
ApiResult<void> check_warm_member(std::optional<std::int64_t> units, std::int64_t least,
                                  std::string_view member, std::string_view provisioned_member,
                                  BillingMode billing_mode, const ThroughputOwner& owner) {
  if (!units || *units >= least) return {};
  const std::string text = too_cold(member, owner);
  if (owner.request == TableRequest::kUpdate) {
    return invalid(text + "current WarmThroughput, decreasing WarmThroughput is not supported");
  }
  if (billing_mode == BillingMode::kProvisioned) {
    return invalid(text + std::string(provisioned_member) + " of ProvisionedThroughput");
  }
  return invalid(text +
                 "initial throughput for OnDemand. See: https://docs.aws.amazon.com/amazondynamodb/latest/"
                 "developerguide/on-demand-capacity-mode.html#on-demand-capacity-mode-initial");
}

}  // namespace

std::optional<ThroughputMembers> read_on_demand_members(const Input& input, std::string_view member) {
  return read_members(input, member, "MaxReadRequestUnits", "MaxWriteRequestUnits");
}

std::optional<ThroughputMembers> read_warm_members(const Input& input) {
  return read_members(input, "WarmThroughput", "ReadUnitsPerSecond", "WriteUnitsPerSecond");
}

ApiResult<void> check_throughput_bounds(const model::Throughput& throughput) {
  const auto out_of_bounds = [](std::int64_t value, std::string_view member) {
    return fail(validation("Given value " + std::to_string(value) + " for " + std::string(member) +
                           " is out of bounds"));
  };
  if (throughput.read_units > kThroughputMax) {
    return out_of_bounds(throughput.read_units, "ReadCapacityUnits");
  }
  if (throughput.write_units > kThroughputMax) {
    return out_of_bounds(throughput.write_units, "WriteCapacityUnits");
  }
  return {};
}

ApiResult<void> check_on_demand_throughput(const ThroughputMembers& members, BillingMode billing_mode,
                                           const ThroughputOwner& owner) {
  const bool may_remove = owner.request == TableRequest::kUpdate;
  for (const auto& [units, member] : {std::pair{members.read, std::string_view("MaxReadRequestUnits")},
                                      std::pair{members.write, std::string_view("MaxWriteRequestUnits")}}) {
    if (!units) continue;
    if (billing_mode == BillingMode::kProvisioned) return not_on_demand(member, owner);
    if (*units < 1 && !(may_remove && *units == kNoLimit)) return out_of_range(member, owner);
  }
  return {};
}

std::optional<model::OnDemandThroughput> merge(const std::optional<model::OnDemandThroughput>& before,
                                               const ThroughputMembers& members) {
  if (members.is_empty()) return before;
  model::OnDemandThroughput merged = before.value_or(model::OnDemandThroughput{});
  merged.max_read_units = members.read.value_or(merged.max_read_units);
  merged.max_write_units = members.write.value_or(merged.max_write_units);
  return merged;
}

model::Throughput warm_throughput_of(BillingMode billing_mode, const model::Throughput& provisioned,
                                     const std::optional<model::Throughput>& warmed) {
  const model::Throughput least =
      billing_mode == BillingMode::kPayPerRequest ? kOnDemandWarmThroughput : provisioned;
  const model::Throughput asked = warmed.value_or(model::Throughput{});
  return {.read_units = std::max(least.read_units, asked.read_units),
          .write_units = std::max(least.write_units, asked.write_units)};
}

ApiResult<void> check_warm_throughput(const ThroughputMembers& members, BillingMode billing_mode,
                                      const model::Throughput& now, const ThroughputOwner& owner) {
  RETURN_IF_ERROR(check_warm_member(members.read, now.read_units, "ReadUnitsPerSecond", "ReadCapacityUnits",
                                    billing_mode, owner));
  return check_warm_member(members.write, now.write_units, "WriteUnitsPerSecond", "WriteCapacityUnits",
                           billing_mode, owner);
}

std::optional<model::Throughput> merge_warm(const std::optional<model::Throughput>& before,
                                            const ThroughputMembers& members) {
  if (members.is_empty()) return before;
  model::Throughput merged = before.value_or(model::Throughput{});
  merged.read_units = members.read.value_or(merged.read_units);
  merged.write_units = members.write.value_or(merged.write_units);
  return merged;
}

}  // namespace tidemark::api
