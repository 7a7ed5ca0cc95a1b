#include "storage/history/write_counts.h"

#include <string>
#include <string_view>
#include <vector>

#include "tests/support/catch.h"

using namespace tidemark;
using namespace tidemark::storage;

namespace {

// Table 7: three by clients in minute 10 and one by time to live in minute 11. Table 9: 200 in minute 500.
const std::string kProperty{
    "\x01"
    "\x00\x00\x00\x07\x02"
    "\x0a\x00\x03"
    "\x01\x01\x01"
    "\x00\x00\x00\x09\x01"
    "\xf4\x03\x00\xc8\x01",
    1 + 5 + 3 + 3 + 5 + 5};

WriteCounts counts_from(std::int64_t seconds, std::int64_t step_seconds, std::size_t steps) {
  WriteCounts counts;
  counts.from = Timestamp::from_seconds(seconds);
  counts.step_seconds = step_seconds;
  counts.steps = steps;
  return counts;
}

using Numbers = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("counted writes: the format on disk, and only those of the table") {
  WriteCounts counts = counts_from(600, 60, 3);
  REQUIRE(add_counted_writes(kProperty, TableId{7}, &counts));
  CHECK(counts.by_origin.size() == 2);
  CHECK(counts.by_origin[wal::Origin::kClient] == Numbers{3, 0, 0});
  CHECK(counts.by_origin[wal::Origin::kTtl] == Numbers{0, 1, 0});

  WriteCounts others = counts_from(0, 3'600, 10);
  REQUIRE(add_counted_writes(kProperty, TableId{9}, &others));
  CHECK(others.by_origin[wal::Origin::kClient] == Numbers{0, 0, 0, 0, 0, 0, 0, 0, 200, 0});
  WriteCounts none = counts_from(0, 3'600, 10);
  REQUIRE(add_counted_writes(kProperty, TableId{8}, &none));
  CHECK(none.by_origin.empty());
}

TEST_CASE("counted writes: outside of the window they are left out, the minute it begins in is not") {
  WriteCounts counts = counts_from(630, 10, 3);
  REQUIRE(add_counted_writes(kProperty, TableId{7}, &counts));
  CHECK(counts.by_origin[wal::Origin::kClient] == Numbers{3, 0, 0});
  CHECK(counts.by_origin.count(wal::Origin::kTtl) == 0);
}

TEST_CASE("counted writes: what is damaged is refused, wherever it ends") {
  for (std::size_t size = 0; size < kProperty.size(); ++size) {
    // At the end of a table it is a shorter list, and as good as any.
    if (size == 1 || size == 12) continue;
    WriteCounts counts = counts_from(0, 60, 10);
    CAPTURE(size);
    CHECK_FALSE(add_counted_writes(kProperty.substr(0, size), TableId{7}, &counts).has_value());
  }
  WriteCounts counts = counts_from(0, 60, 10);
  CHECK_FALSE(add_counted_writes("\x02" + kProperty.substr(1), TableId{7}, &counts).has_value());
}
