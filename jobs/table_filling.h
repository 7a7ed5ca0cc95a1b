// What jobs share that fill a new table: imports and restores. Their table is CREATING, and says which job
// fills it, until the job has ended.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "jobs/job_record.h"
#include "storage/engine.h"

namespace tidemark::jobs {

// Drops the table that the job was to fill; one that is gone already is as good. Errors: those of
// storage::TableStates.
Result<void> abandon_table(storage::Engine& engine, const JobRecord& record);

// Decides the table of a job that is over: opens it when the job `worked`, drops it otherwise. A job may end
// only behind this; else the table would stay CREATING for ever, with nobody to fill it. A table that was
// deleted as soon as it could be seen is decided, too. Errors: those of storage::TableStates.
Result<void> settle_table(storage::Engine& engine, const JobRecord& record, bool worked);

// What a job finds when the process starts again.
enum class Filling {
  kToFill,  // a table without all of its items: the job goes on, or begins again
  kFilled,  // the items went in, only the end was not recorded
  kGone,    // no table: it was filled and deleted since, or is gone with what held it
};
// `is_loaded`: the record says that the data went in, which were so many `items`.
Filling filling_of(storage::Engine& engine, const JobRecord& record, bool is_loaded, std::uint64_t items);

}  // namespace tidemark::jobs
