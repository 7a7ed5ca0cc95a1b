#include "s3emu/store/data_sink.h"

#include "base/bytes.h"
#include "base/release_memory.h"
#include "s3emu/store/checks.h"

namespace tidemark::s3emu {

std::vector<std::string> file_ids(const std::vector<Segment>& segments) {
  std::vector<std::string> ids;
  for (const Segment& segment : segments) {
    if (!segment.is_inline) ids.push_back(segment.data_id);
  }
  return ids;
}

std::vector<std::string> StoredData::file_ids() const { return s3emu::file_ids(segments); }

void erase_segments(const std::vector<Segment>& segments, Batch* batch) {
  for (const Segment& segment : segments) {
    batch->erase(segment.is_inline ? inline_row(segment.data_id) : file_row(segment.data_id));
  }
}

DataSink::DataSink(std::shared_ptr<DataFiles> files, Random& random, const WriterOptions& options)
    : files_(std::move(files)), random_(random), options_(options), checksum_(options.checksum) {
  if (options.also_crc64nvme) crc64nvme_.emplace(ChecksumAlgorithm::kCrc64Nvme);
  if (options.payload_sha256) sha256_.emplace(DigestAlgorithm::kSha256);
}

DataSink::~DataSink() {
  if (file_) files_->remove({file_->id});
}

S3Result<void> DataSink::write(std::string_view bytes) {
  if (bytes.size() > kPutSizeMax - size_) {
    return fail(S3Error::of(S3Code::kEntityTooLarge).with("MaxSizeAllowed", std::to_string(kPutSizeMax)));
  }
  size_ += bytes.size();
  md5_.update(bytes);
  checksum_.update(bytes);
  if (crc64nvme_) crc64nvme_->update(bytes);
  if (sha256_) sha256_->update(bytes);
  if (!file_) {
    if (size_ <= kInlineSizeMax) {
      buffer_.append(bytes);
      return {};
    }
    auto made = files_->create();
    if (!made) return fail(S3Error::from(made.error()));
    file_ = std::move(*made);
    if (auto moved = file_->file->append(buffer_); !moved) return fail(S3Error::from(moved.error()));
    sums_.update(buffer_);
    release_memory(&buffer_);
  }
  sums_.update(bytes);
  if (auto written = file_->file->append(bytes); !written) return fail(S3Error::from(written.error()));
  return {};
}

void DataSink::digests() {
  md5_value_ = md5_.finish();
  checksum_value_ = {options_.checksum, ChecksumType::kFullObject, checksum_.finish(), 0};
  if (crc64nvme_) crc64nvme_value_ = crc64nvme_->finish();
  if (sha256_) sha256_value_ = sha256_->finish();
}

S3Result<void> DataSink::verify(const ExpectedDigests& expected) const {
  if (expected.md5 && *expected.md5 != md5_value_) {
    return fail(md5_mismatch()
                    .with("ExpectedDigest", base64_encode(*expected.md5))
                    .with("CalculatedDigest", base64_encode(md5_value_)));
  }
  if (expected.payload_sha256 && *expected.payload_sha256 != sha256_value_) {
    return fail(S3Error::of(S3Code::kXAmzContentSha256Mismatch)
                    .with("ClientComputedContentSHA256", to_hex(*expected.payload_sha256))
                    .with("S3ComputedContentSHA256", to_hex(sha256_value_)));
  }
  if (expected.checksum && *expected.checksum != checksum_value_.value) {
    return fail(checksum_mismatch(options_.checksum));
  }
  return {};
}

S3Result<StoredData> DataSink::finish() {
  StoredData stored;
  if (size_ == 0) return stored;
  if (!file_) {
    const std::string id = random_.hex(32);
    stored.segments.push_back({id, true, 0, size_});
    stored.rows.put(inline_row(id), std::move(buffer_));
    return stored;
  }
  if (auto finished = files_->finish(*file_); !finished) return fail(S3Error::from(finished.error()));
  stored.segments.push_back({file_->id, false, 0, size_});
  stored.rows.put(file_row(file_->id), sums_.value());
  file_.reset();
  return stored;
}

}  // namespace tidemark::s3emu
