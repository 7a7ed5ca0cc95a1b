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
