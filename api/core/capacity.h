// ConsumedCapacity: the units a request costs and how answers show them.
// Source: DynamoDB developer guide, "Read and write capacity unit consumption".
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "api/core/input.h"
#include "base/json_writer.h"
#include "storage/table.h"
#include "storage/transaction.h"

namespace tidemark::api {

enum class ReturnConsumedCapacity { kNone, kTotal, kIndexes };

// The parameter of that name; none when absent.
ReturnConsumedCapacity return_consumed_capacity_of(const Input& input);

// Read units of `size_bytes` read in one go: 4 KB each, at least one; half of that without strong
// consistency. Items read one by one (GetItem, BatchGetItem) are rounded one by one, those of a page all
// together.
double read_units(std::uint64_t size_bytes, bool consistent);
// Write units of an item: 1 KB each, at least one.
double write_units(std::uint32_t size_bytes);
// What a put or delete costs on the table itself: the larger of the old and the new item.
double table_write_units(const storage::WriteEffect& effect);

// What one request consumed on one table. Units are multiples of a half, so the sums are exact.
class ConsumedCapacity {
 public:
  // Transactions say once more whether the units were read or written.
  enum class Kind { kPlain, kTransactRead, kTransactWrite };

  // `table_name` is shown as the caller wrote it: a name or an ARN.
  ConsumedCapacity(std::string table_name, storage::TablePtr table)
      : table_name_(std::move(table_name)), table_(std::move(table)) {}

  void add_table(double units) { table_units_ += units; }
  // `index` is the position in the schema. An index that was never added was not touched and is not shown.
  void add_index(std::size_t index, double units) { index_units_[index] += units; }
  // `table_factor` is 2 in transactions; index units are not multiplied there.
  void add_write(const storage::WriteEffect& effect, double table_factor = 1);

  [[nodiscard]] double total() const;

  // Writes the ConsumedCapacity structure as the next value; `detail` must not be kNone.
  void render(JsonWriter& out, ReturnConsumedCapacity detail, Kind kind = Kind::kPlain) const;

 private:
  void render_indexes(JsonWriter& out, model::IndexKind index_kind, Kind kind) const;

  std::string table_name_;
  storage::TablePtr table_;
  double table_units_ = 0;
  std::map<std::size_t, double> index_units_;
};

}  // namespace tidemark::api
