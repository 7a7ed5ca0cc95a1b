#include "admin/bill/ledger.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string_view>

namespace tidemark::admin {
namespace {

constexpr int kNice = 10;

double hours_of(std::chrono::microseconds time) {
  return std::chrono::duration<double, std::ratio<3600>>(time).count();
}

// The bytes of the table's items and of the entries of those indexes that `is_counted` is true for.
template <class IsCounted>
std::int64_t bytes_of(const storage::Engine& engine, const storage::Table& table, IsCounted is_counted) {
  std::int64_t bytes = engine.stats(table.id).size_bytes;
  for (const model::IndexSchema& index : table.schema.indexes) {
    if (is_counted(index)) bytes += engine.stats(index.id).size_bytes;
  }
  return std::max<std::int64_t>(bytes, 0);
}

double gigabyte_months(std::int64_t bytes, double hours) {
  return static_cast<double>(bytes) / kGigabyte * hours / kHoursPerMonth;
}

void add(Usage* usage, UsageKey key, double quantity) {
  if (quantity > 0) (*usage)[std::move(key)] += quantity;
}

std::string_view table_of_arn(std::string_view arn) {
  constexpr std::string_view kMark = ":table/";
  const std::size_t at = arn.find(kMark);
  return at == std::string_view::npos ? arn : arn.substr(at + kMark.size());
}

std::optional<Charge> charge_of_job(const jobs::JobRecord& job) {
  // AWS charges an import for what it has read, however it ended.
  if (job.kind == "import") return Charge::kImported;
  if (job.status != jobs::JobStatus::kCompleted) return std::nullopt;
  if (job.kind == "export") return Charge::kExported;
  if (job.kind == "restore") return Charge::kRestored;
  return std::nullopt;
}

std::string_view operation_of(Charge charge) {
  switch (charge) {
    case Charge::kImported:
      return "ImportTable";
    case Charge::kExported:
      return "ExportTableToPointInTime";
    default:
      return "RestoreTable";
  }
}

void drop_account(const std::string& account, Usage* usage) {
  std::erase_if(*usage, [&account](const auto& one) { return one.first.account == account; });
}

}  // namespace

Ledger::Ledger(LedgerSources sources)
    : sources_(std::move(sources)), began_(sources_.clock.now()), looked_(began_) {
  (void)sources_.jobs.list({}, [this](const jobs::JobRecord& job) {
    if (jobs::is_ended(job.status)) charged_jobs_.insert(job.id);
    return false;
  });
}

void Ledger::start(Schedule& schedule) {
  worker_.emplace("bill", kNice, [this](const std::stop_token& stop) { look(stop); });
  task_ = schedule.every(std::chrono::hours(1), "bill", [this] { worker_->wake(); },
                         {.settled = [this](const std::stop_token& stop) { worker_->drain(stop); },
                          .is_aligned = true,
                          .next_due = [this] { return next_due(); }});
}

// A job that has ended may be forgotten in the course of a long move of the clock.
std::optional<Timestamp> Ledger::next_due() const {
  bool is_wanted = false;
  const std::lock_guard lock(mutex_);
  (void)sources_.jobs.list({}, [&](const jobs::JobRecord& job) {
    if (jobs::is_ended(job.status) && is_uncharged(job)) is_wanted = true;
    return false;
  });
  return is_wanted ? std::optional(sources_.clock.now()) : std::nullopt;
}

bool Ledger::is_uncharged(const jobs::JobRecord& job) const {
  return charge_of_job(job) && !charged_jobs_.contains(job.id);
}

void Ledger::look(const std::stop_token& stop) {
  const std::lock_guard one_at_a_time(looking_);
  const std::vector<BucketBytes> buckets = sources_.buckets(stop);
  if (stop.stop_requested()) return;
  const std::lock_guard lock(mutex_);
  const Timestamp time = std::max(sources_.clock.now(), looked_);
  const double hours = hours_of(time - looked_);
  looked_ = time;
  charge_tables(hours);
  charge_backups(hours);
  charge_jobs();
  for (const BucketBytes& bucket : buckets) {
    add(&passed_, {.charge = Charge::kS3Storage, .account = bucket.account, .resource = bucket.bucket},
        gigabyte_months(static_cast<std::int64_t>(bucket.bytes), hours));
  }
}

void Ledger::charge_tables(double hours) {
  for (const storage::TablePtr& table : sources_.engine.catalog().all()) {
    const model::TableSchema& schema = table->schema;
    const auto charge = [&](Charge what, double quantity, std::string part = {}) {
      add(&passed_,
          {.charge = what,
           .account = schema.account_id,
           .region = schema.region,
           .resource = schema.name,
           .part = std::move(part)},
          quantity);
    };
    const auto all = [](const model::IndexSchema&) { return true; };
    const auto local = [](const model::IndexSchema& index) { return index.kind == model::IndexKind::kLocal; };
    charge(Charge::kTableStorage, gigabyte_months(bytes_of(sources_.engine, *table, all), hours));
    if (schema.pitr.enabled) {
      charge(Charge::kRecoveryStorage, gigabyte_months(bytes_of(sources_.engine, *table, local), hours));
    }
    if (schema.billing_mode != model::BillingMode::kProvisioned) continue;
    const auto capacity = [&](const model::Throughput& throughput, const std::string& part) {
      charge(Charge::kReadCapacityHours, static_cast<double>(throughput.read_units) * hours, part);
      charge(Charge::kWriteCapacityHours, static_cast<double>(throughput.write_units) * hours, part);
    };
    capacity(schema.throughput, {});
    for (const model::IndexSchema& index : schema.indexes) {
      if (index.kind == model::IndexKind::kGlobal) capacity(index.throughput, "indexes");
    }
  }
}

void Ledger::charge_backups(double hours) {
  const auto any = [](const timetravel::BackupRecord&) { return true; };
  for (const timetravel::BackupPtr& backup : sources_.backups.list({}, SIZE_MAX, any).records) {
    // The one that the deletion of a table leaves behind costs nothing extra.
    if (backup->type == timetravel::BackupType::kSystem) continue;
    add(&passed_,
        {.charge = Charge::kBackupStorage,
         .account = backup->schema.account_id,
         .region = backup->schema.region,
         .resource = backup->schema.name},
        gigabyte_months(backup->size_bytes, hours));
  }
}

void Ledger::charge_jobs() {
  std::vector<jobs::JobRecord> ended;
  std::set<std::string> known;
  (void)sources_.jobs.list({}, [&](const jobs::JobRecord& job) {
    if (!jobs::is_ended(job.status)) return false;
    if (is_uncharged(job)) ended.push_back(job);
    known.insert(job.id);
    return false;
  });
  charged_jobs_ = std::move(known);
  for (const jobs::JobRecord& job : ended) {
    const Charge charge = *charge_of_job(job);
    const JobUsage usage = sources_.job_usage(job);
    add(&passed_,
        {.charge = charge,
         .account = job.account_id,
         .region = job.region,
         .resource = std::string(table_of_arn(job.table_arn)),
         .part = {},
         .operation = std::string(operation_of(charge)),
         .label = usage.label},
        static_cast<double>(usage.bytes) / kGigabyte);
  }
}

UsageMark Ledger::now() {
  look();
  const std::lock_guard lock(mutex_);
  UsageMark all{.name = {}, .time = looked_, .usage = since(sources_.requests(), before_)};
  for (const auto& [key, quantity] : passed_) all.usage[key] += quantity;
  return all;
}

Timestamp Ledger::began() const {
  const std::lock_guard lock(mutex_);
  return began_;
}

bool Ledger::mark(const std::string& name) {
  UsageMark made = now();
  made.name = name;
  const std::lock_guard lock(mutex_);
  std::erase_if(marks_, [&name](const UsageMark& mark) { return mark.name == name; });
  if (marks_.size() >= kMarksMax) return false;
  marks_.push_back(std::move(made));
  return true;
}

std::optional<UsageMark> Ledger::find(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(marks_.begin(), marks_.end(),
                                  [&name](const UsageMark& mark) { return mark.name == name; });
  return found == marks_.end() ? std::nullopt : std::optional(*found);
}

std::vector<std::pair<std::string, Timestamp>> Ledger::marks() const {
  std::vector<std::pair<std::string, Timestamp>> all;
  const std::lock_guard lock(mutex_);
  all.reserve(marks_.size());
  for (const UsageMark& mark : marks_) all.emplace_back(mark.name, mark.time);
  return all;
}

bool Ledger::remove(const std::string& name) {
  const std::lock_guard lock(mutex_);
  return std::erase_if(marks_, [&name](const UsageMark& mark) { return mark.name == name; }) > 0;
}

void Ledger::clear(const std::optional<std::string>& account) {
  look();
  const std::lock_guard lock(mutex_);
  Usage requests = sources_.requests();
  if (!account) {
    before_ = std::move(requests);
    passed_.clear();
    marks_.clear();
    began_ = looked_;
    return;
  }
  for (const auto& [key, quantity] : requests) {
    if (key.account == *account) before_[key] = quantity;
  }
  drop_account(*account, &passed_);
  for (UsageMark& mark : marks_) drop_account(*account, &mark.usage);
}

}  // namespace tidemark::admin
