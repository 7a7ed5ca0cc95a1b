#include "api/replicas/auto_scaling.h"

#include "tests/support/catch.h"

namespace tidemark::api {

// They are in the catalogs of data folders.
TEST_CASE("the names under which settings of auto scaling are kept") {
  CHECK(auto_scaling_key(ScaledUnits::kRead) == "read");
  CHECK(auto_scaling_key(ScaledUnits::kWrite) == "write");
  CHECK(auto_scaling_key(ScaledUnits::kRead, "by_name") == "read/by_name");
  CHECK(auto_scaling_key(ScaledUnits::kWrite, "by_name") == "write/by_name");
}

}  // namespace tidemark::api
