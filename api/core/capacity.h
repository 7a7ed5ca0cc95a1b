// ConsumedCapacity: the units a request costs and how answers show them.
// Source: DynamoDB developer guide, "Read and write capacity unit consumption".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "api/core/input.h"
#include "base/json_writer.h"
#include "storage/query.h"
#include "storage/table.h"
#include "storage/transaction.h"

namespace tidemark::api {

enum class ReturnConsumedCapacity { kNone, kTotal, kIndexes };

// The parameter of that name; none when absent.
ReturnConsumedCapacity return_consumed_capacity_of(const Input& input);
std::string_view name_of(ReturnConsumedCapacity value);  // `NONE`

// Read units of `size_bytes` read in one go: 4 KB each, at least one; half of that without strong
// consistency. Items read alone (GetItem, BatchGetItem) are rounded one by one, those of a page all together.
double read_units(std::uint64_t size_bytes, bool consistent);

// What one request consumed on one table, and the one place that charges, the meter of the table
// (capacity_meter.h) included, whether the caller asks or not. Units are multiples of a half, so the sums are
// exact.
class ConsumedCapacity {
 public:
  // Transactions say once more whether the units were read or written.
  enum class Kind { kPlain, kTransactRead, kTransactWrite };

  // `table_name` is shown as the caller wrote it, a name or an ARN; it must outlive this.
  ConsumedCapacity(std::string_view table_name, storage::TablePtr table)
      : table_name_(table_name), table_(std::move(table)) {}

  // A put or a delete: the larger of the old and the new item on the table, and what it touched on the
  // indexes; of vector indexes bytes, which are no units and in no sum. `table_factor` is 2 in transactions;
  // index units are not multiplied there.
  void charge_write(const storage::WriteEffect& effect, double table_factor = 1);
  // An item of the table that was read alone, or looked for: `size_bytes` is 0 when there was none.
  // `factor` is 2 in transactions.
  void charge_item(std::uint64_t size_bytes, bool consistent, double factor = 1);
  // All that a page read of the table or of one of its indexes, before filter and projection. A page that
  // went over several partitions costs the minimum for each of them.
  void charge_page(const storage::Target& target, std::uint64_t size_bytes, std::size_t partitions,
                   bool consistent);

  [[nodiscard]] double total() const;

  // Writes the ConsumedCapacity structure as the next value; `detail` must not be kNone. An index that was
  // not touched is not shown.
  void render(JsonWriter& out, ReturnConsumedCapacity detail, Kind kind = Kind::kPlain) const;

 private:
  struct IndexUnits {
    storage::TableId index;
    double units;
  };

  static void add(storage::TableId index, double units, std::vector<IndexUnits>* all);
  void add_index(storage::TableId index, double units) { add(index, units, &index_units_); }
  void render_vector_indexes(JsonWriter& out) const;
  void render_indexes(JsonWriter& out, model::IndexKind index_kind, Kind kind) const;

  std::string_view table_name_;
  storage::TablePtr table_;
  double table_units_ = 0;
  std::vector<IndexUnits> index_units_;   // of those that were touched
  std::vector<IndexUnits> vector_bytes_;  // likewise
};

// The member ConsumedCapacity of an answer: one structure, or a list of them for answers about several
// tables. Writes nothing when `asked` is kNone.
void render_consumed_capacity(JsonWriter& out, const std::optional<ConsumedCapacity>& capacity,
                              ReturnConsumedCapacity asked);
void render_consumed_capacity(JsonWriter& out, const std::vector<ConsumedCapacity>& capacities,
                              ReturnConsumedCapacity asked,
                              ConsumedCapacity::Kind kind = ConsumedCapacity::Kind::kPlain);

}  // namespace tidemark::api
