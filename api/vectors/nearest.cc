#include "api/vectors/nearest.h"

#include <algorithm>
#include <utility>

#include "model/vector.h"

namespace tidemark::api {

bool Nearest::is_before(const Candidate& a, const Candidate& b) const {
  if (model::is_nearer(function_, a.score, b.score)) return true;
  return !model::is_nearer(function_, b.score, a.score) && a.position < b.position;
}

void Nearest::show(double score, std::string_view entry) {
  const std::uint64_t position = shown_++;
  const auto order = [this](const Candidate& a, const Candidate& b) { return is_before(a, b); };
  if (heap_.size() == count_) {
    // As near as the farthest, and later: not kept.
    if (!model::is_nearer(function_, score, heap_.front().score)) return;
    std::ranges::pop_heap(heap_, order);
    heap_.pop_back();
  }
  heap_.push_back({score, position, std::string(entry)});
  std::ranges::push_heap(heap_, order);
}

std::vector<Nearest::Candidate> Nearest::take() {
  std::ranges::sort_heap(heap_, [this](const Candidate& a, const Candidate& b) { return is_before(a, b); });
  return std::move(heap_);
}

}  // namespace tidemark::api
