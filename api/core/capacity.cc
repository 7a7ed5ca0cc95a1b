#include "api/core/capacity.h"

#include <algorithm>

namespace tidemark::api {
namespace {

constexpr std::uint64_t kReadUnitBytes = 4'096;
constexpr std::uint32_t kWriteUnitBytes = 1'024;

void render_units(JsonWriter& out, double units, ConsumedCapacity::Kind kind) {
  out.key("CapacityUnits"), out.decimal(units);
  if (kind == ConsumedCapacity::Kind::kTransactRead) out.key("ReadCapacityUnits"), out.decimal(units);
  if (kind == ConsumedCapacity::Kind::kTransactWrite) out.key("WriteCapacityUnits"), out.decimal(units);
}

}  // namespace

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

double write_units(std::uint32_t size_bytes) {
  return std::max(1U, (size_bytes + kWriteUnitBytes - 1) / kWriteUnitBytes);
}

double table_write_units(const storage::WriteEffect& effect) {
  return write_units(std::max(effect.old_size_bytes, effect.new_size_bytes));
}

void ConsumedCapacity::add_write(const storage::WriteEffect& effect, double table_factor) {
  add_table(table_write_units(effect) * table_factor);
  for (const storage::IndexEffect& index : effect.indexes) add_index(index.index, index.write_units);
}

double ConsumedCapacity::total() const {
  double sum = table_units_;
  for (const auto& [index, units] : index_units_) sum += units;
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
  }
  out.end_object();
}

void ConsumedCapacity::render_indexes(JsonWriter& out, model::IndexKind index_kind, Kind kind) const {
  bool any = false;
  for (const auto& [index, units] : index_units_) {
    const model::IndexSchema& schema = table_->schema.indexes[index];
    if (schema.kind != index_kind) continue;
    if (!any) {
      out.key(index_kind == model::IndexKind::kLocal ? "LocalSecondaryIndexes" : "GlobalSecondaryIndexes");
      out.begin_object();
      any = true;
    }
    out.key(schema.name);
    out.begin_object();
    render_units(out, units, kind);
    out.end_object();
  }
  if (any) out.end_object();
}

}  // namespace tidemark::api
