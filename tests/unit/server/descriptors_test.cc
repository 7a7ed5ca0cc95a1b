#include "server/descriptors.h"

#include "tests/support/catch.h"

namespace tidemark::server::test {

TEST_CASE("descriptors are shared out, and some are left") {
  struct Case {
    std::uint64_t limit;
    std::size_t connections_min;
    std::uint64_t left_min;
  };
  const auto c = GENERATE(values<Case>({
      {256, 64, 64},
      {1'024, 384, 256},
      {4'096, 2'000, 256},
      {20'000, 10'000, 256},
      {1'048'576, 10'000, 256},
      {UINT64_MAX, 10'000, 256},
  }));
  INFO(c.limit);
  const DescriptorPlan plan = plan_descriptors(c.limit);
  CHECK(plan.connections >= c.connections_min);
  CHECK(plan.connections <= 10'000);
  CHECK(plan.object_files >= 16);
  CHECK(plan.state_files >= 16);
  const std::uint64_t used =
      plan.connections + plan.object_files + static_cast<std::uint64_t>(plan.state_files);
  CHECK(c.limit - used >= c.left_min);
}

}  // namespace tidemark::server::test
