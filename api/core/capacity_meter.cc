#include "api/core/capacity_meter.h"

#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <tuple>
#include <unordered_map>

#include "storage/replicas.h"

namespace tidemark::api {
namespace {

constexpr std::size_t kKeysMax = 16'384;
constexpr std::size_t kJobsMax = 10'000;

// The text of an operation lives in one place, which stands for it.
struct Key {
  std::uint32_t table = 0;
  LabelId label = 0;
  bool is_provisioned = false;
  const char* operation = nullptr;
  std::size_t operation_bytes = 0;

  bool operator==(const Key&) const = default;
};
struct HashKey {
  std::size_t operator()(const Key& key) const {
    const std::uint64_t small = std::uint64_t{key.table} << 32U | std::uint64_t{key.label} << 1U |
                                static_cast<std::uint64_t>(key.is_provisioned);
    return std::hash<std::uint64_t>()(small * 0x9E3779B97F4A7C15U) ^ std::hash<const char*>()(key.operation);
  }
};
using Units = std::unordered_map<Key, OperationUnits, HashKey>;

void add(const Units& units, Units* sums) {
  for (const auto& [key, some] : units) (*sums)[key] += some;
}

// What one thread has counted. Its lock is the thread's own but while somebody sums up.
struct Share {
  std::mutex mutex;
  Units units;  // guarded by mutex
};

// What a table was called: it may be gone when somebody asks.
struct TableName {
  std::string account;
  std::string region;
  std::string table;
};

// Lives as long as the process, so that threads may end in any order.
struct Shares {
  std::mutex mutex;
  std::set<Share*> living;                             // guarded by mutex, as is the rest
  Units ended;                                         // what threads left that are gone
  std::unordered_map<std::uint32_t, TableName> names;  // of the tables in all of these
  std::unordered_map<std::string, LabelId> jobs;
  std::deque<std::string> jobs_by_age;

  Units sums() {
    Units all = ended;
    for (Share* const share : living) {
      const std::lock_guard inner(share->mutex);
      add(share->units, &all);
    }
    return all;
  }
};
Shares& shares() {
  static Shares& all = *new Shares;
  return all;
}

struct Behalf {
  std::string_view operation;
  LabelId label = 0;
  const storage::Catalog* catalog = nullptr;
};
thread_local Behalf behalf;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

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

  // `name` says what the table is called, and is asked only once for each.
  template <class Name>
  void charge(Key key, const OperationUnits& units, Name name) {
    {
      const std::lock_guard lock(share_.mutex);
      if (const auto found = share_.units.find(key); found != share_.units.end()) {
        found->second += units;
        return;
      }
    }
    // The two locks are taken in the other order by who sums up.
    if (!keep_name(key.table, name)) key.table = 0;
    const std::lock_guard lock(share_.mutex);
    if (share_.units.size() >= kKeysMax) key = {.is_provisioned = key.is_provisioned};
    share_.units[key] += units;
  }

 private:
  template <class Name>
  static bool keep_name(std::uint32_t table, Name name) {
    const std::lock_guard lock(shares().mutex);
    if (shares().names.contains(table)) return true;
    if (shares().names.size() >= kKeysMax) return false;
    shares().names.emplace(table, name());
    return true;
  }

  Share share_;
};

ShareOfThread& own_share() {
  thread_local ShareOfThread share;
  return share;
}

void charge(const storage::Table& table, const OperationUnits& units) {
  const Key key{.table = storage::number(table.id),
                .label = behalf.label,
                .is_provisioned = table.schema.billing_mode == model::BillingMode::kProvisioned,
                .operation = behalf.operation.data(),
                .operation_bytes = behalf.operation.size()};
  own_share().charge(key, units, [&table] {
    const model::TableSchema& schema = table.schema;
    return TableName{schema.account_id, schema.region, schema.name};
  });
}

}  // namespace

OperationUnits& OperationUnits::operator+=(const OperationUnits& more) {
  read += more.read;
  written += more.written;
  index_read += more.index_read;
  index_written += more.index_written;
  replicated += more.replicated;
  stream_reads += more.stream_reads;
  return *this;
}

MeterScope::MeterScope(std::string_view operation, LabelId label, const storage::Catalog& catalog) {
  behalf = {operation, label, &catalog};
}

MeterScope::~MeterScope() { behalf = {}; }

void meter_read(const storage::Table& table, double table_units, double index_units) {
  charge(table, {.read = table_units, .index_read = index_units});
}

void meter_write(const storage::Table& table, double table_units, double index_units) {
  charge(table, {.written = table_units, .index_written = index_units});
}

void meter_replication(const storage::Table& table, double table_units, double index_units) {
  if (!table.replica || behalf.catalog == nullptr) [[likely]]
    return;
  for (const storage::TablePtr& replica : storage::replicas_of(*behalf.catalog, table)) {
    if (replica->id != table.id) charge(*replica, {.index_written = index_units, .replicated = table_units});
  }
}

void meter_stream_read(const storage::Stream& stream) {
  const Key key{.table = storage::number(stream.table),
                .label = behalf.label,
                .operation = behalf.operation.data(),
                .operation_bytes = behalf.operation.size()};
  own_share().charge(key, {.stream_reads = 1}, [&stream] {
    return TableName{stream.account_id, stream.region, stream.table_name};
  });
}

void meter_job(const std::string& job_arn) {
  if (behalf.label == 0) return;
  const std::lock_guard lock(shares().mutex);
  // A repeated request for the same job is not its beginning.
  if (!shares().jobs.try_emplace(job_arn, behalf.label).second) return;
  shares().jobs_by_age.push_back(job_arn);
  if (shares().jobs_by_age.size() <= kJobsMax) return;
  shares().jobs.erase(shares().jobs_by_age.front());
  shares().jobs_by_age.pop_front();
}

std::string label_of_job(const std::string& job_arn) {
  LabelId label = 0;
  {
    const std::lock_guard lock(shares().mutex);
    if (const auto found = shares().jobs.find(job_arn); found != shares().jobs.end()) label = found->second;
  }
  return label_name(label);
}

std::map<storage::TableId, MeteredUnits> metered_units() {
  std::map<storage::TableId, MeteredUnits> by_table;
  const std::lock_guard lock(shares().mutex);
  for (const auto& [key, units] : shares().sums()) {
    MeteredUnits& sum = by_table[storage::TableId{key.table}];
    sum.read += units.read + units.index_read;
    sum.written += units.written + units.index_written;
  }
  return by_table;
}

std::vector<MeteredOperation> metered_operations() {
  std::vector<MeteredOperation> all;
  const std::lock_guard lock(shares().mutex);
  for (const auto& [key, units] : shares().sums()) {
    MeteredOperation& one = all.emplace_back();
    if (const auto name = shares().names.find(key.table); name != shares().names.end()) {
      one.account = name->second.account;
      one.region = name->second.region;
      one.table = name->second.table;
    }
    one.operation = std::string_view(key.operation, key.operation_bytes);
    one.label = label_name(key.label);
    one.is_provisioned = key.is_provisioned;
    one.units = units;
  }
  return all;
}

}  // namespace tidemark::api
