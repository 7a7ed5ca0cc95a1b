// The few nearest of many.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/table_schema.h"

namespace tidemark::api {

// Keeps the `count` nearest entries that it is shown, and nothing of the others. Of entries that are equally
// near those shown first count as nearer. Used by one thread.
class Nearest {
 public:
  struct Candidate {
    double score = 0;
    std::uint64_t position = 0;  // among all that were shown
    std::string entry;
  };

  // `count` must not be zero.
  Nearest(model::DistanceFunction function, std::size_t count) : function_(function), count_(count) {}

  // `entry` is copied if it is among the nearest so far.
  void show(double score, std::string_view entry);
  // The nearest first. Nothing may be shown any more.
  std::vector<Candidate> take();

 private:
  [[nodiscard]] bool is_before(const Candidate& a, const Candidate& b) const;

  const model::DistanceFunction function_;
  const std::size_t count_;
  std::uint64_t shown_ = 0;
  std::vector<Candidate> heap_;  // the farthest on top
};

}  // namespace tidemark::api
