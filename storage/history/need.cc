#include "storage/history/need.h"

#include <algorithm>

namespace tidemark::storage {

bool is_needed(const HistoryNeeds& needs, TableId table, Timestamp last_time) {
  const auto need = needs.find(table);
  return need != needs.end() && last_time > need->second.from;
}

Timestamp readable_moment(const HistoryNeed& need, Timestamp time, Timestamp exact_from) {
  if (time >= exact_from) return time;
  const Timestamp second = time.floor_second();
  const auto later = std::upper_bound(need.exact.begin(), need.exact.end(), time);
  return later == need.exact.begin() ? second : std::max(second, *(later - 1));
}

}  // namespace tidemark::storage
