// What an account may have, where the server's owner says so: for classes, in which nobody is to take the
// disk from the others.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tidemark::api {

// Fixed at start. Zero: as much as there is room for.
struct AccountLimits {
  std::size_t tables_max = 0;   // of all regions, those that are being made or deleted among them
  std::uint64_t bytes_max = 0;  // of items and index entries, as DescribeTable counts them

  [[nodiscard]] bool any() const { return tables_max > 0 || bytes_max > 0; }
};

}  // namespace tidemark::api
