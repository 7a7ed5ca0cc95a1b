#include "base/random.h"

#include <sys/random.h>

#include <array>
#include <cerrno>

#include "base/check.h"

namespace tidemark {
namespace {

// `count` characters of `alphabet`, whose size is 2^bits.
std::string characters(Random& random, std::size_t count, const char* alphabet, unsigned bits) {
  std::string out(count, '\0');
  std::uint64_t pool = 0;
  unsigned pool_bits = 0;
  for (char& c : out) {
    if (pool_bits < bits) {
      pool = random.next();
      pool_bits = 64;
    }
    c = alphabet[pool & ((std::uint64_t{1} << bits) - 1)];
    pool >>= bits;
    pool_bits -= bits;
  }
  return out;
}

// A block of kernel randomness per thread: one system call serves many ids.
class KernelPool {
 public:
  std::uint64_t next() {
    if (position_ == words_.size()) refill();
    return words_[position_++];
  }

 private:
  void refill() {
    // Up to 256 bytes are never cut short by a signal once the kernel's pool is ready.
    ssize_t count = 0;
    do {
      count = getrandom(words_.data(), sizeof(words_), 0);
    } while (count < 0 && errno == EINTR);
    INVARIANT(count == static_cast<ssize_t>(sizeof(words_)));
    position_ = 0;
  }

  std::array<std::uint64_t, 32> words_{};
  std::size_t position_ = words_.size();
};

}  // namespace

std::string Random::hex(std::size_t count) { return characters(*this, count, "0123456789abcdef", 4); }

std::string Random::base32(std::size_t count) {
  return characters(*this, count, "abcdefghijklmnopqrstuvwxyz234567", 5);
}

std::string Random::uuid() {
  const std::string digits = hex(32);
  std::string out;
  out.reserve(36);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) out.push_back('-');
    out.push_back(digits[i]);
  }
  out[14] = '4';                           // version
  out[19] = "89ab"[(out[19] & 0x03) % 4];  // variant
  return out;
}

SystemRandom::SystemRandom() = default;

std::uint64_t SystemRandom::next() {
  thread_local KernelPool pool;
  return pool.next();
}

std::uint64_t SeededRandom::next() {
  const std::scoped_lock lock(mutex_);
  return engine_();
}

}  // namespace tidemark
