#include "api/tables/change_combinations.h"

#include <algorithm>
#include <array>
#include <string>

#include "model/words/constraints.h"

namespace tidemark::api {
namespace {

tl::unexpected<ApiError> invalid(std::string_view text) {
  return fail(validation(words::invalid_parameter(text)));
}

// What is asked for.
struct Changes {
  int count = 0;
  int of_replicas = 0;  // of these
  bool billing_mode = false;
  bool becomes_provisioned = false;
  bool throughput = false;
  bool stream = false;
  bool encryption = false;
  bool table_class = false;
  bool deletion_protection = false;
  bool on_demand_throughput = false;
  bool warm_throughput = false;
  bool has_empty_index_list = false;
  bool creates_index = false;
  bool deletes_index = false;
};

bool says_something(const Input& input, std::string_view structure) {
  const auto value = input.object(structure);
  return value && value->size() > 0;
}

void note_index_updates(const Input& input, Changes* changes) {
  const auto updates = input.list("GlobalSecondaryIndexUpdates");
  if (!updates) return;
  changes->has_empty_index_list = updates->size() == 0;
  changes->count += updates->size() > 0 ? 1 : 0;
  json::Value value;
  for (json::ArrayCursor cursor = updates->elements(); cursor.next(&value);) {
    changes->creates_index |= Input(value).has("Create");
    changes->deletes_index |= Input(value).has("Delete");
  }
}

Changes changes_of(const Input& input) {
  Changes changes;
  const auto note = [&changes](bool is_asked) {
    changes.count += is_asked ? 1 : 0;
    return is_asked;
  };
  changes.billing_mode = note(input.has("BillingMode"));
  changes.becomes_provisioned = input.string("BillingMode") == "PROVISIONED";
  changes.throughput = note(input.has("ProvisionedThroughput"));
  changes.stream = note(input.has("StreamSpecification"));
  changes.encryption = note(input.has("SSESpecification"));
  changes.table_class = note(input.has("TableClass"));
  changes.deletion_protection = note(input.has("DeletionProtectionEnabled"));
  changes.on_demand_throughput = note(says_something(input, "OnDemandThroughput"));
  changes.warm_throughput = note(says_something(input, "WarmThroughput"));
  for (const std::string_view member :
       {"ReplicaUpdates", "MultiRegionConsistency", "GlobalTableWitnessUpdates"}) {
    changes.of_replicas += note(input.has(member)) ? 1 : 0;
  }
  for (const std::string_view member : {"GlobalTableSettingsReplicationMode", "VectorIndexUpdates"}) {
    note(input.has(member));
  }
  if (const auto updates = input.list("VectorIndexUpdates")) {
    json::Value value;
    for (json::ArrayCursor cursor = updates->elements(); cursor.next(&value);) {
      changes.creates_index |= Input(value).has("Create");
      changes.deletes_index |= Input(value).has("Delete");
    }
  }
  note_index_updates(input, &changes);
  return changes;
}

// What must stand alone, in the order in which it is told.
ApiResult<void> check_stands_alone(const Changes& changes) {
  struct Single {
    bool is_asked;
    std::string_view text;
  };
  const std::array singles = std::to_array<Single>(
      {{changes.encryption, "Server-Side Encryption modification must be the only operation in the request"},
       {changes.table_class, "TableClass modification must be the only operation in the request"},
       {changes.deletion_protection,
        "DeletionProtection modification must be the only operation in the request"},
       {changes.warm_throughput && changes.creates_index,
        "Create global secondary index cannot be specified when updating WarmThroughput"},
       {changes.warm_throughput, "WarmThroughput must be the only operation in the request"}});
  if (changes.of_replicas > 0 && changes.count > changes.of_replicas) {
    return invalid("Replica updates must be the only operation in the request");
  }
  if (changes.count < 2) return {};
  for (const Single& single : singles) {
    if (single.is_asked) return invalid(single.text);
  }
  return {};
}

}  // namespace

ApiResult<void> check_changes_go_together(const Input& input) {
  const Changes changes = changes_of(input);
  if (changes.count == 0) {
    // The service's own list, which is shorter than what it accepts.
    return fail(
        validation("At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, "
                   "GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required"));
  }
  if (changes.has_empty_index_list) return invalid("List of GlobalSecondaryIndexUpdates is empty");
  RETURN_IF_ERROR(check_stands_alone(changes));
  if (changes.on_demand_throughput && changes.count > (changes.billing_mode ? 2 : 1)) {
    return invalid("OnDemandThroughput can only be combined with BillingMode in an UpdateTable request");
  }
  const bool changes_units = changes.throughput || changes.becomes_provisioned;
  if (changes.stream && changes_units) {
    return invalid("You cannot modify stream status while updating table IOPS");
  }
  if (!changes.creates_index && !changes.deletes_index) return {};
  if (changes.throughput) return invalid("You cannot create or delete index while updating table IOPS");
  if (changes.stream) return invalid("You cannot create or delete index while changing stream status");
  return {};
}

}  // namespace tidemark::api
