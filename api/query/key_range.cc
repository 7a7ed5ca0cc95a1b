#include "api/query/key_range.h"

namespace tidemark::api {

storage::KeyRange key_range(const storage::Target& target, const expression::KeyCondition& condition) {
  storage::SortCondition sort;
  sort.equal_prefix = condition.equal_prefix;
  sort.op = condition.op;
  sort.low = condition.low;
  sort.high = condition.high;
  return storage::query_range(target, condition.partition, sort);
}

}  // namespace tidemark::api
