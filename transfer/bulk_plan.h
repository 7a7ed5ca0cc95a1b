// Which objects a bulk operation reads: listed once, when it begins, and kept as receipts before anything is
// put, so that after a restart it reads these and no others.
//
// ON DISK: `bulk-plan/<id>/<six digits from 0 on>`, together the plan as in import_plan.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "storage/engine.h"
#include "transfer/bucket/bucket.h"

namespace tidemark::transfer {

// The receipts of a plan begin with this. Those of all: with `bulk_id` empty.
std::string plan_prefix(std::string_view bulk_id);

// In the place of what may be there. Errors: kIo, kNoSpace, kUnavailable.
Result<void> keep_bulk_plan(storage::Engine& engine, std::string_view bulk_id,
                            const std::vector<ListedObject>& sources);

// Nothing when it was not kept to its end: nothing was put then. Errors: kIo, kCorruption.
Result<std::optional<std::vector<ListedObject>>> read_bulk_plan(const storage::Receipts& receipts,
                                                                std::string_view bulk_id);

}  // namespace tidemark::transfer
