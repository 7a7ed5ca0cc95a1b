#include "timetravel/branch.h"

#include <utility>

#include "model/table_name.h"
#include "timetravel/copied_schema.h"

namespace tidemark::timetravel {
namespace {

Error error_of(const jobs::StartError<RestoreRefusal>& error, const std::string& target) {
  switch (error.refusal) {
    case RestoreRefusal::kSourceNotFound:
      return Error::not_found("the table is gone");
    case RestoreRefusal::kTimeUnavailable:
      return Error::invalid_argument("the history of the table no longer reaches back to that time");
    case RestoreRefusal::kTableExists:
      return Error::conflict("there is a table " + target + " already");
    case RestoreRefusal::kTooManyRestores:
    case RestoreRefusal::kBackupInUse:
      return Error::conflict("too many restores are in progress");
    case RestoreRefusal::kEngine:
      break;
  }
  return error.error;
}

}  // namespace

Result<RestoreRecord> start_branch(const BranchRequest& request, storage::Engine& engine,
                                   RestoreJobs& restores, Clock& clock, Random& random) {
  const model::TableSchema& source = request.source->schema;
  if (!model::is_table_name(request.target)) {
    return fail(Error::invalid_argument(
        "the name of a table has 3 to 255 of the characters a-z, A-Z, 0-9, _, - and ."));
  }
  if (source.status == model::TableStatus::kCreating || source.status == model::TableStatus::kDeleting) {
    return fail(Error::conflict("the table is " + std::string(model::table_status_name(source.status))));
  }
  const Timestamp now = clock.now();
  RestoreRequest restore;
  restore.moment = storage::kFromNowOn;
  restore.record.restore_time = now;
  if (request.as_of) {
    ASSIGN_OR_RETURN(const auto readable,
                     engine.snapshot_at(request.source->id, *request.as_of, storage::Reach::kHeld));
    restore.moment = readable->time();
    restore.record.restore_time = readable->time();
  }
  restore.record.operation = kBranchOperation;
  restore.record.account_id = source.account_id;
  restore.record.region = source.region;
  restore.record.source_table_id = storage::number(request.source->id);
  restore.record.source_table_arn = source.arn();
  restore.schema =
      copied_schema(source, request.target, {source.account_id, source.region}, random.uuid(), now);
  auto started = restores.start(std::move(restore));
  if (!started) return fail(error_of(started.error(), request.target));
  return started->record;
}

}  // namespace tidemark::timetravel
