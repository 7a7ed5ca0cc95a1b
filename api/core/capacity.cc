#include "api/core/capacity.h"

#include <algorithm>

#include "api/core/capacity_meter.h"
#include "model/item_size.h"

namespace tidemark::api {
namespace {

constexpr std::uint64_t kReadUnitBytes = 4'096;

void render_units(JsonWriter& out, double units, ConsumedCapacity::Kind kind) {
  out.key("CapacityUnits"), out.decimal(units);
  if (kind == ConsumedCapacity::Kind::kTransactRead) out.key("ReadCapacityUnits"), out.decimal(units);
  if (kind == ConsumedCapacity::Kind::kTransactWrite) out.key("WriteCapacityUnits"), out.decimal(units);
}

}  // namespace

std::string_view name_of(ReturnConsumedCapacity value) {
  switch (value) {
    case ReturnConsumedCapacity::kTotal:
      return "TOTAL";
    case ReturnConsumedCapacity::kIndexes:
      return "INDEXES";
    case ReturnConsumedCapacity::kNone:
      break;
  }
  return "NONE";
}

ReturnConsumedCapacity return_consumed_capacity_of(const Input& input) {
  const auto value = input.string("ReturnConsumedCapacity");
  if (value == "TOTAL") return ReturnConsumedCapacity::kTotal;
  if (value == "INDEXES") return ReturnConsumedCapacity::kIndexes;
  return ReturnConsumedCapacity::kNone;
}

double read_units(std::uint64_t size_bytes, bool consistent) {
  const auto units =
      static_cast<double>(std::max<std::uint64_t>(1, (size_bytes + kReadUnitBytes - 1) / kReadUnitBytes));
  return consistent ? units : units / 2;
}

void ConsumedCapacity::charge_write(const storage::WriteEffect& effect, double table_factor) {
  const double plain_units = model::write_units(std::max(effect.old_size_bytes, effect.new_size_bytes));
  const double units = plain_units * table_factor;
  double index_units = 0;
  table_units_ += units;
  for (const storage::IndexEffect& index : effect.indexes) {
    if (index.write_units > 0) add_index(index.index, index.write_units);
    if (index.vector_bytes > 0) add(index.index, index.vector_bytes, &vector_bytes_);
    index_units += index.write_units;
  }
  meter_write(*table_, units, index_units);
  // To the other regions a transaction comes as plain writes.
  meter_replication(*table_, plain_units, index_units);
}

void ConsumedCapacity::charge_item(std::uint64_t size_bytes, bool consistent, double factor) {
  const double units = read_units(size_bytes, consistent) * factor;
  table_units_ += units;
  meter_read(*table_, units, 0);
}

void ConsumedCapacity::charge_page(const storage::Target& target, std::uint64_t size_bytes,
                                   std::size_t partitions, bool consistent) {
  const double minimum = static_cast<double>(partitions) * read_units(0, consistent);
  const double units = std::max(minimum, read_units(size_bytes, consistent));
  if (target.index != nullptr) {
    add_index(target.index->id, units);
    meter_read(*table_, 0, units);
  } else {
    table_units_ += units;
    meter_read(*table_, units, 0);
  }
}

void ConsumedCapacity::add(storage::TableId index, double units, std::vector<IndexUnits>* all) {
  for (IndexUnits& touched : *all) {
    if (touched.index != index) continue;
    touched.units += units;
    return;
  }
  all->push_back({index, units});
}

double ConsumedCapacity::total() const {
  double sum = table_units_;
  for (const IndexUnits& index : index_units_) sum += index.units;
  return sum;
}

void ConsumedCapacity::render(JsonWriter& out, ReturnConsumedCapacity detail, Kind kind) const {
  out.begin_object();
  out.member("TableName", table_name_);
  render_units(out, total(), kind);
  if (detail == ReturnConsumedCapacity::kIndexes) {
    out.key("Table");
    out.begin_object();
    render_units(out, table_units_, kind);
    out.end_object();
    render_indexes(out, model::IndexKind::kLocal, kind);
    render_indexes(out, model::IndexKind::kGlobal, kind);
    render_vector_indexes(out);
  }
  out.end_object();
}

void ConsumedCapacity::render_vector_indexes(JsonWriter& out) const {
  if (vector_bytes_.empty()) return;
  out.key("VectorIndexes");
  out.begin_object();
  for (const IndexUnits& touched : vector_bytes_) {
    const model::IndexSchema* const index = table_->schema.find_index(touched.index);
    if (index == nullptr) continue;
    out.key(index->name);
    out.begin_object();
    out.key("VectorWriteRequestBytes"), out.decimal(touched.units);
    out.end_object();
  }
  out.end_object();
}

// In the order of the schema, whichever was touched first.
void ConsumedCapacity::render_indexes(JsonWriter& out, model::IndexKind index_kind, Kind kind) const {
  bool any = false;
  for (const model::IndexSchema& index : table_->schema.indexes) {
    const auto touched = std::find_if(index_units_.begin(), index_units_.end(),
                                      [&index](const IndexUnits& units) { return units.index == index.id; });
    if (index.kind != index_kind || touched == index_units_.end()) continue;
    if (!any) {
      out.key(index_kind == model::IndexKind::kLocal ? "LocalSecondaryIndexes" : "GlobalSecondaryIndexes");
      out.begin_object();
      any = true;
    }
    out.key(index.name);
    out.begin_object();
    render_units(out, touched->units, kind);
    out.end_object();
  }
  if (any) out.end_object();
}

void render_consumed_capacity(JsonWriter& out, const std::optional<ConsumedCapacity>& capacity,
                              ReturnConsumedCapacity asked) {
  if (!capacity || asked == ReturnConsumedCapacity::kNone) return;
  out.key("ConsumedCapacity");
  capacity->render(out, asked);
}

void render_consumed_capacity(JsonWriter& out, const std::vector<ConsumedCapacity>& capacities,
                              ReturnConsumedCapacity asked, ConsumedCapacity::Kind kind) {
  if (asked == ReturnConsumedCapacity::kNone) return;
  out.key("ConsumedCapacity");
  out.begin_array();
  for (const ConsumedCapacity& capacity : capacities) capacity.render(out, asked, kind);
  out.end_array();
}

}  // namespace tidemark::api
