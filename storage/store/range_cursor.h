// Cursor over a range of the state or index column family.
#pragma once

#include <memory>

#include "storage/query.h"
#include "storage/store/item_codec.h"
#include "storage/store/rocks.h"

namespace tidemark::storage {

class RangeCursor final : public Cursor {
 public:
  RangeCursor(const RocksStore& store, wal::Space space, const KeyRange& range, const ReadOptions& options);

  bool next() override;
  [[nodiscard]] std::string_view text() const override { return current_.text; }
  [[nodiscard]] std::uint32_t size_bytes() const override { return current_.size_bytes; }
  [[nodiscard]] Result<void> status() const override;

 private:
  void seek_first(const ReadOptions& options);
  void step() { reverse_ ? iterator_->previous() : iterator_->next(); }

  std::unique_ptr<RocksIterator> iterator_;
  const bool reverse_;
  bool started_ = false;  // the iterator stands on the entry that next() gave last
  StoredView current_;
  Result<void> failure_;
};

}  // namespace tidemark::storage
