// Randomness behind a seam, so that tests can repeat a run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <random>
#include <string>

namespace tidemark {

// Thread-safety: all methods may be called concurrently.
class Random {
 public:
  virtual ~Random() = default;
  virtual std::uint64_t next() = 0;

  // `count` lower-case hexadecimal digits.
  std::string hex(std::size_t count);
  // `count` characters of [a-z2-7], the lower-case base32 alphabet.
  std::string base32(std::size_t count);
  // A version 4 UUID, `xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx`.
  std::string uuid();
};

// Seeded from the operating system. Unpredictable enough for ids, not for secrets.
class SystemRandom final : public Random {
 public:
  SystemRandom();
  std::uint64_t next() override;
};

class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t next() override;

 private:
  std::mutex mutex_;
  std::mt19937_64 engine_;  // guarded by mutex_
};

}  // namespace tidemark
