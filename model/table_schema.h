// What a table looks like: keys, indexes, settings. Plain data; storage/catalog.h keeps the tables.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"
#include "model/attribute_value.h"

namespace tidemark::model {

// Tables and indexes draw from one sequence of ids, handed out by the catalog; 0 is none. An id is never used
// again, so history, index entries and late readers of a table cannot mix with those of a later one of the
// same name.
enum class TableId : std::uint32_t {};

// The types a key attribute may have.
enum class KeyType : std::uint8_t { kString, kNumber, kBinary };
std::string_view key_type_descriptor(KeyType type);  // `S`, `N`, `B`
std::optional<KeyType> parse_key_type(std::string_view descriptor);
AttributeType attribute_type(KeyType type);

struct AttributeDefinition {
  std::string name;
  KeyType type = KeyType::kString;
  bool operator==(const AttributeDefinition&) const = default;
};

// The attributes of a key, with their types, in KeySchema order. Tables and LSIs have one partition attribute
// and at most one sort attribute; a GSI may have up to four of each.
struct KeySchema {
  std::vector<AttributeDefinition> partition_keys;
  std::vector<AttributeDefinition> sort_keys;

  [[nodiscard]] bool contains(std::string_view name) const;
  bool operator==(const KeySchema&) const = default;
};

enum class ProjectionType : std::uint8_t { kAll, kKeysOnly, kInclude };
struct Projection {
  ProjectionType type = ProjectionType::kAll;
  std::vector<std::string> non_key_attributes;  // only with kInclude
  bool operator==(const Projection&) const = default;
};

enum class BillingMode : std::uint8_t { kProvisioned, kPayPerRequest };
struct Throughput {
  std::int64_t read_units = 0;
  std::int64_t write_units = 0;
  bool operator==(const Throughput&) const = default;
};
// -1: no limit set
struct OnDemandThroughput {
  std::int64_t max_read_units = -1;
  std::int64_t max_write_units = -1;
  bool operator==(const OnDemandThroughput&) const = default;
};

enum class IndexKind : std::uint8_t { kGlobal, kLocal, kVector };
enum class IndexStatus : std::uint8_t { kCreating, kUpdating, kDeleting, kActive };

// Kept and answered; nothing is measured. A table or index without it is DISABLED.
struct ContributorInsights {
  bool enabled = false;
  std::string mode;  // ACCESSED_AND_THROTTLED_KEYS, THROTTLED_KEYS
  Timestamp updated_at;
};

// How far vectors are from each other, or how near: vector.h.
enum class DistanceFunction : std::uint8_t { kCosine, kEuclidean, kDotProduct };
// What makes an index a vector index: entries are found by how near their vector is to another one.
struct VectorSettings {
  std::string attribute;  // a list of so many numbers
  std::uint32_t dimensions = 0;
  DistanceFunction distance = DistanceFunction::kCosine;
  std::vector<AttributeDefinition> filters;  // by which a search may be narrowed, besides the key
  bool operator==(const VectorSettings&) const = default;
};

struct IndexSchema {
  TableId id{};  // its identity, under which its entries lie; given by the catalog when the index is new
  std::string name;
  IndexKind kind = IndexKind::kGlobal;
  KeySchema keys;                        // kVector: one partition attribute at most
  std::optional<VectorSettings> vector;  // kVector only
  Projection projection;
  Throughput throughput;  // kGlobal only
  std::optional<OnDemandThroughput> on_demand_throughput;
  std::optional<Throughput> warm_throughput;
  std::optional<ContributorInsights> contributor_insights;
  IndexStatus status = IndexStatus::kActive;
  std::optional<Timestamp> status_until;  // when a passing state ends, if time ends it
  bool backfilling = false;               // CREATING on a table that has items: their entries are being added

  // Whether the attribute needs a definition for the sake of this index.
  [[nodiscard]] bool uses_definition(std::string_view attribute) const;
};

enum class TableStatus : std::uint8_t { kCreating, kUpdating, kDeleting, kActive };
std::string_view table_status_name(TableStatus status);  // `ACTIVE`
std::string_view index_status_name(IndexStatus status);

struct SseSettings {
  std::string kms_key_arn;
};

struct Tag {
  std::string key;
  std::string value;
};

// A Kinesis stream that is to get the table's changes. Kept and answered; nothing is sent.
struct KinesisDestination {
  std::string stream_arn;
  bool is_active = false;  // otherwise it is DISABLED
  std::string precision;   // of the times of changes: MILLISECOND, MICROSECOND; empty: nobody said
};

struct StreamSettings {
  std::string view_type;  // KEYS_ONLY, NEW_IMAGE, OLD_IMAGE, NEW_AND_OLD_IMAGES
  std::string label;      // `2024-11-18T14:36:44.149`
  bool enabled = false;
};

// Time to live. A table without it is DISABLED.
enum class TtlStatus : std::uint8_t { kEnabling, kEnabled, kDisabling };
std::string_view ttl_status_name(TtlStatus status);  // `ENABLED`
struct TtlSettings {
  std::string attribute;  // a number of seconds since 1970, after which the item is deleted
  TtlStatus status = TtlStatus::kEnabling;
  std::optional<Timestamp> status_until;  // when a passing state ends
  TableId index{};          // under which the items lie in the order of their times; given by the catalog
  bool is_indexed = false;  // the items that were there before are in that order, too
};

// Point-in-time recovery: what it means is in pitr.h.
struct PitrSettings {
  bool enabled = false;
  Timestamp enabled_at;
  int recovery_period_days = 35;
};

// The region as it stands in ARNs. Clients may name their region as they like (`fakeRegion`), but libraries
// that take ARNs apart believe in the regions of AWS and in DynamoDB Local's `ddblocal` alone: that stands
// for all others.
std::string_view arn_region(std::string_view region);

struct TableSchema {
  std::string name;
  std::string uuid;
  std::string account_id;
  std::string region;
  KeySchema keys;
  std::vector<AttributeDefinition> attribute_definitions;  // sorted by name
  std::vector<IndexSchema> indexes;                        // in the order they were created
  BillingMode billing_mode = BillingMode::kProvisioned;
  std::optional<Timestamp> last_update_to_pay_per_request;  // set once on-demand was ever chosen
  Throughput throughput;
  std::optional<Timestamp> last_throughput_increase;
  std::optional<Timestamp> last_throughput_decrease;
  std::optional<OnDemandThroughput> on_demand_throughput;
  std::optional<Throughput> warm_throughput;
  TableStatus status = TableStatus::kCreating;
  std::optional<Timestamp> status_until;  // as with indexes
  Timestamp created_at;
  bool deletion_protection = false;
  std::string table_class;  // empty: never set
  std::optional<Timestamp> table_class_updated_at;
  std::optional<SseSettings> sse;
  std::vector<Tag> tags;
  std::optional<StreamSettings> stream;
  std::optional<TtlSettings> ttl;
  std::optional<ContributorInsights> contributor_insights;
  std::vector<KinesisDestination> kinesis_destinations;
  PitrSettings pitr;
  std::string resource_policy;  // empty: none

  // arn:aws:dynamodb:<region>:<account>:table/<name>, the region being arn_region() of the table's.
  [[nodiscard]] std::string arn() const;
  // Null when there is none.
  [[nodiscard]] const IndexSchema* find_index(std::string_view index_name) const;
  [[nodiscard]] const IndexSchema* find_index(TableId index) const;
  [[nodiscard]] bool has_local_indexes() const;
  [[nodiscard]] bool has_vector_indexes() const;
};

// The form of a schema on disk, part of a table's entry in the catalog (storage/catalog/table_entry.h): one
// JSON object whose members are named as the fields are. Optional fields that are not set are left out,
// enumerations written by the service's names, times as microseconds since 1970.
// ON DISK: members may be added with a default, never renamed.
std::string to_json(const TableSchema& schema);
// Errors: kCorruption.
Result<TableSchema> table_schema_from_json(json::Value object);

}  // namespace tidemark::model
