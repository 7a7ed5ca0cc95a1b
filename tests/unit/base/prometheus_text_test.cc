#include "base/prometheus_text.h"

#include <array>

#include "tests/support/catch.h"

namespace tidemark::test {
namespace {

TEST_CASE("metrics as the text format has them") {
  PrometheusText out;
  out.begin("a_total", "counter", "What a is");
  out.sample({}, std::uint64_t{3});
  out.sample({{"x", "1"}, {"y", "\"\\\n"}}, 0.5);
  out.begin("h_seconds", "histogram", "Times");
  constexpr std::array kBounds = {0.1, 2.5};
  constexpr std::array<std::uint64_t, 3> kCounts = {2, 0, 1};
  out.histogram({{"x", "1"}}, kBounds, kCounts, 7.25);
  CHECK(out.text() == R"(# HELP a_total What a is
# TYPE a_total counter
a_total 3
a_total{x="1",y="\"\\\n"} 0.5
# HELP h_seconds Times
# TYPE h_seconds histogram
h_seconds_bucket{x="1",le="0.1"} 2
h_seconds_bucket{x="1",le="2.5"} 2
h_seconds_bucket{x="1",le="+Inf"} 3
h_seconds_sum{x="1"} 7.25
h_seconds_count{x="1"} 3
)");
}

}  // namespace
}  // namespace tidemark::test
