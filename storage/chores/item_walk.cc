#include "storage/chores/item_walk.h"

#include <utility>

namespace tidemark::storage {
namespace {

constexpr std::uint64_t kReadaheadBytes = 1U << 20;

}  // namespace

Result<void> ItemWalk::step(const std::function<Result<void>(const StoredView&)>& visit) {
  next_.clear();
  const auto items =
      store_.iterate(wal::Space::kState, rest_, {.fill_cache = false, .readahead_bytes = kReadaheadBytes});
  std::size_t count = 0;
  std::size_t bytes = 0;
  std::string last;
  for (items->seek_to_first(); items->valid(); items->next()) {
    if (count == limits_.items || bytes >= limits_.bytes) {
      next_ = last + '\0';
      break;
    }
    ASSIGN_OR_RETURN(const StoredView stored, parse_stored(items->value()));
    RETURN_IF_ERROR(visit(stored));
    ++count;
    bytes += items->value().size();
    last = items->key();
  }
  return items->status();
}

void ItemWalk::pass() {
  is_over_ = next_.empty();
  rest_.begin = std::move(next_);
}

}  // namespace tidemark::storage
