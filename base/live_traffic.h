// Whether clients are being answered just now, so that work in the background can leave them a processor.
//
// A wake-up on a processor that a background thread holds inside the kernel takes until that thread comes
// out: milliseconds, whatever its priority. So a low priority alone does not keep live traffic undisturbed.
#pragma once

#include <cstdint>

namespace tidemark {

// Steady traffic, 60 requests a second and more at one network thread, came within the last second. Of the
// whole process. Thread-safe.
[[nodiscard]] bool is_traffic_live();

// Counts the requests of one network thread; not thread-safe. A client that looks after a job now and then is
// not traffic.
class TrafficMeter {
 public:
  // A request came. Costs a look at a coarse clock.
  void count();

 private:
  std::int64_t window_ = 0;
  int requests_ = 0;  // in the window
};

}  // namespace tidemark
