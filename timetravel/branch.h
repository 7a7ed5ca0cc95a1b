// A branch: a writable table that begins as another one was at some moment. It is a restore without the
// service's rules: of any microsecond that the history of the source has, by whatever it is kept.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "storage/engine.h"
#include "storage/table.h"
#include "timetravel/restore_jobs.h"
#include "timetravel/restore_record.h"

namespace tidemark::timetravel {

// The operation of its job, which is of the kind of restores.
inline constexpr char kBranchOperation[] = "branch";

struct BranchRequest {
  storage::TablePtr source;
  std::string target;              // the name, in the account and region of the source
  std::optional<Timestamp> as_of;  // nothing: with everything that was written until now
};

// Begins the restore, which makes the table ACTIVE at its end; its moment is the one that can be read: at
// `as_of`, or in history that is exact to the second at the beginning of that. Errors: kInvalidArgument, with
// a sentence for the client, when the name is none or the moment out of reach; kConflict when there is a
// table of the name, the source is not ACTIVE, or too many restores run; kNotFound; those of
// storage::Catalog.
Result<RestoreRecord> start_branch(const BranchRequest& request, storage::Engine& engine,
                                   RestoreJobs& restores, Clock& clock, Random& random);

}  // namespace tidemark::timetravel
