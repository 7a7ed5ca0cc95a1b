// Tables as they are, or were, at one moment.
#pragma once

#include <memory>
#include <optional>

#include "base/result.h"
#include "model/key.h"
#include "storage/query.h"
#include "storage/table.h"

namespace tidemark::storage {

// A view of now sees every commit acknowledged before it was made, but for what replicas show later
// (EngineOptions::replica_lag); one of the past, what was there then. Of
// each commit they see all or nothing. Thread-safety: all
// methods may be called concurrently. Keep it within one request: it holds back compaction. Must not outlive
// the engine.
class ReadView {
 public:
  virtual ~ReadView() = default;
  // Errors: kIo, kCorruption.
  virtual Result<std::optional<StoredItem>> get(const Table& table, const model::Key& key) = 0;
  // The cursor must not outlive the view. History is kept of tables, so a local index of the past is made
  // again from the items of the range: one item collection is sorted in memory at a time, and a very large
  // one is refused. Global indexes of the past are: kInvalidArgument.
  virtual std::unique_ptr<Cursor> read(const Target& target, const KeyRange& range,
                                       const ReadOptions& options) = 0;
};

}  // namespace tidemark::storage
