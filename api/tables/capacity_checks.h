// What the throughput of a table or an index may be: provisioned, on demand, warm. The words differ between
// tables and indexes, and between CreateTable and UpdateTable. Source: texts as measured.
#pragma once

#include <optional>
#include <string>

#include "api/core/error.h"
#include "api/core/input.h"
#include "model/table_schema.h"

namespace tidemark::api {

enum class TableRequest { kCreate, kUpdate };

// Whose throughput: of the table when `index_name` is empty.
struct ThroughputOwner {
  TableRequest request = TableRequest::kCreate;
  std::string index_name;
};

// Members that were sent.
struct ThroughputMembers {
  std::optional<std::int64_t> read;
  std::optional<std::int64_t> write;

  [[nodiscard]] bool is_empty() const { return !read && !write; }
};
// Nothing when the structure is absent.
std::optional<ThroughputMembers> read_on_demand_members(const Input& input,
                                                        std::string_view member = "OnDemandThroughput");
std::optional<ThroughputMembers> read_warm_members(const Input& input);

// Errors: ValidationException `Given value 1000000000001 for ReadCapacityUnits is out of bounds`.
ApiResult<void> check_throughput_bounds(const model::Throughput& throughput);

// On demand alone, and at least 1; an update takes -1, which removes the limit. Errors: ValidationException.
ApiResult<void> check_on_demand_throughput(const ThroughputMembers& members, model::BillingMode billing_mode,
                                           const ThroughputOwner& owner);
// `members` over `before`. Nothing was ever set: nothing.
std::optional<model::OnDemandThroughput> merge(const std::optional<model::OnDemandThroughput>& before,
                                               const ThroughputMembers& members);

// What a table or an index is ready for: never less than what it has `provisioned` or, on demand, than every
// table is ready for at first.
model::Throughput warm_throughput_of(model::BillingMode billing_mode, const model::Throughput& provisioned,
                                     const std::optional<model::Throughput>& warmed);
// Never less than `now`. Errors: ValidationException.
ApiResult<void> check_warm_throughput(const ThroughputMembers& members, model::BillingMode billing_mode,
                                      const model::Throughput& now, const ThroughputOwner& owner);
std::optional<model::Throughput> merge_warm(const std::optional<model::Throughput>& before,
                                            const ThroughputMembers& members);

}  // namespace tidemark::api
