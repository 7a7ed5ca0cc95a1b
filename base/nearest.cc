#include "base/nearest.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace tidemark {

std::size_t edit_distance(std::string_view one, std::string_view two) {
  std::vector<std::size_t> row(two.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < one.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < two.size(); ++j) {
      const std::size_t replaced = diagonal + (one[i] == two[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

std::string nearest_name(std::string_view name, const std::vector<std::string>& known,
                         std::size_t slips_max) {
  std::string found;
  std::size_t fewest = slips_max + 1;
  for (const std::string& candidate : known) {
    const std::size_t slips = edit_distance(name, candidate);
    if (slips >= fewest) continue;
    fewest = slips;
    found = candidate;
  }
  return found;
}

}  // namespace tidemark
