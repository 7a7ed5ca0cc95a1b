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

std::optional<std::string> shown(LateCopies& copies, std::string_view key, wal::Space space = kSpace) {
  return LateCopies::Look(copies, kLatestTime).find(space, key);
}

std::vector<std::string> keys_of(const LateCopies::Look& look, const KeyRange& range,
                                 ReadDirection direction) {
  const auto reader = look.read(kSpace, range, direction);
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
  const auto shown_at = [&](std::int64_t now) {
    REQUIRE(clock.set(at(now)));
    return shown(copies, "a");
  };
  CHECK(shown_at(100) == "old");
  CHECK(shown_at(109) == "old");
  CHECK(shown(copies, "a", wal::Space::kIndex) == std::nullopt);
  CHECK(shown(copies, "b") == std::nullopt);
  CHECK(shown_at(110) == "first");
  CHECK(shown_at(114) == "first");
  CHECK(shown_at(115) == std::nullopt);
}

TEST_CASE("a view that does not see a commit yet goes by what is there") {
  ManualClock clock(at(100));
  LateCopies copies(clock, kLag);
  const LateCopies::Look at_100(copies, at(100));
  copies.add(at(101), {theirs("a", "old")});
  const LateCopies::Look at_101(copies, at(101));
  CHECK(at_100.find(kSpace, "a") == std::nullopt);
  CHECK(at_101.find(kSpace, "a") == "old");
  copies.add(at(102), {own("a")});
  const LateCopies::Look at_102(copies, at(102));
  CHECK(at_101.find(kSpace, "a") == "old");
  CHECK(at_102.find(kSpace, "a") == std::nullopt);
  copies.add(at(103), {theirs("a", "own")});
  const LateCopies::Look at_103(copies, at(103));
  CHECK(at_101.find(kSpace, "a") == "old");
  CHECK(at_102.find(kSpace, "a") == std::nullopt);
  CHECK(at_103.find(kSpace, "a") == "own");
}

TEST_CASE("what is late to a view stays late to it") {
  ManualClock clock(at(100));
  LateCopies copies(clock, kLag);
  copies.add(at(100), {theirs("a", "1"), theirs("b", "2")});
  {
    const LateCopies::Look look(copies, at(100));
    CHECK(look.find(kSpace, "a") == "1");
    REQUIRE(clock.set(at(111)));
    copies.add(at(111), {theirs("c", "3")});
    CHECK(look.find(kSpace, "b") == "2");
    CHECK(LateCopies::Look(copies, at(111)).find(kSpace, "b") == std::nullopt);
  }
  const std::size_t before = copies.bytes();
  copies.add(at(111), {});
  CHECK(copies.bytes() < before);
}

TEST_CASE("a write of the region's own ends all that is late of the item, its entries in indexes too") {
  ManualClock clock(at(100));
  LateCopies copies(clock, kLag);
  CopyChange change = theirs("a", "old");
  change.replaced.push_back({.space = wal::Space::kIndex, .key = "red a", .value = "old"});
  change.replaced.push_back({.space = wal::Space::kIndex, .key = "blue a", .value = ""});
  copies.add(at(100), {std::move(change), theirs("b", "old")});
  CHECK(shown(copies, "red a", wal::Space::kIndex) == "old");
  CHECK(shown(copies, "blue a", wal::Space::kIndex) == "");
  copies.add(at(101), {own("a"), own("c")});
  CHECK(shown(copies, "a") == std::nullopt);
  CHECK(shown(copies, "red a", wal::Space::kIndex) == std::nullopt);
  CHECK(shown(copies, "blue a", wal::Space::kIndex) == std::nullopt);
  CHECK(shown(copies, "b") == "old");
}

TEST_CASE("ranges are read both ways, and may change meanwhile") {
  ManualClock clock(at(100));
  LateCopies copies(clock, kLag);
  copies.add(at(100), {theirs("a", "1"), theirs("b", ""), theirs("c", "3"), theirs("d", "4")});
  copies.add(at(101), {own("c")});
  const LateCopies::Look look(copies, at(101));
  const auto forward = [&look](const KeyRange& range) {
    return keys_of(look, range, ReadDirection::kForward);
  };
  const auto backward = [&look](const KeyRange& range) {
    return keys_of(look, range, ReadDirection::kBackward);
  };
  CHECK(forward({"a", "d"}) == std::vector<std::string>{"a=1", "b="});
  CHECK(backward({"b", "e"}) == std::vector<std::string>{"d=4", "b="});
  CHECK(backward({"x", "y"}).empty());
  CHECK(forward({"b", "b"}).empty());
  const auto reader = look.read(kSpace, {"a", "z"}, ReadDirection::kForward);
  REQUIRE(reader->next());
  copies.add(at(102), {theirs("aa", "5"), own("b")});  // the view sees neither
  REQUIRE(reader->next());
  CHECK(reader->state_key() == "b");
}

TEST_CASE("what is over goes, and what does not fit arrives, whole commits at a time") {
  ManualClock clock(at(1'000));
  LateCopies copies(clock, kLag, 20'000);
  for (int i = 0; i < 1'000; ++i) {
    const std::string number = std::to_string(i % 7);
    copies.add(at(1'000).plus_micros(i), {theirs("left " + number, "old"), theirs("right " + number, "old")});
    CHECK(copies.bytes() <= 20'000);
    CHECK((shown(copies, "left 3") == shown(copies, "right 3")));
  }
  CHECK(copies.bytes() > 15'000);
  CHECK(copies.has_arrived(at(1'000)));
  CHECK_FALSE(copies.has_arrived(at(1'000).plus_micros(999)));
  copies.add(at(1'001), {theirs("large", std::string(20'000, 'x'))});
  CHECK(copies.bytes() == 0);
  CHECK(copies.has_arrived(at(1'001)));
  copies.add(at(1'001), {theirs("a", "old"), theirs("b", "old"), own("a")});
  REQUIRE(clock.set(at(1'012)));
  copies.add(at(1'012), {own("b")});
  CHECK(copies.bytes() == 0);
}

TEST_CASE("what does not fit arrives for those who look later") {
  ManualClock clock(at(100));
  LateCopies copies(clock, kLag, 5'000);
  copies.add(at(100), {theirs("a", "1"), theirs("b", "2")});
  {
    const LateCopies::Look look(copies, at(100));
    CHECK(look.find(kSpace, "a") == "1");
    copies.add(at(101), {theirs("large", std::string(5'000, 'x'))});
    CHECK(look.find(kSpace, "b") == "2");
    CHECK(LateCopies::Look(copies, at(101)).find(kSpace, "b") == std::nullopt);
  }
  copies.add(at(102), {});
  CHECK(copies.bytes() == 0);
}

TEST_CASE("a table that is forgotten shows what it has") {
  ManualClock clock(at(100));
  LateCopies copies(clock, kLag);
  const std::string first("\0\0\0\1a", 5);
  const std::string second("\0\0\0\2a", 5);
  copies.add(at(100), {theirs(first, "1"), theirs(second, "2")});
  copies.forget(TableId{1});
  CHECK(shown(copies, first) == std::nullopt);
  CHECK(shown(copies, second) == "2");
}

TEST_CASE("what was committed before the start has arrived, and without a lag everything has") {
  ManualClock clock(at(100));
  LateCopies late(clock, kLag);
  late.catch_up(at(99));
  CHECK(late.has_arrived(at(99)));
  CHECK_FALSE(late.has_arrived(at(100)));
  CHECK(late.late_after() == at(99));
  const LateCopies at_once(clock, std::chrono::seconds(0));
  CHECK(at_once.has_arrived(at(100).plus_micros(1)));
}

}  // namespace
}  // namespace tidemark::storage
