// What UpdateTable does to a global table of version 2019.11.21: replicas that come, change and go, and what
// becomes of the other replicas when the table's own settings change.
// Source: DynamoDB developer guide, "How DynamoDB global tables work"; texts as users of the service reported
// them, where there are such reports.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/core/context.h"
#include "api/core/error.h"
#include "api/core/input.h"
#include "api/core/shape.h"
#include "api/tables/table_update.h"
#include "base/clock.h"
#include "storage/catalog.h"
#include "storage/table_states.h"

namespace tidemark::api {

Shape replica_updates();
Shape witness_updates();
Shape region_consistency();

// What a replica is to have of its own.
struct ReplicaSettings {
  std::string region;
  std::optional<std::int64_t> read_units;
  std::optional<std::int64_t> max_read_units;
  std::optional<std::string> table_class;
  std::optional<std::string> kms_key_id;
  std::vector<storage::IndexOverride> indexes;
};

struct ReplicaUpdates {
  std::vector<ReplicaSettings> created;
  std::vector<ReplicaSettings> updated;
  std::vector<std::string> deleted;  // regions
  std::optional<std::string> created_witness;
  std::optional<std::string> deleted_witness;
  std::optional<storage::RegionConsistency> consistency;

  [[nodiscard]] bool is_empty() const {
    return created.empty() && updated.empty() && deleted.empty() && !created_witness && !deleted_witness &&
           !consistency;
  }
};

// Errors: ValidationException.
ApiResult<ReplicaUpdates> read_replica_updates(const Input& input);

// Carries the updates out; the answer is the held table as it is then. Errors: ValidationException,
// ResourceInUseException, AccessDeniedException.
ApiResult<storage::TablePtr> apply_replica_updates(const ReplicaUpdates& updates, bool is_empty_table,
                                                   OperationContext& context, storage::TableChange change);

// A table that a bulk operation writes to cannot become a replica, nor have one. Hold it: to begin one takes
// that, too. Errors: ResourceInUseException.
ApiResult<void> check_no_bulk_operation(const OperationContext& context, const storage::Table& table);

// Whether a global table can be changed, or lose a replica, now: all replicas must be ACTIVE, and none may
// be waiting for items that another one has. Errors: ResourceInUseException.
ApiResult<void> check_replicas_are_active(const storage::TableChange& change);

// The part of an update of the table's own settings that all replicas share, applied to the others. What the
// table has of its own (storage::Replica) is changed in its own case alone. Errors: ValidationException.
ApiResult<void> apply_to_other_replicas(const TableUpdate& update, Timestamp now,
                                        storage::TableChange* change);

// Whether a replica may be deleted. Errors: ValidationException.
ApiResult<void> check_may_delete_replica(const storage::Replica& replica, Timestamp now);

}  // namespace tidemark::api
