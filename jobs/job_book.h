// The records of all jobs of one kind: found, listed and paged, matched with client tokens, forgotten when
// they are old.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "jobs/job_record.h"
#include "storage/catalog.h"

namespace tidemark::jobs {

// A token is a new one this long after its job ended. Source: DynamoDB API reference, ClientToken.
inline constexpr std::int64_t kTokenLifetimeSeconds = 8 * 3'600;
// How long the service lists ended jobs.
inline constexpr std::int64_t kRememberedSeconds = 90LL * 24 * 3'600;
// Ended jobs of one kind that are remembered at most; the oldest go first. The service names no number.
inline constexpr std::size_t kEndedJobsMax = 10'000;
// And so much of them, by what their records take on disk: a request may have a filter of megabytes.
inline constexpr std::size_t kEndedBytesMax = std::size_t{64} << 20;

// Newest first.
struct JobPageRequest {
  std::size_t records_max = 10;
  std::optional<std::string> before_id = std::nullopt;  // the page begins behind this job, which may be gone
};
template <class Record>
struct JobPage {
  std::vector<Record> records;
  bool has_more = false;
};

// Held in memory and, each record a document of the catalog under (kind, arn), on disk. `Record` derives
// JobRecord and has
//
//   std::string to_json() const;
//   static Result<Record> from_json(std::string_view text);
//
// Thread-safety: all methods may be called concurrently. Errors: those of storage::Catalog.
template <class Record>
class JobBook {
 public:
  using Filter = std::function<bool(const Record&)>;

  // Reads what the catalog holds; what cannot be read is left out, and the log says so. `catalog` must
  // outlive the book.
  JobBook(storage::Catalog& catalog, std::string kind, std::size_t ended_max = kEndedJobsMax,
          std::size_t ended_bytes_max = kEndedBytesMax)
      : catalog_(catalog), kind_(std::move(kind)), ended_max_(ended_max), ended_bytes_max_(ended_bytes_max) {
    for (const auto& [arn, text] : catalog_.list_documents(kind_)) {
      if (auto record = Record::from_json(text)) {
        show({std::make_shared<const Record>(*std::move(record)), text.size()});
      } else {
        log::error("the record of a job cannot be read", {{"arn", arn}, {"error", record.error().message}});
      }
    }
  }

  [[nodiscard]] const std::string& kind() const { return kind_; }

  [[nodiscard]] std::optional<Record> find(std::string_view arn) const {
    const auto record = find_shown(arn.substr(arn.rfind('/') + 1));
    if (!record || record->arn != arn) return std::nullopt;
    return *record;
  }
  [[nodiscard]] std::optional<Record> find_id(std::string_view id) const {
    const auto record = find_shown(id);
    if (!record) return std::nullopt;
    return *record;
  }

  // The job that this token of that account began, unless the token has expired by `now`.
  [[nodiscard]] std::optional<Record> find_token(const storage::Owner& owner, std::string_view token,
                                                 Timestamp now) const {
    const std::lock_guard lock(mutex_);
    const auto found = by_token_.find(token_key(owner.account_id, owner.region, token));
    if (found == by_token_.end()) return std::nullopt;
    const Record& record = *by_id_.find(found->second)->second.record;
    if (is_ended(record.status) && record.end_time.plus_seconds(kTokenLifetimeSeconds) < now) {
      return std::nullopt;
    }
    return record;
  }

  [[nodiscard]] JobPage<Record> list(const JobPageRequest& request, const Filter& filter) const {
    JobPage<Record> page;
    const std::lock_guard lock(mutex_);
    auto at = request.before_id ? by_id_.lower_bound(*request.before_id) : by_id_.end();
    while (at != by_id_.begin()) {
      const Record& record = *(--at)->second.record;
      if (!filter(record)) continue;
      page.has_more = page.records.size() == request.records_max;
      if (page.has_more) break;
      page.records.push_back(record);
    }
    return page;
  }

  // Oldest first.
  [[nodiscard]] std::vector<Record> unfinished() const {
    std::vector<Record> records;
    const std::lock_guard lock(mutex_);
    for (const auto& [id, shown] : by_id_) {
      if (!is_ended(shown.record->status)) records.push_back(*shown.record);
    }
    return records;
  }
  // What their records take on disk.
  [[nodiscard]] std::size_t unfinished_bytes() const {
    std::size_t bytes = 0;
    const std::lock_guard lock(mutex_);
    for (const auto& [id, shown] : by_id_) {
      if (!is_ended(shown.record->status)) bytes += shown.bytes;
    }
    return bytes;
  }

  // Adds the record or replaces the one of its id.
  Result<void> put(const Record& record) {
    const std::lock_guard writing(write_mutex_);
    return write(record);
  }

  // Changes a record that others may change as well; `change` may refuse with an error, which is passed on.
  // Errors: kNotFound.
  Result<void> update(std::string_view id, const std::function<Result<void>(Record&)>& change) {
    const std::lock_guard writing(write_mutex_);
    auto record = find_id(id);
    if (!record) return fail(Error::not_found("there is no job " + std::string(id)));
    RETURN_IF_ERROR(change(*record));
    return write(*record);
  }

  Result<void> remove(const Record& record) {
    const std::lock_guard writing(write_mutex_);
    return erase(record);
  }

  // Removes ended jobs that are too old, too many or too large together, and returns them. One that cannot be
  // removed stays.
  std::vector<Record> forget_expired(Timestamp now) {
    const std::lock_guard writing(write_mutex_);
    return erase_all(expired(now));
  }

  // The same for all ended jobs that the filter takes.
  std::vector<Record> forget_ended(const std::function<bool(const JobRecord&)>& filter) {
    const std::lock_guard writing(write_mutex_);
    std::vector<Record> records;
    {
      const std::lock_guard lock(mutex_);
      for (const auto& [id, shown] : by_id_) {
        if (is_ended(shown.record->status) && filter(*shown.record)) records.push_back(*shown.record);
      }
    }
    return erase_all(std::move(records));
  }

 private:
  struct Shown {
    std::shared_ptr<const Record> record;
    std::size_t bytes = 0;  // on disk
  };

  // Needs write_mutex_. Those that could be removed.
  std::vector<Record> erase_all(std::vector<Record> forgotten) {
    std::erase_if(forgotten, [this](const Record& record) {
      const auto removed = erase(record);
      if (!removed) {
        log::warn("an old job cannot be forgotten",
                  {{"arn", record.arn}, {"error", removed.error().message}});
      }
      return !removed;
    });
    return forgotten;
  }

  // Tokens may hold any byte but `$`.
  static std::string token_key(std::string_view account, std::string_view region, std::string_view token) {
    return std::string(account).append("$").append(region).append("$").append(token);
  }
  static std::string token_key(const Record& record) {
    return token_key(record.account_id, record.region, record.client_token);
  }

  [[nodiscard]] std::shared_ptr<const Record> find_shown(std::string_view id) const {
    const std::lock_guard lock(mutex_);
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : found->second.record;
  }

  // These two need write_mutex_.
  Result<void> write(const Record& record) {
    const std::string text = record.to_json();
    RETURN_IF_ERROR(catalog_.put_document(kind_, record.arn, text));
    show({std::make_shared<const Record>(record), text.size()});
    return {};
  }

  Result<void> erase(const Record& record) {
    RETURN_IF_ERROR(catalog_.remove_document(kind_, record.arn));
    hide(record.id);
    return {};
  }

  void show(Shown shown) {
    const Record& record = *shown.record;
    const std::lock_guard lock(mutex_);
    // Where two jobs have one token, the later one counts: when it began, the token was a new one again.
    std::string& token_owner = by_token_[token_key(record)];
    token_owner = std::max(token_owner, record.id);
    by_id_.insert_or_assign(record.id, std::move(shown));
  }

  void hide(const std::string& id) {
    const std::lock_guard lock(mutex_);
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) return;
    const auto token = by_token_.find(token_key(*found->second.record));
    if (token != by_token_.end() && token->second == id) by_token_.erase(token);
    by_id_.erase(found);
  }

  // What forget_expired() is to remove, oldest first.
  std::vector<Record> expired(Timestamp now) const {
    const Timestamp oldest = now.plus_seconds(-kRememberedSeconds);
    std::vector<Record> records;
    std::size_t younger = 0;
    std::size_t younger_bytes = 0;
    const std::lock_guard lock(mutex_);
    for (auto at = by_id_.rbegin(); at != by_id_.rend(); ++at) {
      const Record& record = *at->second.record;
      if (!is_ended(record.status)) continue;
      younger_bytes += at->second.bytes;
      if (record.end_time < oldest || younger == ended_max_ || younger_bytes > ended_bytes_max_) {
        records.push_back(record);
      } else {
        ++younger;
      }
    }
    std::reverse(records.begin(), records.end());
    return records;
  }

  storage::Catalog& catalog_;
  const std::string kind_;
  const std::size_t ended_max_;
  const std::size_t ended_bytes_max_;
  std::mutex write_mutex_;    // held while a record is changed; before mutex_
  mutable std::mutex mutex_;  // guards what follows; never held while the catalog writes
  std::map<std::string, Shown, std::less<>> by_id_;
  std::map<std::string, std::string, std::less<>> by_token_;  // to the id of the job it began
};

}  // namespace tidemark::jobs
