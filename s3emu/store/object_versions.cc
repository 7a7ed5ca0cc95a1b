#include "s3emu/store/object_versions.h"

#include "s3emu/store/data_sink.h"

namespace tidemark::s3emu {
namespace {

S3Result<ObjectRecord> decoded(const std::string& key, std::string_view value) {
  auto record = decode_object(key, value);
  if (!record) return fail(S3Error::from(record.error()));
  return std::move(*record);
}

S3Result<std::optional<std::string>> get_row(const Rows& rows, const std::string& row) {
  auto value = rows.get(row);
  if (!value) return fail(S3Error::from(value.error()));
  return std::move(*value);
}

// The `null` version among the noncurrent ones.
S3Result<std::optional<FoundVersion>> find_noncurrent_null(const Rows& rows, const std::string& bucket,
                                                           const std::string& key) {
  ASSIGN_OR_RETURN(const auto place, get_row(rows, null_row(bucket, key)));
  if (!place) return std::nullopt;
  const auto sequence = decode_sequence(*place);
  if (!sequence) return fail(S3Error::from(sequence.error()));
  std::string row = version_row(bucket, key, *sequence);
  ASSIGN_OR_RETURN(const auto value, get_row(rows, row));
  if (!value) {
    return fail(S3Error::from(Error::corruption("object store: a null version is missing: " + key)));
  }
  ASSIGN_OR_RETURN(ObjectRecord record, decoded(key, *value));
  return FoundVersion{std::move(record), std::move(row), false};
}

bool is_wanted(const VersionStamp& stamp, const VersionStamp& wanted) {
  if (wanted.random.empty()) return stamp.random.empty();
  return stamp.sequence == wanted.sequence && stamp.random == wanted.random;
}

void erase_noncurrent(Edit& edit, const std::string& bucket, const std::string& key,
                      const FoundVersion& version) {
  edit.erase(version.row);
  if (version.record.version.random.empty()) edit.erase(null_row(bucket, key));
}

void erase_data(Edit& edit, const std::vector<Segment>& segments, GoneFiles* gone) {
  Batch batch;
  erase_segments(segments, &batch);
  edit.add(batch);
  gone->push_back(file_ids(segments));
}

}  // namespace

S3Result<std::optional<VersionStamp>> parse_choice(const VersionChoice& choice) {
  if (!choice) return std::nullopt;
  if (const auto stamp = parse_version_id(*choice)) return stamp;
  return fail(S3Error::of(S3Code::kInvalidArgument, choice->empty() ? "Version id cannot be the empty string"
                                                                    : "Invalid version id specified")
                  .with("ArgumentName", "versionId")
                  .with("ArgumentValue", *choice));
}

S3Result<std::optional<ObjectRecord>> find_current(const Rows& rows, const std::string& bucket,
                                                   const std::string& key) {
  const auto value = rows.get(object_row(bucket, key));
  if (!value) return fail(S3Error::from(value.error()));
  if (!value->has_value()) return std::nullopt;
  return decoded(key, **value);
}

S3Result<std::optional<FoundVersion>> find_version(const Rows& rows, const std::string& bucket,
                                                   const std::string& key, const VersionStamp& wanted) {
  ASSIGN_OR_RETURN(std::optional<ObjectRecord> current, find_current(rows, bucket, key));
  if (current && is_wanted(current->version, wanted)) {
    return FoundVersion{std::move(*current), object_row(bucket, key), true};
  }
  if (wanted.random.empty()) return find_noncurrent_null(rows, bucket, key);
  std::string row = version_row(bucket, key, wanted.sequence);
  const auto value = rows.get(row);
  if (!value) return fail(S3Error::from(value.error()));
  if (!value->has_value()) return std::nullopt;
  ASSIGN_OR_RETURN(ObjectRecord record, decoded(key, **value));
  if (!is_wanted(record.version, wanted)) return std::nullopt;
  return FoundVersion{std::move(record), std::move(row), false};
}

S3Result<std::optional<FoundVersion>> find_newest_noncurrent(const Rows& rows, const std::string& bucket,
                                                             const std::string& key) {
  const auto cursor = rows.cursor(versions_prefix(bucket, key));
  if (!cursor->valid()) {
    if (auto status = cursor->status(); !status) return fail(S3Error::from(status.error()));
    return std::nullopt;
  }
  ASSIGN_OR_RETURN(ObjectRecord record, decoded(key, cursor->value()));
  return FoundVersion{std::move(record), std::string(cursor->key()), false};
}

S3Result<std::uint64_t> retire_current(Edit& edit, Versioning versioning, const std::string& bucket,
                                       const std::string& key, const std::optional<ObjectRecord>& current,
                                       GoneFiles* gone) {
  const bool replaces_null = versioning == Versioning::kSuspended;
  std::uint64_t newest = 0;
  if (current) {
    newest = current->version.sequence;
    if (replaces_null && current->version.random.empty()) {
      edit.erase(object_row(bucket, key));
      erase_data(edit, current->segments, gone);
      return newest;
    }
    edit.erase(object_row(bucket, key));
    put_noncurrent(edit, bucket, key, *current);
  } else {
    ASSIGN_OR_RETURN(const auto marker, find_newest_noncurrent(edit, bucket, key));
    if (marker) newest = marker->record.version.sequence;
  }
  if (replaces_null) {
    ASSIGN_OR_RETURN(const auto null, find_noncurrent_null(edit, bucket, key));
    if (null) {
      erase_noncurrent(edit, bucket, key, *null);
      erase_data(edit, null->record.segments, gone);
    }
  }
  return newest;
}

void put_noncurrent(Edit& edit, const std::string& bucket, const std::string& key,
                    const ObjectRecord& record) {
  const std::uint64_t sequence = record.version.sequence;
  edit.put(version_row(bucket, key, sequence), encode(record));
  if (record.version.random.empty()) edit.put(null_row(bucket, key), encode_sequence(sequence));
}

S3Result<void> remove_version(Edit& edit, const std::string& bucket, const std::string& key,
                              const FoundVersion& version, GoneFiles* gone) {
  if (version.is_current) {
    edit.erase(version.row);
  } else {
    erase_noncurrent(edit, bucket, key, version);
  }
  erase_data(edit, version.record.segments, gone);
  if (!version.is_current && !version.record.info.is_delete_marker) return {};
  // Only a marker, or the current version, can have been the newest.
  ASSIGN_OR_RETURN(const auto current, find_current(edit, bucket, key));
  if (current) return {};
  ASSIGN_OR_RETURN(const auto newest, find_newest_noncurrent(edit, bucket, key));
  if (!newest || newest->record.info.is_delete_marker) return {};
  erase_noncurrent(edit, bucket, key, *newest);
  edit.put(object_row(bucket, key), encode(newest->record));
  return {};
}

S3Error is_delete_marker(const ObjectRecord& marker) {
  return S3Error::of(S3Code::kMethodNotAllowed)
      .with("ResourceType", "DeleteMarker")
      .with_header("Allow", "DELETE")
      .with_header("Last-Modified", format_http_date(marker.info.last_modified))
      .with_header("x-amz-delete-marker", "true")
      .with_header("x-amz-version-id", version_id(marker.version));
}

S3Error hidden_by_marker(const ObjectRecord& marker) {
  return S3Error::of(S3Code::kNoSuchKey)
      .with("Key", marker.info.key)
      .with_header("x-amz-delete-marker", "true")
      .with_header("x-amz-version-id", version_id(marker.version));
}

}  // namespace tidemark::s3emu
