#include "jobs/parallel.h"

#include <atomic>
#include <vector>

#include "tests/support/catch.h"

namespace tidemark::jobs {
namespace {

TEST_CASE("every task of a parallel run is done once") {
  std::vector<std::atomic<int>> done(100);
  const auto result = run_parallel(done.size(), 4, {}, [&](std::size_t i) -> Result<void> {
    ++done[i];
    return {};
  });
  REQUIRE(result);
  for (const auto& count : done) CHECK(count == 1);
}

TEST_CASE("the first error of a parallel run is returned and stops the rest") {
  std::atomic<int> done = 0;
  const auto result = run_parallel(1'000, 1, {}, [&](std::size_t i) -> Result<void> {
    if (i == 3) return fail(Error::io("three"));
    ++done;
    return {};
  });
  REQUIRE(!result);
  CHECK(result.error().message == "three");
  CHECK(done == 3);
}

TEST_CASE("a parallel run that is stopped says so") {
  std::stop_source stop;
  stop.request_stop();
  const auto result = run_parallel(3, 2, stop.get_token(), [](std::size_t) -> Result<void> { return {}; });
  REQUIRE(!result);
  CHECK(result.error().code == ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace tidemark::jobs
