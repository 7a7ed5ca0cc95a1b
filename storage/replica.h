// A table that is one of several replicas of a global table: what is told of it besides its schema.
//
// A write to a replica is one to all of them, in the same commit (commit/item_transaction.h), so that the
// replicas hold the same items behind each acknowledged write, and behind a crash. Replicas are tables of one
// account and one name in several regions, each with an id, a history, streams and indexes of its own.
// Source: DynamoDB developer guide, "How DynamoDB global tables work".
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "model/table_schema.h"

namespace tidemark::storage {

// How a global table was made, and which operations see it.
enum class GlobalTableVersion : std::uint8_t {
  k2017,  // `2017.11.29`: tables that were there, united by CreateGlobalTable
  k2019,  // `2019.11.21`: replicas that UpdateTable makes
};
std::string_view global_table_version_name(GlobalTableVersion version);

enum class RegionConsistency : std::uint8_t { kEventual, kStrong };
inline constexpr std::array<std::string_view, 2> kRegionConsistencies{"EVENTUAL", "STRONG"};

// What a replica has of its own of an index that all replicas have.
struct IndexOverride {
  std::string index_name;
  std::optional<std::int64_t> read_units;
  std::optional<std::int64_t> max_read_units;  // on demand
  bool operator==(const IndexOverride&) const = default;
};

struct Replica {
  // All replicas of a global table have the same: the id of the first of them, which may be gone. Copies of
  // an item are locked as one, by this id. It stays with the last replica that is left.
  model::TableId group{};
  // These four are facts of the whole global table; each replica says the same.
  GlobalTableVersion version = GlobalTableVersion::k2019;
  RegionConsistency consistency = RegionConsistency::kEventual;
  std::string witness_region;  // empty: there is none
  Timestamp united_at;         // when the global table was made

  // The items of the others are being put into it. When the table was made for it, it is CREATING that long.
  bool is_filling = false;
  std::optional<Timestamp> sourced_at;  // when a replica was made from it last

  // What differs from the settings of the global table.
  std::optional<std::int64_t> read_units;
  std::optional<std::int64_t> max_read_units;  // on demand
  bool has_own_class = false;
  std::vector<IndexOverride> indexes;

  // Settings of auto scaling as they are described, JSON, by `read` and `write`, of an index by
  // `read/<index>` and `write/<index>`. Kept and answered; nothing is scaled.
  std::map<std::string, std::string, std::less<>> auto_scaling;

  bool operator==(const Replica&) const = default;
};

// As part of a table's entry in the catalog (ON DISK, catalog/table_entry.h): one JSON object. Members may be
// added with a default, never renamed.
std::string to_json(const Replica& replica);
// Notes in `*is_damaged` what does not fit.
Replica replica_from_json(json::Value object, bool* is_damaged);

}  // namespace tidemark::storage
