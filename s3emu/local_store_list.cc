// Listings: keys in bytewise order, grouped by a delimiter, a page at a time.
#include "base/check.h"
#include "s3emu/local_store.h"

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

S3Result<ListResult> LocalStore::list_objects(const std::string& bucket, const ListRequest& request) {
  {
    const std::shared_lock lock(buckets_mutex_);
    RETURN_IF_ERROR(require_bucket(bucket));
  }
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

S3Result<ListUploadsResult> LocalStore::list_uploads(const std::string& bucket,
                                                     const ListUploadsRequest& request) {
  {
    const std::shared_lock lock(buckets_mutex_);
    RETURN_IF_ERROR(require_bucket(bucket));
  }
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
