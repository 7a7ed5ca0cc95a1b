#include "timetravel/rewind_job.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "jobs/partition_plan.h"
#include "model/item_checks.h"
#include "model/key.h"

namespace tidemark::timetravel {
namespace {

using jobs::JobCounts;
using jobs::JobFailure;
using jobs::JobProgress;
using jobs::JobResult;
using jobs::JobStop;

// In one commit.
constexpr std::size_t kItemsMax = 50;
constexpr std::size_t kBytesMax = 1U << 20;

struct OldItem {
  std::string text;
  std::uint32_t size_bytes = 0;
};

// What is to come back, and how to tell that nobody wrote since.
struct Change {
  model::Key key;
  std::optional<OldItem> before;        // as it was: nothing to delete it
  std::optional<Timestamp> written_at;  // of the item as the window left it; nothing: there is none
};

class Rewinder {
 public:
  // What was written behind `until` stays.
  Rewinder(storage::Engine& engine, storage::TablePtr table, Timestamp until, JobProgress& progress)
      : engine_(engine), table_(std::move(table)), until_(until), progress_(progress) {}

  void begin_part(std::size_t part) { part_ = part; }

  Result<void> add(Change change) {
    bytes_ += change.before ? change.before->text.size() : 0;
    batch_.push_back(std::move(change));
    if (batch_.size() < kItemsMax && bytes_ < kBytesMax) return {};
    return write();
  }

  // What add() has collected.
  Result<void> write() {
    if (batch_.empty()) return {};
    // It may have got indexes since, whose keys what comes back must fit, too.
    table_ = engine_.catalog().find(table_->id);
    if (!table_) return fail(Error::not_found("the table is gone"));
    const auto transaction = engine_.begin(wal::Origin::kRewind);
    std::vector<storage::ItemRef> refs;
    refs.reserve(batch_.size());
    for (const Change& change : batch_) refs.push_back({table_, change.key});
    RETURN_IF_ERROR(transaction->lock(std::move(refs)));
    JobCounts counts;
    for (std::size_t i = 0; i < batch_.size(); ++i) {
      RETURN_IF_ERROR(take_back(*transaction, i, &counts));
    }
    RETURN_IF_ERROR(transaction->commit());
    progress_.add(part_, counts, batch_.size());
    batch_.clear();
    bytes_ = 0;
    return {};
  }

 private:
  Result<void> take_back(storage::Transaction& transaction, std::size_t position, JobCounts* counts) {
    Change& change = batch_[position];
    ASSIGN_OR_RETURN(const auto current, transaction.read(position));
    const auto written_at = current ? std::optional(current->write_time) : std::nullopt;
    if (written_at != change.written_at) return {};  // somebody has written since
    if (!change.before && !current) return {};
    if (!current) {
      // What is not there has no time: it may have come back, also by this job before a restart, and have
      // been deleted by somebody else.
      ASSIGN_OR_RETURN(const bool has_changed, engine_.changed_since(table_->id, change.key, until_));
      if (has_changed) return {};
    }
    if (!change.before) {
      transaction.remove(position);
    } else {
      if (current && current->text() == change.before->text) return {};
      if (!model::check_index_keys(table_->schema, change.before->text)) {
        ++counts->errors;
        return {};
      }
      counts->bytes += change.before->size_bytes;
      transaction.put(position,
                      {.text = std::move(change.before->text), .size_bytes = change.before->size_bytes});
    }
    ++counts->items;
    return {};
  }

  storage::Engine& engine_;
  storage::TablePtr table_;
  const Timestamp until_;
  JobProgress& progress_;
  std::size_t part_ = 0;
  std::vector<Change> batch_;
  std::size_t bytes_ = 0;
};

std::optional<OldItem> old_item(const std::optional<storage::ItemVersion>& version) {
  if (!version) return std::nullopt;
  return OldItem{.text = std::string(version->text), .size_bytes = version->size_bytes};
}

Result<model::Key> key_of(const storage::Table& table, std::string_view text) {
  auto key = model::key_of(table.schema.keys, text);
  if (!key) return fail(Error::corruption("an item of the past lacks the key of its table"));
  return *std::move(key);
}

// Where reading ends: at `until`, or, when a job goes on so late that history is exact to the second only, at
// the end of its second. What was written in between is told by its time.
Result<Timestamp> end_of_reading(const RewindRecord& record, storage::Engine& engine) {
  ASSIGN_OR_RETURN(const auto snapshot, engine.snapshot_at(storage::TableId{record.table_id}, record.until,
                                                           storage::Reach::kHeld));
  if (snapshot->time() == record.until) return record.until;
  return record.until.floor_second().plus_seconds(1);
}

Result<void> rewind_partition(const storage::Table& table, storage::ChangeReader& changes, Timestamp until,
                              const JobStop& stop, Rewinder* rewinder) {
  while (changes.next()) {
    if (stop.requested()) return fail(Error::unavailable("stopped"));
    if (changes.write_time() > until) continue;  // somebody has written since
    const auto& before = changes.old_image();
    const auto& after = changes.new_image();
    ASSIGN_OR_RETURN(model::Key key, key_of(table, before ? before->text : after->text));
    const auto written_at = after ? std::optional(after->write_time) : std::nullopt;
    RETURN_IF_ERROR(
        rewinder->add({.key = std::move(key), .before = old_item(before), .written_at = written_at}));
  }
  RETURN_IF_ERROR(changes.status());
  return rewinder->write();
}

Result<void> rewind_all(const RewindRecord& record, storage::Engine& engine, const JobStop& stop,
                        JobProgress& progress) {
  const storage::TableId id{record.table_id};
  ASSIGN_OR_RETURN(const Timestamp end, end_of_reading(record, engine));
  ASSIGN_OR_RETURN(const auto changes, engine.changes(id, record.to, end, storage::Reach::kHeld));
  const storage::TablePtr table = engine.catalog().find(id);
  if (!table) return fail(Error::not_found("the table is gone"));
  jobs::plan_partitions(changes->partitions(), 0, progress);
  progress.enter("rewinding");
  Rewinder rewinder(engine, table, record.until, progress);
  for (std::size_t part = 0; part < changes->partitions().size(); ++part) {
    ASSIGN_OR_RETURN(const auto reader, changes->read(changes->partitions()[part].hashes));
    progress.begin_part(part);
    rewinder.begin_part(part);
    RETURN_IF_ERROR(rewind_partition(*table, *reader, record.until, stop, &rewinder));
    progress.end_part(part);
  }
  return {};
}

Result<void> rewind_some(const RewindRecord& record, storage::Engine& engine, const JobStop& stop,
                         JobProgress& progress) {
  const storage::TableId id{record.table_id};
  const storage::TablePtr table = engine.catalog().find(id);
  if (!table) return fail(Error::not_found("the table is gone"));
  ASSIGN_OR_RETURN(const auto then, engine.view_at({id}, record.to));
  ASSIGN_OR_RETURN(const Timestamp end, end_of_reading(record, engine));
  ASSIGN_OR_RETURN(const auto now, engine.view_at({id}, end));
  progress.plan({{.name = "items", .steps = record.keys.size()}}, jobs::Measure::kItems);
  progress.enter("rewinding");
  progress.begin_part(0);
  Rewinder rewinder(engine, table, record.until, progress);
  // A transaction has each item once, or it waits for itself.
  std::set<std::string> seen;
  for (const std::string& text : record.keys) {
    if (stop.requested()) return fail(Error::unavailable("stopped"));
    ASSIGN_OR_RETURN(model::Key key, key_of(*table, text));
    if (!seen.insert(model::key_text(table->schema.keys, key)).second) {
      progress.add(0, {}, 1);
      continue;
    }
    ASSIGN_OR_RETURN(const auto before, then->get(*table, key));
    ASSIGN_OR_RETURN(const auto after, now->get(*table, key));
    if (after && after->write_time > record.until) continue;  // somebody has written since
    Change change{.key = std::move(key), .before = {}, .written_at = {}};
    if (before) change.before = OldItem{std::string(before->text()), before->size_bytes};
    if (after) change.written_at = after->write_time;
    RETURN_IF_ERROR(rewinder.add(std::move(change)));
  }
  RETURN_IF_ERROR(rewinder.write());
  progress.end_part(0);
  return {};
}

}  // namespace

JobResult<RewindRecord> run_rewind(RewindRecord record, storage::Engine& engine, Clock& clock,
                                   const JobStop& stop, JobProgress& progress) {
  if (stop.requested()) return fail(stop.failure());
  const auto done = record.keys.empty() ? rewind_all(record, engine, stop, progress)
                                        : rewind_some(record, engine, stop, progress);
  if (!done && stop.requested()) return fail(stop.failure());
  if (!done && done.error().code == ErrorCode::kNotFound) {
    return fail(JobFailure{.code = "ResourceNotFoundException", .message = "The table was deleted."});
  }
  // Half a rewind is worse than a late one.
  if (!done && done.error().code == ErrorCode::kNoSpace) {
    return fail(JobFailure::postponed("waiting for space on the disk"));
  }
  if (!done) return fail(JobFailure::internal(done.error()));
  record.totals = progress.counts();
  record.end_time = jobs::end_of(record, clock.now());
  record.status = jobs::JobStatus::kCompleted;
  progress.enter("done");
  return record;
}

}  // namespace tidemark::timetravel
