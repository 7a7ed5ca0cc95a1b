#include "api/core/capacity_meter.h"

#include <memory>
#include <mutex>
#include <set>
#include <unordered_map>

namespace tidemark::api {
namespace {

constexpr std::size_t kTablesMax = 4'096;

using Units = std::map<storage::TableId, MeteredUnits>;

// What one thread has counted. Its lock is the thread's own but while somebody sums up.
struct Share {
  std::mutex mutex;
  std::unordered_map<std::uint32_t, MeteredUnits> units;  // guarded by mutex
};

void add(const std::unordered_map<std::uint32_t, MeteredUnits>& units, Units* sums) {
  for (const auto& [table, some] : units) {
    MeteredUnits& sum = (*sums)[storage::TableId{table}];
    sum.read += some.read;
    sum.written += some.written;
  }
}

// Lives as long as the process, so that threads may end in any order.
struct Shares {
  std::mutex mutex;
  std::set<Share*> living;  // guarded by mutex, as is the next
  Units ended;              // what threads left that are gone
};
Shares& shares() {
  static Shares& all = *new Shares;
  return all;
}

class ShareOfThread {
 public:
  ShareOfThread() {
    const std::lock_guard lock(shares().mutex);
    shares().living.insert(&share_);
  }
  ~ShareOfThread() {
    const std::lock_guard lock(shares().mutex);
    shares().living.erase(&share_);
    add(share_.units, &shares().ended);
  }
  ShareOfThread(const ShareOfThread&) = delete;
  ShareOfThread& operator=(const ShareOfThread&) = delete;

  void charge(storage::TableId table, double MeteredUnits::*kind, double units) {
    const std::lock_guard lock(share_.mutex);
    std::uint32_t id = storage::number(table);
    if (share_.units.size() >= kTablesMax && !share_.units.contains(id)) id = 0;
    share_.units[id].*kind += units;
  }

 private:
  Share share_;
};

void charge(storage::TableId table, double MeteredUnits::*kind, double units) {
  thread_local ShareOfThread share;
  share.charge(table, kind, units);
}

}  // namespace

void meter_read(storage::TableId table, double units) { charge(table, &MeteredUnits::read, units); }

void meter_write(storage::TableId table, double units) { charge(table, &MeteredUnits::written, units); }

std::map<storage::TableId, MeteredUnits> metered_units() {
  const std::lock_guard lock(shares().mutex);
  Units sums = shares().ended;
  for (Share* const share : shares().living) {
    const std::lock_guard inner(share->mutex);
    add(share->units, &sums);
  }
  return sums;
}

}  // namespace tidemark::api
