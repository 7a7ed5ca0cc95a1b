// Reading ranges of a table or of one of its indexes, in key order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/key.h"
#include "storage/table.h"

namespace tidemark::storage {

// What is read: the table, or one of its indexes.
struct Target {
  TablePtr table;
  const model::IndexSchema* index = nullptr;  // one of table->schema.indexes

  [[nodiscard]] TableId id() const { return index != nullptr ? index->id : table->id; }
  [[nodiscard]] const model::KeySchema& keys() const {
    return index != nullptr ? index->keys : table->schema.keys;
  }
};

using model::SortOperator;

// Conditions on the sort attributes: equality on the first ones, then at most one other operator.
struct SortCondition {
  std::vector<model::KeyPart> equal_prefix;  // for indexes with several sort attributes; else empty
  SortOperator op = SortOperator::kNone;
  model::KeyPart low;   // the operand, or the lower bound of kBetween (inclusive)
  model::KeyPart high;  // the upper bound of kBetween (inclusive)
};

// A half-open range of encoded keys.
struct KeyRange {
  std::string begin;
  std::string end;
  bool operator==(const KeyRange&) const = default;
};

// What lies in both; with `end` at `begin` when nothing does.
KeyRange intersection(const KeyRange& a, const KeyRange& b);

// Items of one partition key.
KeyRange query_range(const Target& target, const std::vector<model::KeyPart>& partition,
                     const SortCondition& sort);
// Segment `segment` of `total_segments` of a parallel Scan: an even share of the hash space.
KeyRange segment_range(const Target& target, std::uint32_t segment, std::uint32_t total_segments);
// How many partitions of the table have keys in the range; one at least.
std::size_t partitions_in(const Table& table, const KeyRange& range);
// Where an item stands. For an index: its index key, then its table key; for the table, `index_key` is
// ignored.
std::string encoded_position(const Target& target, const model::Key& index_key, const model::Key& table_key);

// One stored item or index entry.
struct StoredItem {
  std::string record;  // header and text together: one allocation
  std::uint32_t text_offset = 0;
  std::uint32_t size_bytes = 0;  // as the service counts it
  Timestamp write_time;

  [[nodiscard]] std::string_view text() const { return std::string_view(record).substr(text_offset); }
};

struct ReadOptions {
  bool reverse = false;
  // Exclusive: begin behind this position, in reading direction. See encoded_position(). Need not exist.
  std::optional<std::string> start_after;
  // A scan of much data should not push live data out of the cache.
  bool fill_cache = true;
};

// Walks a range as it was when the cursor was opened. Not thread-safe; must not outlive the engine, and is
// meant to live within one request.
class Cursor {
 public:
  virtual ~Cursor() = default;
  // False at the end, or on an error: see status().
  virtual bool next() = 0;
  // Valid until the next call of next().
  [[nodiscard]] virtual std::string_view text() const = 0;
  [[nodiscard]] virtual std::uint32_t size_bytes() const = 0;
  [[nodiscard]] virtual Result<void> status() const = 0;
};

}  // namespace tidemark::storage
