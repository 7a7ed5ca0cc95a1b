#include "storage/history/need.h"

#include <algorithm>

namespace tidemark::storage {

bool is_needed(const HistoryNeeds& needs, TableId table, Timestamp last_time) {
  const auto need = needs.find(table);
  return need != needs.end() && last_time > need->second.from;
}

bool is_readable_from(const HistoryNeed& need, Timestamp time) {
  return time >= std::max(need.from, need.sparse_before.value_or(need.from));
}

bool is_readable(const HistoryNeed& need, Timestamp time) {
  return is_readable_from(need, time) || std::binary_search(need.exact.begin(), need.exact.end(), time);
}

Timestamp readable_moment(const HistoryNeed& need, Timestamp time, Timestamp exact_from) {
  if (time >= exact_from) return time;
  const Timestamp second = time.floor_second();
  const auto later = std::upper_bound(need.exact.begin(), need.exact.end(), time);
  return later == need.exact.begin() ? second : std::max(second, *(later - 1));
}

}  // namespace tidemark::storage
