#include "jobs/table_filling.h"

#include "model/table_schema.h"
#include "storage/table.h"

namespace tidemark::jobs {
namespace {

storage::TableId table_of(const JobRecord& record) { return storage::TableId{record.table_id}; }

Result<void> unless_gone(Result<void> done) {
  if (!done && done.error().code != ErrorCode::kNotFound) return done;
  return {};
}

}  // namespace

Result<void> abandon_table(storage::Engine& engine, const JobRecord& record) {
  return unless_gone(engine.table_states().abandon(table_of(record)));
}

Result<void> settle_table(storage::Engine& engine, const JobRecord& record, bool worked) {
  if (!worked) return abandon_table(engine, record);
  const auto filled = engine.table_states().filled(table_of(record));
  if (!filled && filled.error().code != ErrorCode::kNotFound) return fail(filled.error());
  return {};
}

Filling filling_of(storage::Engine& engine, const JobRecord& record, bool is_loaded, std::uint64_t items) {
  const auto table = engine.catalog().find(table_of(record));
  if (!table) return Filling::kGone;
  // `is_loaded` alone may have been recorded by a process that ended before the items went in.
  const bool is_filled = is_loaded && (table->schema.status == model::TableStatus::kActive ||
                                       engine.stats(table->id).item_count > 0 || items == 0);
  return is_filled ? Filling::kFilled : Filling::kToFill;
}

}  // namespace tidemark::jobs
