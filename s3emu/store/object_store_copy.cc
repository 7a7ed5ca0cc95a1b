// Copies: hard links to the data files of the source.
#include <algorithm>

#include "base/bytes.h"
#include "s3emu/store/checks.h"
#include "s3emu/store/object_store.h"

namespace tidemark::s3emu {
namespace {

constexpr std::size_t kCopyBlockSize = 256 << 10;

// MD5 and checksum of a whole file.
S3Result<std::pair<std::string, Checksum>> digest_file(const File& file, std::uint64_t size,
                                                       ChecksumAlgorithm algorithm) {
  Digest md5(DigestAlgorithm::kMd5);
  ChecksumState checksum(algorithm);
  std::string block(kCopyBlockSize, '\0');
  for (std::uint64_t offset = 0; offset < size;) {
    const auto got = file.read_at(offset, block.data(), std::min<std::uint64_t>(block.size(), size - offset));
    if (!got) return fail(S3Error::from(got.error()));
    if (*got == 0) return fail(S3Error::from(Error::corruption("object data ends early")));
    const std::string_view bytes(block.data(), *got);
    md5.update(bytes);
    checksum.update(bytes);
    offset += *got;
  }
  return std::pair{md5.finish(), Checksum{algorithm, ChecksumType::kFullObject, checksum.finish(), 0}};
}

// Copies a run of bytes into `to`.
template <class Sink>
S3Result<void> copy_bytes(const File& from, std::uint64_t offset, std::uint64_t size, Sink&& sink) {
  std::string block(static_cast<std::size_t>(std::min<std::uint64_t>(kCopyBlockSize, size)), '\0');
  while (size > 0) {
    const auto got = from.read_at(offset, block.data(), std::min<std::uint64_t>(block.size(), size));
    if (!got) return fail(S3Error::from(got.error()));
    if (*got == 0) return fail(S3Error::from(Error::corruption("object data ends early")));
    RETURN_IF_ERROR(sink(std::string_view(block.data(), *got)));
    offset += *got;
    size -= *got;
  }
  return {};
}

// Reading is what finds rot. Larger sources are left to their readers, as what a download checks ahead.
S3Result<void> check_source(const File& data, std::uint64_t size) {
  if (size > kVerifiedAheadMax) return {};
  return copy_bytes(data, 0, size, [](std::string_view) -> S3Result<void> { return {}; });
}

}  // namespace

S3Result<ObjectStore::OpenRecord> ObjectStore::open_source(const CopySource& source) {
  ASSIGN_OR_RETURN(OpenRecord open, open_record(source.bucket, source.key, source.version));
  if (source.etag && !etag_matches(*source.etag, open.record.info.etag)) {
    return fail(S3Error::of(S3Code::kPreconditionFailed).with("Condition", "x-amz-copy-source-If-Match"));
  }
  return open;
}

S3Result<std::optional<std::pair<std::string, std::string>>> ObjectStore::link_file(const std::string& id) {
  auto linked = files_->link(id);
  if (!linked) return std::nullopt;
  auto sums = db_->get(file_row(id));
  if (sums && sums->has_value()) return std::pair{std::move(*linked), std::move(**sums)};
  files_->remove({*linked});
  if (!sums) return fail(S3Error::from(sums.error()));
  return std::nullopt;
}

S3Result<StoredData> ObjectStore::share_data(const OpenRecord& source, std::uint64_t offset,
                                             std::uint64_t size) {
  StoredData stored;
  const auto shared = [&]() -> S3Result<void> {
    std::uint64_t start = 0;  // of the segment, in the object
    for (const Segment& segment : source.record.segments) {
      const std::uint64_t begin = std::max(start, offset);
      const std::uint64_t end = std::min(start + segment.size, offset + size);
      const std::uint64_t inside = begin - start;
      start += segment.size;
      if (begin >= end) continue;
      if (!segment.is_inline) {
        ASSIGN_OR_RETURN(auto linked, link_file(segment.data_id));
        if (linked) {
          stored.rows.put(file_row(linked->first), std::move(linked->second));
          stored.segments.push_back({std::move(linked->first), false, segment.offset + inside, end - begin});
          continue;
        }
      }
      // Inline bytes; or the source's name has just gone, or has too many links: its bytes are still open.
      DataSink sink(files_, random_, {ChecksumAlgorithm::kNone, false});
      RETURN_IF_ERROR(copy_bytes(*source.data, begin, end - begin,
                                 [&](std::string_view bytes) { return sink.write(bytes); }));
      ASSIGN_OR_RETURN(StoredData copied, sink.finish());
      std::move(copied.segments.begin(), copied.segments.end(), std::back_inserter(stored.segments));
      std::move(copied.rows.rows.begin(), copied.rows.rows.end(), std::back_inserter(stored.rows.rows));
    }
    return {};
  }();
  if (!shared) {
    files_->remove(stored.file_ids());
    return fail(shared.error());
  }
  return stored;
}

S3Result<ObjectInfo> ObjectStore::copy_object(const CopySource& source, const std::string& bucket,
                                              const std::string& key, const CopyRequest& request,
                                              EventOrigin origin) {
  RETURN_IF_ERROR(check_key(key));
  ASSIGN_OR_RETURN(const BucketPtr target, this->bucket(bucket));
  ASSIGN_OR_RETURN(const OpenRecord open, open_source(source));
  const ObjectInfo& old = open.record.info;
  if (old.size > kPutSizeMax) {
    return fail(S3Error::of(S3Code::kInvalidRequest,
                            "The specified copy source is larger than the maximum allowable size for a copy "
                            "source: " +
                                std::to_string(kPutSizeMax)));
  }
  ObjectRecord record;
  if (request.metadata) {
    record.metadata = *request.metadata;
  } else {
    record.metadata.headers = open.record.metadata.headers;
    record.metadata.tags = open.record.metadata.tags;
    record.metadata.storage_class = open.record.metadata.storage_class;
  }
  record.info.key = key;
  record.info.size = old.size;
  record.info.storage_class = record.metadata.storage_class;
  record.info.etag = old.etag;
  record.info.checksum = old.checksum;
  ChecksumAlgorithm algorithm = request.checksum;
  if (algorithm == ChecksumAlgorithm::kNone) algorithm = old.checksum.algorithm;
  if (algorithm == ChecksumAlgorithm::kNone) algorithm = ChecksumAlgorithm::kCrc64Nvme;
  if (old.multipart || algorithm != old.checksum.algorithm) {
    ASSIGN_OR_RETURN(auto digests, digest_file(*open.data, old.size, algorithm));
    record.info.etag = to_hex(digests.first);
    record.info.checksum = std::move(digests.second);
  } else {
    RETURN_IF_ERROR(check_source(*open.data, old.size));
  }
  ASSIGN_OR_RETURN(StoredData stored, share_data(open, 0, old.size));
  record.segments = std::move(stored.segments);
  return commit_object(bucket, std::move(record), std::move(stored.rows), request.conditions,
                       {.is_copy = true, .bucket = target->identity, .origin = std::move(origin)});
}

S3Result<PartInfo> ObjectStore::copy_part(
    const CopySource& source, std::optional<std::pair<std::uint64_t, std::uint64_t>> offset_and_size,
    const std::string& bucket, const std::string& key, const std::string& upload_id, int number) {
  ASSIGN_OR_RETURN(const UploadRecord upload, get_upload(bucket, key, upload_id));
  ASSIGN_OR_RETURN(const OpenRecord open, open_source(source));
  const std::uint64_t whole = open.record.info.size;
  const auto [offset, size] = offset_and_size.value_or(std::pair<std::uint64_t, std::uint64_t>{0, whole});
  if (offset > whole || size > whole - offset) {
    return fail(
        S3Error::of(S3Code::kInvalidArgument,
                    "Range specified is not valid for source object of size: " + std::to_string(whole)));
  }
  if (size > kPutSizeMax) {
    return fail(S3Error::of(S3Code::kInvalidRequest,
                            "The specified copy source is larger than the maximum "
                            "allowable size for a copy source."));
  }
  ChecksumAlgorithm algorithm = upload.info.checksum;
  if (algorithm == ChecksumAlgorithm::kNone) algorithm = ChecksumAlgorithm::kCrc64Nvme;
  PartRecord record;
  record.info.number = number;
  record.info.size = size;
  const ObjectInfo& whole_info = open.record.info;
  if (size == whole && !whole_info.multipart && whole_info.checksum.algorithm == algorithm) {
    // The digests of the whole are known.
    RETURN_IF_ERROR(check_source(*open.data, size));
    record.info.etag = whole_info.etag;
    record.info.checksum = whole_info.checksum;
  } else {
    Digest md5(DigestAlgorithm::kMd5);
    ChecksumState checksum(algorithm);
    RETURN_IF_ERROR(copy_bytes(*open.data, offset, size, [&](std::string_view bytes) -> S3Result<void> {
      md5.update(bytes);
      checksum.update(bytes);
      return {};
    }));
    record.info.etag = to_hex(md5.finish());
    record.info.checksum = {algorithm, ChecksumType::kFullObject, checksum.finish(), 0};
  }
  ASSIGN_OR_RETURN(StoredData stored, share_data(open, offset, size));
  record.segments = std::move(stored.segments);
  return commit_part(bucket, key, upload_id, std::move(record), std::move(stored.rows));
}

}  // namespace tidemark::s3emu
