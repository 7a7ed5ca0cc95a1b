// The body of a request while it comes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark {

// Keeps bytes in blocks, so that taking a few more never means copying the megabytes that are there: network
// threads do it, and meanwhile others wait. Not thread-safe.
class BodyBuffer {
 public:
  // For the first bytes: what is known to come soon.
  void reserve(std::size_t bytes) { first_.reserve(bytes); }
  void append(std::string_view bytes);
  [[nodiscard]] std::size_t size() const { return size_; }
  // Of memory that is kept for it.
  [[nodiscard]] std::size_t held_bytes() const;
  // All of it as one text, which takes time where it is long; nothing is left.
  std::string take();

 private:
  std::string first_;                // up to kBlockBytes, as most bodies are
  std::vector<std::string> blocks_;  // what is behind it
  std::size_t size_ = 0;
};

}  // namespace tidemark
