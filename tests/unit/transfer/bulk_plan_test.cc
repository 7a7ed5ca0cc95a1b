// What a bulk operation keeps for the next process.
#include "transfer/bulk_plan.h"

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/unit/transfer/transfer_fixture.h"
#include "transfer/bulk_progress.h"

namespace tidemark::transfer {
namespace {

std::vector<ListedObject> objects_named(const std::string& name, std::size_t count) {
  std::vector<ListedObject> sources;
  for (std::size_t i = 0; i < count; ++i) sources.push_back({name + std::to_string(i), i});
  return sources;
}

}  // namespace

TEST_CASE_METHOD(TransferFixture,
                 "the plan of a bulk operation is read as it was kept, in the place of another") {
  const auto is_kept = [this](const std::vector<ListedObject>& sources) {
    const auto read = read_bulk_plan(engine->receipts(), "id");
    REQUIRE(read);
    REQUIRE(*read);
    return std::equal((*read)->begin(), (*read)->end(), sources.begin(), sources.end(),
                      [](const auto& a, const auto& b) { return a.key == b.key && a.size == b.size; });
  };
  // A plan of several pieces, then one of a single piece.
  for (const std::size_t count : {2'000U, 3U, 0U}) {
    const auto sources = objects_named(std::string(300, 'k'), count);
    REQUIRE(keep_bulk_plan(*engine, "id", sources));
    CHECK(is_kept(sources));
    CHECK_FALSE(read_bulk_plan(engine->receipts(), "other")->has_value());
  }
}

TEST_CASE_METHOD(TransferFixture, "a plan that was not kept to its end is none") {
  REQUIRE(keep_bulk_plan(*engine, "id", objects_named(std::string(300, 'k'), 2'000)));
  const auto pieces = engine->receipts().kept(plan_prefix("id"));
  REQUIRE(pieces);
  REQUIRE(pieces->size() > 1);
  REQUIRE(engine->receipts().forget_kept(plan_prefix("id") + pieces->back().first));
  const auto read = read_bulk_plan(engine->receipts(), "id");
  REQUIRE(read);
  CHECK_FALSE(read->has_value());
}

TEST_CASE("the receipt of an object has its numbers; those of earlier builds lack the last") {
  const ObjectProgress progress{.records = 7,
                                .errors = 1,
                                .condition_failures = 2,
                                .written_bytes = 300,
                                .is_done = true,
                                .read_bytes = 4'000};
  CHECK(progress.to_text() == "7 1 2 300 1 4000");
  const auto parsed = ObjectProgress::from_text("7 1 2 300 1 4000");
  REQUIRE(parsed);
  CHECK(parsed->to_text() == progress.to_text());
  const auto earlier = ObjectProgress::from_text("7 1 2 300 0");
  REQUIRE(earlier);
  CHECK(earlier->to_text() == "7 1 2 300 0 0");
  CHECK_FALSE(ObjectProgress::from_text("7 1 2 300"));
  CHECK_FALSE(ObjectProgress::from_text("7 1 2 300 1 x"));
}

}  // namespace tidemark::transfer
