// The XXH family of fast hashes.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace tidemark {

enum class XxHashAlgorithm { kXxh64, kXxh3, kXxh128 };  // of 64, 64 and 128 bits

// A hash with seed 0, fed piece by piece. Not thread-safe.
class XxHash {
 public:
  explicit XxHash(XxHashAlgorithm algorithm);
  ~XxHash();
  XxHash(XxHash&&) noexcept;
  XxHash& operator=(XxHash&&) noexcept;

  void update(std::string_view bytes);
  // The canonical, big-endian bytes of everything fed so far.
  std::string finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark
