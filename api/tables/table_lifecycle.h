// Moves tables on through their states: CREATING and UPDATING to ACTIVE, DELETING to gone. The answer to the
// request shows the passing state; the move itself follows before the answer is sent, so that a client which
// does not wait finds the table ready.
#pragma once

#include <functional>

#include "api/core/context.h"
#include "base/result.h"
#include "storage/table.h"

namespace tidemark::api {

// After the answer: the table and its indexes become ACTIVE; indexes that are DELETING are gone.
void activate_after_render(OperationContext& context, storage::TableId table);
// After the answer: the table is gone.
void drop_after_render(OperationContext& context, storage::TableId table);

// Finishes what a crash left between request and move. Call once at start, before requests come.
// `is_held` names tables whose state something else will decide, such as a running import.
Result<void> finish_interrupted_changes(storage::Engine& engine,
                                        const std::function<bool(const storage::Table&)>& is_held);

}  // namespace tidemark::api
