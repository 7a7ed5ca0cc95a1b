// Listings: keys in bytewise order, grouped by a delimiter, a page at a time.
#include "base/check.h"
#include "s3emu/store/object_store.h"

namespace tidemark::s3emu {
namespace {

// The common prefix that `key`, which begins with `prefix`, is counted under.
std::optional<std::string> group_of(std::string_view key, std::string_view prefix,
                                    std::string_view delimiter) {
  if (delimiter.empty() || !key.starts_with(prefix)) return std::nullopt;
  const std::size_t at = key.find(delimiter, prefix.size());
  if (at == std::string_view::npos) return std::nullopt;
  return std::string(key.substr(0, at + delimiter.size()));
}

bool names_group(std::string_view marker, std::string_view prefix, std::string_view delimiter) {
  const auto group = group_of(marker, prefix, delimiter);
  return group && *group == marker;
}

}  // namespace

S3Result<ListResult> ObjectStore::list_objects(const std::string& bucket, const ListRequest& request) {
  RETURN_IF_ERROR(this->bucket(bucket));
  ListResult result;
  if (request.items_max == 0) return result;
  const std::string base = objects_prefix(bucket);
  const auto cursor = db_->cursor(base + request.prefix);
  const std::string& after = request.start_after;
  if (names_group(after, request.prefix, request.delimiter)) {
    cursor->seek(row_after_prefix(base + after));
  } else if (!after.empty() && after >= request.prefix) {
    cursor->seek(base + after + '\0');
  }
  std::size_t items = 0;
  while (cursor->valid() && items < request.items_max) {
    std::string key(cursor->key().substr(base.size()));
    ++items;
    if (auto group = group_of(key, request.prefix, request.delimiter)) {
      cursor->seek(row_after_prefix(base + *group));
      result.next = *group;
      result.common_prefixes.push_back(std::move(*group));
      continue;
    }
    result.next = key;
    auto info = decode_object_info(std::move(key), cursor->value());
    if (!info) return fail(S3Error::from(info.error()));
    result.objects.push_back(std::move(*info));
    cursor->next();
  }
  result.truncated = cursor->valid();
  if (!result.truncated) {
    result.next.clear();
    if (auto status = cursor->status(); !status) return fail(S3Error::from(status.error()));
  }
  return result;
}

namespace {

// Walks over the rows of all versions of a bucket, those of a key from the newest to the oldest.
class VersionWalk {
 public:
  VersionWalk(const Rows& rows, const std::string& bucket, const std::string& prefix)
      : current_base_(objects_prefix(bucket)),
        older_base_(versions_prefix(bucket)),
        current_(rows.cursor(current_base_ + prefix)),
        older_(rows.cursor(older_base_ + prefix)) {}

  [[nodiscard]] bool valid() const { return current_->valid() || older_->valid(); }

  [[nodiscard]] std::string key() const {
    if (!older_->valid()) return std::string(current_key());
    if (!current_->valid()) return std::string(older_key());
    return std::string(std::min(current_key(), older_key()));
  }

  [[nodiscard]] std::string_view value() const { return at_current() ? current_->value() : older_->value(); }

  // To the next version. `is_latest()` speaks of the one it stands at.
  void next() {
    newer_seen_of_ = key();
    (at_current() ? *current_ : *older_).next();
  }
  [[nodiscard]] bool is_latest() const { return key() != newer_seen_of_; }

  // To the first key that is not before `key`, or behind all that begin with it.
  void seek_key(const std::string& key) {
    current_->seek(current_base_ + key);
    older_->seek(older_base_ + key);
  }
  void skip_group(const std::string& group) {
    current_->seek(row_after_prefix(current_base_ + group));
    older_->seek(row_after_prefix(older_base_ + group));
  }
  void skip_key(const std::string& key) {
    current_->seek(current_base_ + key + '\0');
    older_->seek(row_after_prefix(older_base_ + key + '\0'));
  }
  // To the versions of `key`, where it stands, that are older than that sequence. Errors: kCorruption.
  Result<void> skip_to_older(const std::string& bucket, const std::string& key, std::uint64_t sequence) {
    if (current_->valid() && current_key() == key) {
      VersionStamp stamp;
      ASSIGN_OR_RETURN(const ObjectInfo info, decode_object_info(key, current_->value(), &stamp));
      if (stamp.sequence >= sequence) next();
    }
    if (older_->valid() && older_key() == key && sequence_of_row(older_->key()) >= sequence) {
      newer_seen_of_ = key;
      if (sequence == 0) {
        older_->seek(row_after_prefix(older_base_ + key + '\0'));
      } else {
        older_->seek(version_row(bucket, key, sequence - 1));
      }
    }
    return {};
  }

  [[nodiscard]] Result<void> status() const {
    if (!current_->valid()) RETURN_IF_ERROR(current_->status());
    if (!older_->valid()) RETURN_IF_ERROR(older_->status());
    return {};
  }

 private:
  [[nodiscard]] std::string_view current_key() const { return current_->key().substr(current_base_.size()); }
  [[nodiscard]] std::string_view older_key() const {
    const std::string_view row = older_->key().substr(older_base_.size());
    return row.substr(0, row.find('\0'));
  }
  [[nodiscard]] bool at_current() const {
    return current_->valid() && (!older_->valid() || current_key() <= older_key());
  }

  const std::string current_base_;
  const std::string older_base_;
  const std::unique_ptr<MetadataCursor> current_;
  const std::unique_ptr<MetadataCursor> older_;
  std::string newer_seen_of_;  // a key; none is empty
};

// Behind which sequence of the key a page begins. A `null` version that has gone gives nothing away about its
// place: the key is then listed from its newest version, rather than that something be left out.
S3Result<std::uint64_t> marker_sequence(const Rows& rows, const std::string& bucket, const std::string& key,
                                        const VersionStamp& marker) {
  if (!marker.random.empty()) return marker.sequence;
  ASSIGN_OR_RETURN(const auto found, find_version(rows, bucket, key, marker));
  return found ? found->record.version.sequence : UINT64_MAX;
}

S3Result<void> to_marker(VersionWalk* walk, const Rows& rows, const std::string& bucket,
                         const ListVersionsRequest& request) {
  const std::string& key = request.key_marker;
  const bool has_version = request.version_marker && !request.version_marker->empty();
  std::optional<VersionStamp> marker;
  if (has_version) {
    ASSIGN_OR_RETURN(marker, parse_choice(request.version_marker));
  }
  if (key.empty() || key < request.prefix) return {};
  if (names_group(key, request.prefix, request.delimiter)) {
    walk->skip_group(key);
  } else if (!marker) {
    walk->skip_key(key);
  } else {
    walk->seek_key(key);
    ASSIGN_OR_RETURN(const std::uint64_t sequence, marker_sequence(rows, bucket, key, *marker));
    auto skipped = walk->skip_to_older(bucket, key, sequence);
    if (!skipped) return fail(S3Error::from(skipped.error()));
  }
  return {};
}

}  // namespace

S3Result<ListVersionsResult> ObjectStore::list_versions(const std::string& bucket,
                                                        const ListVersionsRequest& request) {
  RETURN_IF_ERROR(this->bucket(bucket));
  ListVersionsResult result;
  // Versions move between rows: both walks need the same moment.
  const auto rows = db_->snapshot();
  VersionWalk walk(*rows, bucket, request.prefix);
  RETURN_IF_ERROR(to_marker(&walk, *rows, bucket, request));
  std::size_t items = 0;
  while (walk.valid() && items < request.items_max) {
    std::string key = walk.key();
    ++items;
    result.next_key = key;
    result.next_version.clear();
    if (auto group = group_of(key, request.prefix, request.delimiter)) {
      walk.skip_group(*group);
      result.next_key = *group;
      result.common_prefixes.push_back(std::move(*group));
      continue;
    }
    VersionStamp stamp;
    auto info = decode_object_info(std::move(key), walk.value(), &stamp);
    if (!info) return fail(S3Error::from(info.error()));
    info->version_id = version_id(stamp);
    result.next_version = info->version_id;
    result.versions.push_back({std::move(*info), walk.is_latest()});
    walk.next();
  }
  result.truncated = request.items_max > 0 && walk.valid();
  if (!result.truncated) {
    result.next_key.clear();
    result.next_version.clear();
  }
  if (auto status = walk.status(); !status) return fail(S3Error::from(status.error()));
  return result;
}

S3Result<ListUploadsResult> ObjectStore::list_uploads(const std::string& bucket,
                                                      const ListUploadsRequest& request) {
  RETURN_IF_ERROR(this->bucket(bucket));
  ListUploadsResult result;
  if (request.items_max == 0) return result;
  const std::string base = uploads_prefix(bucket);
  const auto cursor = db_->cursor(base + request.prefix);
  const std::string& after = request.key_marker;
  if (names_group(after, request.prefix, request.delimiter)) {
    cursor->seek(row_after_prefix(base + after));
  } else if (!after.empty() && after >= request.prefix) {
    // Ids are hexadecimal: 0xff stands behind all of them.
    const std::string id = request.id_marker.empty() ? "\xff" : request.id_marker + '\0';
    cursor->seek(upload_row(bucket, after, id));
  }
  std::size_t items = 0;
  while (cursor->valid() && items < request.items_max) {
    const std::string_view row = cursor->key().substr(base.size());
    const std::size_t end = row.find('\0');
    INVARIANT(end != std::string_view::npos);
    std::string key(row.substr(0, end));
    std::string id(row.substr(end + 1));
    ++items;
    if (auto group = group_of(key, request.prefix, request.delimiter)) {
      cursor->seek(row_after_prefix(base + *group));
      result.next_key = *group;
      result.next_id.clear();
      result.common_prefixes.push_back(std::move(*group));
      continue;
    }
    result.next_key = key;
    result.next_id = id;
    auto upload = decode_upload(std::move(key), std::move(id), cursor->value());
    if (!upload) return fail(S3Error::from(upload.error()));
    result.uploads.push_back(std::move(upload->info));
    cursor->next();
  }
  result.truncated = cursor->valid();
  if (!result.truncated) {
    result.next_key.clear();
    result.next_id.clear();
    if (auto status = cursor->status(); !status) return fail(S3Error::from(status.error()));
  }
  return result;
}

}  // namespace tidemark::s3emu
