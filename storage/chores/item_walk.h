// The items of a table in key order, some at a time, for chores that look at all of them while others write.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "base/result.h"
#include "storage/store/item_codec.h"
#include "storage/store/keys.h"
#include "storage/store/rocks.h"
#include "storage/table.h"

namespace tidemark::storage {

// Holds no snapshot, and nothing at all between its steps: items that come behind it are not seen, and a step
// sees those before it as they are then. Used by one thread.
class ItemWalk {
 public:
  // A step ends behind the item that reaches one of them.
  struct Limits {
    std::size_t items = 0;
    std::size_t bytes = 0;
  };

  // `store` must outlive it.
  ItemWalk(const RocksStore& store, TableId table, const Limits& limits)
      : store_(store), rest_(id_range(table)), limits_(limits) {}

  // True once a step that came to the end of the table was passed.
  [[nodiscard]] bool is_over() const { return is_over_; }
  // Calls `visit` for the next items; again for the same ones until pass() is called. The view is valid
  // during the call. Errors: those of `visit`; kIo, kCorruption.
  Result<void> step(const std::function<Result<void>(const StoredView&)>& visit);
  // What the last step visited is done.
  void pass();

 private:
  const RocksStore& store_;
  KeyRange rest_;
  const Limits limits_;
  std::string next_;  // where the step after the last one begins; empty: there is none
  bool is_over_ = false;
};

}  // namespace tidemark::storage
