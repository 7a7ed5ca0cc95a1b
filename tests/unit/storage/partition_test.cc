#include "storage/partition.h"

#include "tests/support/catch.h"

namespace tidemark::storage {
namespace {

TEST_CASE("throughput decides the number of partitions") {
  struct Case {
    model::BillingMode mode;
    std::int64_t read, write;
    std::uint32_t partitions;
  };
  using enum model::BillingMode;
  const auto c = GENERATE(values<Case>({
      {kPayPerRequest, 0, 0, 4},
      {kProvisioned, 1, 1, 1},
      {kProvisioned, 3'000, 0, 1},
      {kProvisioned, 3'000, 1'000, 2},
      {kProvisioned, 3'001, 1'000, 3},
      {kProvisioned, 0, 1'001, 2},
      {kProvisioned, 1'000'000'000'000, 1'000'000'000'000, 256},
  }));
  model::TableSchema schema;
  schema.billing_mode = c.mode;
  schema.throughput = {.read_units = c.read, .write_units = c.write};
  CHECK(initial_partition_count(schema) == c.partitions);
}

TEST_CASE("a hash belongs to the share that its place in the hash space says") {
  const auto shares = GENERATE(1U, 2U, 3U, 7U, 256U, 65'536U);
  const std::vector<HashRange> ranges = even_shares(shares);
  REQUIRE(ranges.size() == shares);
  CHECK(ranges.front().first == 0);
  CHECK(ranges.back().last == 0xffff);
  for (std::uint32_t share = 0; share < shares; ++share) {
    const auto [first, last] = ranges[share];
    CHECK(std::uint64_t{first} * shares / kHashes == share);
    CHECK(std::uint64_t{last} * shares / kHashes == share);
  }
}

}  // namespace
}  // namespace tidemark::storage
