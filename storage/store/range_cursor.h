// Cursor over a range of the state or index column family. Leaps over dead ranges, and reports those that it
// had to step through.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "storage/query.h"
#include "storage/store/dead_ranges.h"
#include "storage/store/item_codec.h"
#include "storage/store/rocks.h"

namespace tidemark::storage {

class RangeCursor final : public Cursor {
 public:
  // As it is now, or with a snapshot as it was then; the snapshot must outlive the cursor.
  RangeCursor(const RocksStore& store, wal::Space space, const KeyRange& range, const ReadOptions& options,
              const RocksSnapshot* snapshot = nullptr);

  bool next() override;
  [[nodiscard]] std::string_view text() const override { return current_.text; }
  [[nodiscard]] std::uint32_t size_bytes() const override { return current_.size_bytes; }
  [[nodiscard]] Result<void> status() const override;

 private:
  void open(const ReadOptions& options, const RocksSnapshot* snapshot);
  void seek_first(const ReadOptions& options);
  void step();
  // To the first entry at or behind `key`, or to the last one before it.
  void seek_at_or_behind(std::string key);
  void seek_before(std::string key);
  // `from`: where the iterator's last move began.
  void note_slow_move(std::string_view from, std::uint64_t skipped_before);
  // The dead range that holds the key; the one that holds what is just before it. Null: there is none.
  [[nodiscard]] const DeadRange* dead_at(std::string_view key) const;
  [[nodiscard]] const DeadRange* dead_before(std::string_view key) const;

  const RocksStore& store_;
  const wal::Space space_;
  const KeyRange range_;
  const bool reverse_;
  std::unique_ptr<RocksIterator> iterator_;
  std::vector<DeadRangePtr> dead_;  // in key order; without an entry that the iterator could see
  bool is_over_ = false;            // nothing but dead ranges is left
  bool started_ = false;            // the iterator stands on the entry that next() gave last
  std::string from_;
  StoredView current_;
  Result<void> failure_;
};

}  // namespace tidemark::storage
