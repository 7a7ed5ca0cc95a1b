// Locks on items: striped by the hash of the encoded key, so that they need no memory of their own.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string_view>
#include <thread>

namespace tidemark::storage {

// Whoever needs several stripes locks each once, in ascending order: that cannot deadlock.
class Latches {
 public:
  using Stripe = std::uint16_t;
  static constexpr std::size_t kStripes = 4'096;

  static Stripe stripe_of(std::string_view encoded_key) {
    return static_cast<Stripe>(std::hash<std::string_view>{}(encoded_key) % kStripes);
  }
  void lock(Stripe stripe) { mutexes_[stripe].lock(); }
  // False when it takes longer than other writes of small items do.
  bool lock_soon(Stripe stripe) {
    constexpr int kTries = 50;
    for (int i = 0; i < kTries; ++i) {
      if (mutexes_[stripe].try_lock()) return true;
      std::this_thread::yield();
    }
    return false;
  }
  void unlock(Stripe stripe) { mutexes_[stripe].unlock(); }

 private:
  std::array<std::mutex, kStripes> mutexes_;
};

}  // namespace tidemark::storage
