// Deletions: for good, or behind a delete marker.
#include <set>

#include "s3emu/store/checks.h"
#include "s3emu/store/object_store.h"

namespace tidemark::s3emu {
namespace {

bool is_locked(const ObjectLock& lock, Timestamp now, bool bypass_governance) {
  if (lock.legal_hold) return true;
  if (lock.mode == LockMode::kNone || lock.retain_until <= now) return false;
  return lock.mode == LockMode::kCompliance || !bypass_governance;
}

S3Result<void> check_match(const Deletion& deletion, const ObjectRecord* record) {
  const bool is_object = record != nullptr && !record->info.is_delete_marker;
  if (deletion.if_match && !(is_object && etag_matches(*deletion.if_match, record->info.etag))) {
    return fail(S3Error::of(S3Code::kPreconditionFailed).with("Condition", "If-Match"));
  }
  if (deletion.if_modified && !(record != nullptr && record->info.last_modified == *deletion.if_modified)) {
    return fail(S3Error::of(S3Code::kPreconditionFailed).with("Condition", "LastModifiedTime"));
  }
  if (deletion.if_modified_second &&
      !(record != nullptr && record->info.last_modified.floor_second() == *deletion.if_modified_second)) {
    return fail(S3Error::of(S3Code::kPreconditionFailed).with("Condition", "LastModifiedTime"));
  }
  if (deletion.if_size && !(is_object && record->info.size == *deletion.if_size)) {
    return fail(S3Error::of(S3Code::kPreconditionFailed).with("Condition", "Size"));
  }
  return {};
}

}  // namespace

S3Result<DeleteResult> ObjectStore::hide_in(Edit& edit, const Bucket& bucket, const Deletion& deletion,
                                            const std::optional<ObjectRecord>& current, GoneFiles* gone) {
  const std::string& name = bucket.info.name;
  ASSIGN_OR_RETURN(const std::uint64_t newest,
                   retire_current(edit, bucket.info.versioning, name, deletion.key, current, gone));
  ObjectRecord marker;
  marker.info.key = deletion.key;
  marker.info.is_delete_marker = true;
  marker.info.last_modified = now();
  marker.info.owner = deletion.owner;
  marker.version = new_version(bucket.info.versioning, newest);
  put_noncurrent(edit, name, deletion.key, marker);
  return DeleteResult{version_id(marker.version), true};
}

S3Result<DeleteResult> ObjectStore::delete_in(Edit& edit, const Bucket& bucket, const Deletion& deletion,
                                              GoneFiles* gone) {
  const std::string& name = bucket.info.name;
  RETURN_IF_ERROR(check_key(deletion.key));
  ASSIGN_OR_RETURN(const auto wanted, parse_choice(deletion.version));
  const bool has_versions = bucket.info.versioning != Versioning::kNever;
  std::optional<FoundVersion> found;
  if (wanted) {
    ASSIGN_OR_RETURN(found, find_version(edit, name, deletion.key, *wanted));
  } else {
    ASSIGN_OR_RETURN(auto current, find_current(edit, name, deletion.key));
    if (has_versions) {
      RETURN_IF_ERROR(check_match(deletion, current ? &*current : nullptr));
      return hide_in(edit, bucket, deletion, current, gone);
    }
    if (current) found = FoundVersion{std::move(*current), object_row(name, deletion.key), true};
  }
  RETURN_IF_ERROR(check_match(deletion, found ? &found->record : nullptr));
  DeleteResult result{has_versions ? deletion.version.value_or("") : "", false};
  if (!found) return result;
  if (is_locked(found->record.metadata.lock, now(), deletion.bypass_governance)) {
    return fail(protected_by_lock());
  }
  result.removed = true;
  result.delete_marker = found->record.info.is_delete_marker;
  RETURN_IF_ERROR(remove_version(edit, name, deletion.key, *found, gone));
  return result;
}

std::optional<ObjectEvent> ObjectStore::deleted_event(const BucketPtr& bucket, const Deletion& deletion,
                                                      const DeleteResult& result,
                                                      const EventOrigin& origin) const {
  const bool is_marked = result.delete_marker && !result.removed;
  if (!is_marked && !result.removed) return std::nullopt;
  ObjectEvent event;
  event.name = origin.is_lifecycle ? "LifecycleExpiration:" : "ObjectRemoved:";
  event.name += is_marked ? "DeleteMarkerCreated" : "Delete";
  event.bucket = bucket;
  event.key = deletion.key;
  event.version_id = result.version_id;
  event.time = now();
  return event;
}

S3Result<DeleteResult> ObjectStore::delete_object(const std::string& bucket, const Deletion& deletion,
                                                  const EventOrigin& origin) {
  ASSIGN_OR_RETURN(auto results, delete_objects(bucket, {deletion}, origin));
  return std::move(results.front());
}

std::vector<std::unique_lock<std::mutex>> ObjectStore::lock_keys(const std::string& bucket,
                                                                 const std::vector<Deletion>& deletions) {
  std::set<std::size_t> indexes;
  for (const Deletion& deletion : deletions) indexes.insert(key_lock_index(bucket, deletion.key));
  std::vector<std::unique_lock<std::mutex>> locks;
  locks.reserve(indexes.size());
  for (const std::size_t index : indexes) locks.emplace_back(key_locks_[index]);
  return locks;
}

S3Result<std::vector<S3Result<DeleteResult>>> ObjectStore::delete_objects(
    const std::string& bucket, const std::vector<Deletion>& deletions, const EventOrigin& origin) {
  std::vector<S3Result<DeleteResult>> results;
  GoneFiles gone;
  PendingEvents events(events_, origin);
  {
    const std::shared_lock gate(buckets_gate_);
    const auto locks = lock_keys(bucket, deletions);
    ASSIGN_OR_RETURN(const BucketPtr state, this->bucket(bucket));
    const auto edit = db_->edit();
    for (const Deletion& deletion : deletions) {
      auto result = delete_in(*edit, *state, deletion, &gone);
      // It may have got half-way, and everything is written together.
      if (!result && result.error().status >= 500) return fail(result.error());
      results.push_back(std::move(result));
    }
    if (!edit->is_empty()) RETURN_IF_ERROR(write(*edit));
    for (std::size_t i = 0; events.is_heard() && i < deletions.size(); ++i) {
      if (!results[i]) continue;
      if (auto event = deleted_event(state, deletions[i], *results[i], origin)) events.add(std::move(*event));
    }
  }
  events.tell();
  remove_files(gone);
  return results;
}

}  // namespace tidemark::s3emu
