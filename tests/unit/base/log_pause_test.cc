#include "base/log_pause.h"

#include "tests/support/catch.h"

namespace tidemark::log {
namespace {

TEST_CASE("of many lines within a second one comes, and the next one counts the others") {
  using std::chrono::milliseconds;
  const Pause::Steady::time_point begin = Pause::Steady::now();
  Pause pause;
  CHECK(pause.over(begin) == std::uint64_t{0});
  CHECK_FALSE(pause.over(begin));
  CHECK_FALSE(pause.over(begin + milliseconds(999)));
  CHECK(pause.over(begin + milliseconds(1000)) == std::uint64_t{2});
  CHECK_FALSE(pause.over(begin + milliseconds(1001)));
  CHECK(pause.over(begin + milliseconds(5000)) == std::uint64_t{1});
}

}  // namespace
}  // namespace tidemark::log
