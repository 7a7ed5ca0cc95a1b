#include "base/body_buffer.h"

#include <algorithm>
#include <utility>

namespace tidemark {
namespace {

constexpr std::size_t kBlockBytes = 1 << 20;

}  // namespace

void BodyBuffer::append(std::string_view bytes) {
  size_ += bytes.size();
  const std::size_t of_first =
      blocks_.empty() ? std::min(bytes.size(), kBlockBytes - std::min(kBlockBytes, first_.size())) : 0;
  const std::size_t needed = first_.size() + of_first;
  if (needed > first_.capacity()) {
    std::string larger;  // reserve() of what is there would take twice as much in any case
    larger.reserve(std::min(kBlockBytes, std::max(needed, 2 * first_.capacity())));
    larger = first_;
    first_.swap(larger);
  }
  first_.append(bytes.substr(0, of_first));
  bytes.remove_prefix(of_first);
  while (!bytes.empty()) {
    if (blocks_.empty() || blocks_.back().size() == kBlockBytes) blocks_.emplace_back().reserve(kBlockBytes);
    std::string& block = blocks_.back();
    const std::size_t fitting = std::min(bytes.size(), kBlockBytes - block.size());
    block.append(bytes.substr(0, fitting));
    bytes.remove_prefix(fitting);
  }
}

std::size_t BodyBuffer::held_bytes() const {
  std::size_t held = first_.capacity();
  for (const std::string& block : blocks_) held += block.capacity();
  return held;
}

std::string BodyBuffer::take() {
  std::string all = std::move(first_);
  all.reserve(std::exchange(size_, 0));
  for (std::string& block : blocks_) {
    all += block;
    block = {};  // so that nothing is there twice for long
  }
  first_.clear();
  blocks_.clear();
  return all;
}

}  // namespace tidemark
