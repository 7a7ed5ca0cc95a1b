#include "api/vectors/nearest.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "tests/support/catch.h"

namespace tidemark::api {
namespace {

using model::DistanceFunction;

struct Entry {
  double score;
  std::string text;
};

// The definition: all sorted, the first ones kept.
std::vector<std::string> sorted_prefix(std::vector<Entry> entries, DistanceFunction function,
                                       std::size_t count) {
  std::stable_sort(entries.begin(), entries.end(), [function](const Entry& a, const Entry& b) {
    return function == DistanceFunction::kDotProduct ? a.score > b.score : a.score < b.score;
  });
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < std::min(count, entries.size()); ++i) texts.push_back(entries[i].text);
  return texts;
}

}  // namespace

TEST_CASE("the nearest are the first of all that are sorted") {
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    INFO("seed " << seed);
    std::mt19937 random(seed);
    const auto pick = [&random](std::uint32_t most) {
      return static_cast<std::uint32_t>(random() % (most + 1));
    };
    const auto function = static_cast<DistanceFunction>(pick(2));
    const std::size_t count = 1 + pick(20);
    std::vector<Entry> entries;
    // Few different scores, so that many are equal.
    for (std::uint32_t i = pick(60); i > 0; --i) {
      entries.push_back({static_cast<double>(pick(15)) - 7, std::to_string(i)});
    }
    Nearest nearest(function, count);
    for (const Entry& entry : entries) nearest.show(entry.score, entry.text);
    std::vector<std::string> found;
    for (const Nearest::Candidate& candidate : nearest.take()) found.push_back(candidate.entry);
    CHECK(found == sorted_prefix(entries, function, count));
  }
}

}  // namespace tidemark::api
