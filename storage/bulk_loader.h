// Fills a new table: sorted runs of items that come in any order, SST files, one ingestion. Live traffic does
// not feel it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/item.h"
#include "model/key.h"
#include "storage/table.h"

namespace tidemark::storage {

struct BulkLoadOptions {
  std::uint64_t memory_bytes_max = 64ULL << 20;  // of all feeders together; beyond it runs spill to disk
  int merge_threads = 2;
  // Given, the load can be resumed by the next process (Engine::resume_load), which gets this text back.
  std::optional<std::string> plan = std::nullopt;
};

struct BulkLoadResult {
  std::uint64_t items = 0;  // distinct keys, now in the table
  std::uint64_t size_bytes = 0;
};

// Dropped without finish(), it leaves nothing behind, unless suspend() was called. Must not outlive the
// engine.
class BulkLoader {
 public:
  virtual ~BulkLoader() = default;

  // Takes the items of one thread. When a key comes twice, the one with the higher `order` wins.
  class Feeder {
   public:
    virtual ~Feeder() = default;
    // `key` must be the item's own; its index keys, where present, of the declared types. Errors: kIo,
    // kNoSpace.
    virtual Result<void> add(const model::Key& key, const model::Item& item, std::uint64_t order) = 0;
    // Hands over what is still in memory. Call it before the loader's finish().
    virtual Result<void> flush() = 0;

    // Only for a load with a plan. What was added so far survives the end of the process, and a power loss,
    // and the note with it: the next process gets both, or neither. What is added later does not before the
    // next call. Before flush(). Errors: kIo, kNoSpace.
    virtual Result<void> checkpoint(std::string_view note) = 0;
    // Bytes that were added since the last checkpoint.
    [[nodiscard]] virtual std::uint64_t unsaved_bytes() const = 0;
  };

  // Takes the items of one thread in the order of their keys, each once: they need no sorting, and hardly any
  // memory.
  class SortedFeeder {
   public:
    virtual ~SortedFeeder() = default;
    // `text` is a whole item of the table, canonical. Errors: kIo, kNoSpace; kCorruption when it has no key.
    virtual Result<void> add(std::string_view text, std::uint32_t size_bytes) = 0;
    // All items of this feeder are there. Call it before the loader's finish().
    virtual Result<void> finish() = 0;
  };

  // Thread-safe. Feeders must be gone before the loader.
  virtual std::unique_ptr<Feeder> feeder() = 0;
  // The items of two feeders must lie in ranges of hashes that do not overlap, those of the other kind of
  // feeder in further ones.
  virtual std::unique_ptr<SortedFeeder> sorted_feeder() = 0;

  // Sorts, merges, builds index entries and ingests everything at once, with one commit time as every item's
  // write time. A crash before the end leaves nothing behind but what checkpoints cover. Errors: kIo,
  // kNoSpace; kNotFound when the table was deleted.
  virtual Result<BulkLoadResult> finish() = 0;

  // Leaves a load with a plan to the next process, which goes on with it. When the feeders are gone.
  virtual void suspend() = 0;
};

// A load that an earlier process began.
struct ResumedLoad {
  std::unique_ptr<BulkLoader> loader;  // with everything in it that checkpoints cover
  std::string plan;
  std::vector<std::string> notes;  // of all checkpoints
};

}  // namespace tidemark::storage
