#include "storage/activity.h"

#include "base/check.h"
#include "storage/engine/local_engine.h"

namespace tidemark::storage {

Result<void> count_writes(Engine& engine, TableId table, WriteCounts* counts) {
  // There is one kind of engine.
  auto* const local = dynamic_cast<LocalEngine*>(&engine);
  INVARIANT(local != nullptr);
  return local->count_writes(table, counts);
}

}  // namespace tidemark::storage
