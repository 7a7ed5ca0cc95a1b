// The last requests, with what they said and what was answered, for somebody who looks at them as they come.
//
// While nobody looks nothing is kept, and a request costs one load of a flag. Who asks for them is taken to
// look on for kWatchedFor. What is kept is bounded, in number and in bytes; the oldest go first.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace tidemark::server {

// A request that has been answered.
struct SeenRequest {
  Timestamp time;              // of the end of its head, by the service's clock
  double ms = 0;               // from then until there was an answer
  std::string_view service;    // `dynamodb`, `s3`; lives as long as the process, as the next two
  std::string_view operation;  // `PutItem`; may be empty
  std::string_view error;      // may be empty
  std::string method;
  std::string target;  // path and query; of signed ones the path alone
  int status = 0;
  std::string peer;
  bool is_console = false;  // the console's own
  std::string request_id;
  // The beginnings of both bodies, UTF-8, at most kBodyBytesMax each; empty where they are not text, or not
  // in memory.
  std::string request;
  std::string answer;
  std::uint64_t request_bytes = 0;  // of the whole bodies
  std::uint64_t answer_bytes = 0;
};

// Thread-safety: all methods may be called concurrently.
class RequestRing {
 public:
  static constexpr std::size_t kRecordsMax = 1'000;
  static constexpr std::size_t kBytesMax = 8 << 20;
  static constexpr std::size_t kBodyBytesMax = 16 << 10;
  static constexpr std::chrono::seconds kWatchedFor{15};
  static constexpr std::uint32_t kAdmittedMax = 100;
  static constexpr std::chrono::milliseconds kWindow{100};

  [[nodiscard]] bool is_watched() const { return is_watched_.load(std::memory_order_relaxed); }
  // Whether the request that begins now is to be kept: while somebody looks, the first kAdmittedMax of each
  // kWindow. Those that are not are counted as lost: nobody reads so many, and copying them all would slow
  // down whoever is looked at.
  [[nodiscard]] bool admits();
  // Also finds out that nobody looks any more: then it forgets everything.
  void add(SeenRequest request);

  struct Page {
    // Numbers, ascending; shared, so that reading copies nothing while others wait to add.
    std::vector<std::pair<std::uint64_t, std::shared_ptr<const SeenRequest>>> requests;
    std::uint64_t next = 0;  // what to ask for the next time
    std::uint64_t lost = 0;  // after `after` and up to `next`, and not among the requests
  };
  // Those with higher numbers than `after`, at most `count_max`, the oldest first. Whoever asks looks on.
  Page read(std::uint64_t after, std::size_t count_max);

 private:
  static std::size_t bytes_of(const SeenRequest& request);

  using Numbered = std::pair<std::uint64_t, std::shared_ptr<const SeenRequest>>;

  std::atomic<bool> is_watched_ = false;
  std::atomic<std::int64_t> window_ = 0;        // since the epoch of the steady clock
  std::atomic<std::uint32_t> admitted_ = 0;     // in that window, and refused
  std::atomic<std::uint64_t> last_number_ = 0;  // of the newest, kept or not
  std::mutex mutex_;
  std::chrono::steady_clock::time_point watched_until_;  // guarded by mutex_, as all that follows
  std::deque<Numbered> requests_;
  std::size_t bytes_ = 0;
};

}  // namespace tidemark::server
