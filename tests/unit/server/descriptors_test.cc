#include "server/descriptors.h"

#include "tests/support/catch.h"

namespace tidemark::server::test {

TEST_CASE("descriptors are shared out, and some are left") {
  struct Case {
    std::uint64_t limit;
    unsigned threads;
    std::size_t connections_min;
    std::uint64_t left_min;
  };
  const auto c = GENERATE(values<Case>({
      {256, 2, 64, 64},
      {1'024, 8, 384, 256},
      {4'096, 64, 1'900, 768},
      {20'000, 2, 10'000, 256},
      {1'048'576, 64, 10'000, 768},
      {UINT64_MAX, 2, 10'000, 256},
  }));
  INFO(c.limit);
  const DescriptorPlan plan = plan_descriptors(c.limit, c.threads);
  CHECK(plan.connections >= c.connections_min);
  CHECK(plan.connections <= 10'000);
  CHECK(plan.object_files >= 16);
  CHECK(plan.state_files >= 16);
  const std::uint64_t used =
      plan.connections + plan.object_files + static_cast<std::uint64_t>(plan.state_files);
  CHECK(c.limit - used >= c.left_min);
}

}  // namespace tidemark::server::test
