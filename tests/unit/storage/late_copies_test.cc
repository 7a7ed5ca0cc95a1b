#include "storage/commit/late_copies.h"

#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace tidemark::storage {
namespace {

constexpr auto kLag = std::chrono::seconds(10);
constexpr auto kSpace = wal::Space::kState;

Timestamp at(std::int64_t seconds) { return Timestamp::from_seconds(seconds); }

// Another region's write of an item that has this value here.
CopyChange theirs(const std::string& key, std::string value) {
  return {.state_key = key, .replaced = {{.space = kSpace, .key = key, .value = std::move(value)}}};
}
CopyChange own(const std::string& key) { return {.state_key = key, .replaced = {}}; }

std::vector<std::string> keys_of(const LateCopies& copies, const KeyRange& range,
                                 const LateCopies::Moment& moment, ReadDirection direction) {
  const auto reader = copies.read(kSpace, range, moment, direction);
  std::vector<std::string> keys;
  while (reader->next())
    keys.push_back(std::string(reader->state_key()) + '=' + std::string(*reader->image()));
  return keys;
}

TEST_CASE("each version is shown until its time") {
  ManualClock clock(at(100));
  LateCopies copies(clock, kLag);
  copies.add(at(100), {theirs("a", "old")});
  copies.add(at(105), {theirs("a", "first")});
  const auto shown_at = [&](std::int64_t now) { return copies.find(kSpace, "a", {at(200), at(now)}); };
  CHECK(shown_at(100) == "old");
  CHECK(shown_at(109) == "old");
  CHECK(shown_at(110) == "first");
  CHECK(shown_at(114) == "first");
  CHECK(shown_at(115) == std::nullopt);
  CHECK(copies.find(wal::Space::kIndex, "a", {at(200), at(100)}) == std::nullopt);
  CHECK(copies.find(kSpace, "b", {at(200), at(100)}) == std::nullopt);
}

TEST_CASE("a view that does not see a commit yet goes by what is there") {
  ManualClock clock(at(100));
  LateCopies copies(clock, kLag);
  copies.add(at(101), {theirs("a", "old")});
  CHECK(copies.find(kSpace, "a", {at(100), at(100)}) == std::nullopt);
  CHECK(copies.find(kSpace, "a", {at(101), at(100)}) == "old");
  copies.add(at(102), {own("a")});
  CHECK(copies.find(kSpace, "a", {at(101), at(100)}) == "old");
  CHECK(copies.find(kSpace, "a", {at(102), at(100)}) == std::nullopt);
  copies.add(at(103), {theirs("a", "own")});
  CHECK(copies.find(kSpace, "a", {at(101), at(100)}) == "old");
  CHECK(copies.find(kSpace, "a", {at(102), at(100)}) == std::nullopt);
  CHECK(copies.find(kSpace, "a", {at(103), at(100)}) == "own");
}

TEST_CASE("a write of the region's own ends all that is late of the item, its entries in indexes too") {
  ManualClock clock(at(100));
  LateCopies copies(clock, kLag);
  CopyChange change = theirs("a", "old");
  change.replaced.push_back({.space = wal::Space::kIndex, .key = "red a", .value = "old"});
  change.replaced.push_back({.space = wal::Space::kIndex, .key = "blue a", .value = ""});
  copies.add(at(100), {std::move(change), theirs("b", "old")});
  const LateCopies::Moment before{at(100), at(100)};
  CHECK(copies.find(wal::Space::kIndex, "red a", before) == "old");
  CHECK(copies.find(wal::Space::kIndex, "blue a", before) == "");
  copies.add(at(101), {own("a"), own("c")});
  const LateCopies::Moment after{at(101), at(100)};
  CHECK(copies.find(kSpace, "a", after) == std::nullopt);
  CHECK(copies.find(wal::Space::kIndex, "red a", after) == std::nullopt);
  CHECK(copies.find(wal::Space::kIndex, "blue a", after) == std::nullopt);
  CHECK(copies.find(kSpace, "b", after) == "old");
}

TEST_CASE("ranges are read both ways, and may change meanwhile") {
  ManualClock clock(at(100));
  LateCopies copies(clock, kLag);
  copies.add(at(100), {theirs("a", "1"), theirs("b", ""), theirs("c", "3"), theirs("d", "4")});
  copies.add(at(101), {own("c")});
  const LateCopies::Moment moment{at(101), at(100)};
  CHECK(keys_of(copies, {"a", "d"}, moment, ReadDirection::kForward) ==
        std::vector<std::string>{"a=1", "b="});
  CHECK(keys_of(copies, {"b", "e"}, moment, ReadDirection::kBackward) ==
        std::vector<std::string>{"d=4", "b="});
  CHECK(keys_of(copies, {"x", "y"}, moment, ReadDirection::kBackward).empty());
  CHECK(keys_of(copies, {"b", "b"}, moment, ReadDirection::kForward).empty());
  const auto reader = copies.read(kSpace, {"a", "z"}, moment, ReadDirection::kForward);
  REQUIRE(reader->next());
  clock.set(at(110));
  copies.add(at(110), {theirs("e", "5")});  // what is over goes
  CHECK_FALSE(reader->next());
}

TEST_CASE("what is over goes, and the oldest where there is too much") {
  ManualClock clock(at(100));
  LateCopies copies(clock, kLag, 10'000);
  for (int i = 0; i < 1'000; ++i)
    copies.add(at(100), {theirs("key" + std::to_string(i % 7), std::string(50, 'x'))});
  CHECK(copies.bytes() <= 10'000);
  CHECK(copies.bytes() > 5'000);
  copies.add(at(100), {theirs("large", std::string(20'000, 'x'))});
  CHECK(copies.bytes() == 0);
  copies.add(at(100), {theirs("a", "old")});
  clock.set(at(111));
  copies.add(at(111), {own("b")});
  CHECK(copies.bytes() == 0);
  CHECK(copies.find(kSpace, "a", {at(111), at(100)}) == std::nullopt);
}

}  // namespace
}  // namespace tidemark::storage
