// Takes an input of a fuzz target apart.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tidemark::fuzz {

class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

  // The first byte, 0 when there is none.
  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const auto out = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return out;
  }
  // Up to the next LF, which is taken away, or to the end.
  std::string line() {
    std::string out(rest_.substr(0, rest_.find('\n')));
    rest_.remove_prefix(out.size() < rest_.size() ? out.size() + 1 : out.size());
    return out;
  }
  [[nodiscard]] std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

// Lengths of pieces into which to cut something, the same for the same seed: 1 to `max` bytes each.
class Cuts {
 public:
  Cuts(std::uint64_t seed, std::size_t max) : state_(seed * 2 + 1), max_(max) {}
  std::size_t next() {
    state_ = state_ * 6'364'136'223'846'793'005ULL + 1'442'695'040'888'963'407ULL;
    return 1 + static_cast<std::size_t>(state_ >> 33) % max_;
  }

 private:
  std::uint64_t state_;
  std::size_t max_;
};

}  // namespace tidemark::fuzz
