#include "api/tables/tables.h"

namespace tidemark::api {
namespace {

struct Nothing {};

ApiResult<Nothing> parse(const Input&) { return Nothing{}; }
ApiResult<Nothing> execute(const Nothing&, OperationContext&) { return Nothing{}; }

// The quotas that a new account has. They are not enforced here.
void render(const Nothing&, const Nothing&, JsonWriter& json) {
  json.member("AccountMaxReadCapacityUnits", std::int64_t{80'000});
  json.member("AccountMaxWriteCapacityUnits", std::int64_t{80'000});
  json.member("TableMaxReadCapacityUnits", std::int64_t{40'000});
  json.member("TableMaxWriteCapacityUnits", std::int64_t{40'000});
}

}  // namespace

Operation describe_limits() {
  return make_operation("DescribeLimits", Cost::kQuickRead, structure("DescribeLimitsInput", {}), parse,
                        execute, render);
}

}  // namespace tidemark::api
