// All tables as they are at one moment.
#pragma once

#include <optional>

#include "base/result.h"
#include "model/key.h"
#include "storage/query.h"
#include "storage/table.h"

namespace tidemark::storage {

// Sees every commit acknowledged before it was made, and of each commit all or nothing. Thread-safety: all
// methods may be called concurrently. Keep it within one request: it holds back compaction. Must not outlive
// the engine.
class ReadView {
 public:
  virtual ~ReadView() = default;
  // Errors: kIo, kCorruption.
  virtual Result<std::optional<StoredItem>> get(const Table& table, const model::Key& key) = 0;
};

}  // namespace tidemark::storage
