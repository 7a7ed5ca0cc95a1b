#include "s3emu/rules/lifecycle_sweeper.h"

#include <chrono>
#include <utility>

#include "base/log.h"
#include "s3emu/store/object_events.h"

namespace tidemark::s3emu {
namespace {

constexpr int kNice = 10;
// More often than a day begins: the clock may not vouch for the new day before an hour of it has passed.
constexpr std::chrono::hours kLookInterval{1};
constexpr std::string_view kSetting = "lifecycle";

// One walk over one bucket.
class Walk {
 public:
  Walk(ObjectStore& store, const Bucket& bucket, const LifecycleRules& rules, Timestamp now,
       const std::stop_token& stop)
      : store_(store), bucket_(bucket), name_(bucket.info.name), rules_(rules), now_(now), stop_(stop) {}

  // Errors: those of the store; what was removed stays so. One object or upload that fails keeps none of the
  // others.
  S3Result<void> run() {
    if (bucket_.info.versioning == Versioning::kNever) {
      RETURN_IF_ERROR(walk_objects());
    } else {
      RETURN_IF_ERROR(walk_versions());
    }
    RETURN_IF_ERROR(walk_uploads());
    if (failure_) return fail(*failure_);
    return {};
  }
  [[nodiscard]] const LifecycleCounts& counts() const { return counts_; }

 private:
  using Counter = std::uint64_t LifecycleCounts::*;

  [[nodiscard]] bool is_due(const std::optional<LifecycleDue>& due) const { return due && due->when <= now_; }

  S3Result<void> walk_objects() {
    ListRequest request;
    while (!stop_.stop_requested()) {
      ASSIGN_OR_RETURN(const ListResult page, store_.list_objects(name_, request));
      for (const ObjectInfo& object : page.objects) look_at_current(object);
      RETURN_IF_ERROR(flush());
      if (!page.truncated) break;
      request.start_after = page.next;
    }
    return {};
  }

  S3Result<void> walk_versions() {
    ListVersionsRequest request;
    while (!stop_.stop_requested()) {
      ASSIGN_OR_RETURN(const ListVersionsResult page, store_.list_versions(name_, request));
      for (const ListedVersion& version : page.versions) look_at_version(version);
      if (!page.truncated) end_of_key();
      RETURN_IF_ERROR(flush());
      if (!page.truncated) break;
      request.key_marker = page.next_key;
      request.version_marker = page.next_version;
    }
    return {};
  }

  S3Result<void> walk_uploads() {
    ListUploadsRequest request;
    while (!stop_.stop_requested()) {
      ASSIGN_OR_RETURN(const ListUploadsResult page, store_.list_uploads(name_, request));
      for (const UploadInfo& upload : page.uploads) {
        if (!is_due(abort_of(rules_, upload.key, upload.initiated))) continue;
        if (const auto aborted = store_.abort_upload(name_, upload.key, upload.id); aborted) {
          ++counts_.uploads;
        } else {
          note(aborted.error());
        }
      }
      if (!page.truncated) break;
      request.key_marker = page.next_key;
      request.id_marker = page.next_id;
    }
    return {};
  }

  // What has gone meanwhile is as good as removed.
  void note(const S3Error& error) {
    if (error.status >= 500 && !failure_) failure_ = error;
  }

  // The object as the rules see it; `tags` holds its tags, should they matter.
  LifecycleObject seen(const ObjectInfo& info, const VersionChoice& version, NamedValues* tags) {
    LifecycleObject object{info.key, info.size, info.last_modified, nullptr};
    if (!depends_on_tags(rules_, info.key, info.size)) return object;
    auto details = store_.head_object(name_, info.key, version);
    if (!details) {
      note(details.error());
      return object;
    }
    *tags = std::move(details->metadata.tags);
    object.tags = tags;
    return object;
  }

  void look_at_current(const ObjectInfo& info) {
    NamedValues tags;
    if (!is_due(expiration_of(rules_, seen(info, std::nullopt, &tags)))) return;
    remove(info, std::nullopt, &LifecycleCounts::objects);
  }

  void look_at_version(const ListedVersion& version) {
    const ObjectInfo& info = version.info;
    if (info.key != key_) {
      end_of_key();
      key_ = info.key;
    }
    if (versions_of_key_ == 0 && info.is_delete_marker) lone_marker_ = info;
    if (version.is_latest) {
      if (!info.is_delete_marker) look_at_current(info);
    } else {
      look_at_noncurrent(info);
    }
    ++versions_of_key_;
    newer_modified_ = info.last_modified;
  }

  void look_at_noncurrent(const ObjectInfo& info) {
    NamedValues tags;
    LifecycleObject object{info.key, info.size, info.last_modified, &tags};
    if (!info.is_delete_marker) object = seen(info, info.version_id, &tags);
    const std::int64_t newer = versions_of_key_ - 1;
    if (!is_due(noncurrent_expiration_of(rules_, object, newer_modified_, newer))) return;
    remove(info, info.version_id, &LifecycleCounts::versions);
  }

  // All versions of a key were seen.
  void end_of_key() {
    if (versions_of_key_ == 1 && lone_marker_ &&
        is_due(marker_expiration_of(rules_, lone_marker_->key, lone_marker_->last_modified))) {
      remove(*lone_marker_, lone_marker_->version_id, &LifecycleCounts::markers);
    }
    lone_marker_.reset();
    versions_of_key_ = 0;
  }

  void remove(const ObjectInfo& info, VersionChoice version, Counter counter) {
    Deletion deletion{.key = info.key, .version = std::move(version)};
    // Not what has come in its place since the listing.
    deletion.if_modified = info.last_modified;
    deletion.owner = bucket_.info.owner;
    deletions_.push_back(std::move(deletion));
    counters_.push_back(counter);
  }

  S3Result<void> flush() {
    const std::vector<Deletion> deletions = std::exchange(deletions_, {});
    const std::vector<Counter> counters = std::exchange(counters_, {});
    if (deletions.empty()) return {};
    ASSIGN_OR_RETURN(const auto results, store_.delete_objects(name_, deletions, {.is_lifecycle = true}));
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (results[i]) ++(counts_.*counters[i]);
    }
    return {};
  }

  ObjectStore& store_;
  const Bucket& bucket_;
  const std::string name_;
  const LifecycleRules& rules_;
  const Timestamp now_;
  const std::stop_token& stop_;

  // Where the walk over versions is.
  std::string key_;
  std::int64_t versions_of_key_ = 0;
  Timestamp newer_modified_;  // of the version before
  std::optional<ObjectInfo> lone_marker_;

  std::vector<Deletion> deletions_;  // to come with the next flush
  std::vector<Counter> counters_;    // what each of them counts as
  LifecycleCounts counts_;
  std::optional<S3Error> failure_;  // the first one that the walk went on behind
};

void log_counts(const std::string& bucket, const LifecycleCounts& counts) {
  if (counts == LifecycleCounts{}) return;
  log::info("lifecycle rules applied", {{"bucket", bucket},
                                        {"objects", counts.objects},
                                        {"versions", counts.versions},
                                        {"markers", counts.markers},
                                        {"uploads", counts.uploads}});
}

void log_failure(const std::string& bucket, const S3Error& error) {
  log::warn("lifecycle rules not applied",
            {{"bucket", bucket}, {"code", error.code}, {"error", error.message}});
}

}  // namespace

LifecycleCounts& LifecycleCounts::operator+=(const LifecycleCounts& other) {
  objects += other.objects;
  versions += other.versions;
  markers += other.markers;
  uploads += other.uploads;
  return *this;
}

void LifecycleSweeper::start(Schedule& schedule) {
  worker_.emplace("lifecycle", kNice, [this](const std::stop_token& stop) { sweep(stop); });
  hourly_ = schedule.every(kLookInterval, "S3 lifecycle rules", [this] { worker_->wake(); },
                           {.settled = [this](const auto& stop) { worker_->drain(stop); },
                            .is_aligned = true,
                            .next_due = [this] { return next_day(); }});
  worker_->wake();
}

std::optional<Timestamp> LifecycleSweeper::next_day() const {
  for (const BucketInfo& info : store_.list_buckets()) {
    const auto bucket = store_.bucket(info.name);
    if (!bucket || (*bucket)->setting(kSetting) == nullptr) continue;
    const std::int64_t day = clock_.now().seconds() / kLifecycleDaySeconds;
    return Timestamp::from_seconds((day + 1) * kLifecycleDaySeconds);
  }
  return std::nullopt;
}

LifecycleCounts LifecycleSweeper::sweep(const std::stop_token& stop) {
  const std::scoped_lock lock(sweep_mutex_);
  const Timestamp now = clock_.forgetting_time();
  const std::int64_t day = now.seconds() / kLifecycleDaySeconds;
  LifecycleCounts all;
  std::map<std::string, Swept> swept;
  for (const BucketInfo& info : store_.list_buckets()) {
    const auto bucket = store_.bucket(info.name);
    const std::string* const document = bucket ? (*bucket)->setting(kSetting) : nullptr;
    if (document == nullptr) continue;
    Turn turn{.day = day, .rules = *document, .bucket = (*bucket)->identity};
    const auto before = swept_.find(info.name);
    const bool is_again = before != swept_.end() && before->second.turn == turn;
    if (is_again && before->second.is_done) {
      swept.insert(*before);
      continue;
    }
    LifecycleCounts counts;
    const auto done = sweep_bucket(**bucket, *document, now, stop, &counts);
    log_counts(info.name, counts);
    all += counts;
    // What a stop has cut off is not done.
    if (stop.stop_requested()) return all;
    if (!done && !is_again) log_failure(info.name, done.error());
    swept.emplace(info.name, Swept{.turn = std::move(turn), .is_done = done.has_value()});
  }
  swept_ = std::move(swept);
  return all;
}

S3Result<void> LifecycleSweeper::sweep_bucket(const Bucket& bucket, const std::string& document,
                                              Timestamp now, const std::stop_token& stop,
                                              LifecycleCounts* counts) {
  ASSIGN_OR_RETURN(const LifecycleRules rules, parse_lifecycle(document));
  Walk walk(store_, bucket, rules, now, stop);
  auto done = walk.run();
  *counts += walk.counts();
  return done;
}

}  // namespace tidemark::s3emu
