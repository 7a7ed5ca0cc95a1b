// The bytes that have arrived on a connection and have not been taken yet.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>

namespace tidemark::server {

class InputBuffer {
 public:
  static constexpr std::size_t kSmallest = 8 * 1024;   // what an idle connection holds
  static constexpr std::size_t kLargest = 256 * 1024;  // the largest piece of a body

  InputBuffer() : bytes_(std::make_unique_for_overwrite<char[]>(kSmallest)) {}

  [[nodiscard]] const char* data() const { return bytes_.get() + begin_; }
  [[nodiscard]] std::size_t size() const { return end_ - begin_; }
  [[nodiscard]] bool is_full() const { return size() == kLargest; }
  // Beyond what every connection holds.
  [[nodiscard]] std::size_t grown_bytes() const { return capacity_ - kSmallest; }

  void consume(std::size_t count) { begin_ += count; }

  // Makes room behind the bytes for at least one more, moving or growing them: views into the buffer die.
  // With `wanted`, a hint of how many are to come, grows at once. Needs !is_full().
  void make_room(std::size_t wanted) {
    if (begin_ == end_) begin_ = end_ = 0;
    const std::size_t target = std::min(size() + std::max<std::size_t>(wanted, 1), kLargest);
    if (target > capacity_) {
      move_to(std::min(std::max(target, capacity_ * 2), kLargest));
    } else if (end_ == capacity_ || begin_ > capacity_ / 2) {
      std::memmove(bytes_.get(), data(), size());
      end_ = size();
      begin_ = 0;
    }
  }
  [[nodiscard]] char* room() { return bytes_.get() + end_; }
  [[nodiscard]] std::size_t room_size() const { return capacity_ - end_; }
  void grew(std::size_t count) { end_ += count; }

  // Gives memory back when nothing is waiting.
  void shrink_if_empty() {
    if (size() == 0 && capacity_ > kSmallest) move_to(kSmallest);
  }

 private:
  void move_to(std::size_t capacity) {
    auto fresh = std::make_unique_for_overwrite<char[]>(capacity);
    std::memcpy(fresh.get(), data(), size());
    end_ = size();
    begin_ = 0;
    bytes_ = std::move(fresh);
    capacity_ = capacity;
  }

  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = kSmallest;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace tidemark::server
