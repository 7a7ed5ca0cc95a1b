// How many requests there were, how long they took, how they ended: by service and operation. Every network
// thread counts for itself.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "base/prometheus_text.h"
#include "base/request_note.h"

namespace tidemark::server {

// Thread-safety: all methods may be called concurrently.
class RequestMetrics {
 public:
  static constexpr std::array<double, 14> kBoundsS = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                                      0.025,  0.05,    0.1,    0.25,  0.5,    1,     5};

  // What one network thread has counted. record() is called by that thread alone; its lock is never waited
  // for but while somebody reads.
  class Shard {
   public:
    // `status` 0: there was no answer. `taken`: from the end of the head to the last byte of the answer.
    void record(const http::RequestNote& note, int status, std::chrono::steady_clock::duration taken);
    void connected(int change) { connections_.fetch_add(change, std::memory_order_relaxed); }

   private:
    friend class RequestMetrics;
    // The texts of a note live as long as the process, each in one place: the place stands for the text.
    struct Operation {
      const char* service;
      const char* name;
      bool operator==(const Operation&) const = default;
    };
    struct HashOperation {
      std::size_t operator()(const Operation& operation) const {
        return std::hash<const char*>()(operation.name) * 31 + std::hash<const char*>()(operation.service);
      }
    };
    struct Series {
      std::string_view service;
      std::string_view operation;
      std::array<std::uint64_t, kBoundsS.size() + 1> counts{};
      std::chrono::steady_clock::duration sum{};
      std::map<int, std::uint64_t> statuses;
    };

    std::mutex mutex_;
    std::unordered_map<Operation, Series, HashOperation> series_;  // guarded by mutex_, as is the next
    std::map<std::tuple<std::string_view, std::string_view, std::string_view>, std::uint64_t> errors_;
    std::atomic<int> connections_ = 0;
  };

  // For a network thread; lives as long as this.
  Shard& add_shard();
  void write(PrometheusText* out);

 private:
  std::mutex mutex_;
  std::deque<Shard> shards_;  // guarded by mutex_
};

}  // namespace tidemark::server
