// Takes the bytes of an object or part: small ones stay in memory, larger ones go to a data file.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "s3emu/store/block_sums.h"
#include "s3emu/store/data_files.h"
#include "s3emu/store/metadata_db.h"
#include "s3emu/store/object_types.h"

namespace tidemark::s3emu {

// Bytes that are stored but not yet referred to.
struct StoredData {
  std::vector<Segment> segments;
  Batch rows;  // belongs into the batch that refers to the segments

  [[nodiscard]] std::vector<std::string> file_ids() const;
};

std::vector<std::string> file_ids(const std::vector<Segment>& segments);
// Adds the erasure of what the segments own in the database; the caller removes the files after the commit.
void erase_segments(const std::vector<Segment>& segments, Batch* batch);

// Not thread-safe. What was not taken by finish() is removed by the destructor.
class DataSink {
 public:
  DataSink(std::shared_ptr<DataFiles> files, Random& random, const WriterOptions& options);
  ~DataSink();
  DataSink(const DataSink&) = delete;
  DataSink& operator=(const DataSink&) = delete;

  // Errors: EntityTooLarge, and those of the file.
  S3Result<void> write(std::string_view bytes);
  [[nodiscard]] std::uint64_t size() const { return size_; }
  // Whether all that is left to do happens in memory.
  [[nodiscard]] bool is_quick() const { return !file_ && !files_->syncs(); }

  // Call once, in this order: digests() when all bytes are in, then verify(), then finish().
  void digests();
  // Errors: BadDigest, XAmzContentSHA256Mismatch.
  [[nodiscard]] S3Result<void> verify(const ExpectedDigests& expected) const;
  [[nodiscard]] const std::string& md5() const { return md5_value_; }  // raw
  [[nodiscard]] const Checksum& checksum() const { return checksum_value_; }
  [[nodiscard]] const std::string& crc64nvme() const { return crc64nvme_value_; }  // with also_crc64nvme
  // Makes the bytes durable. The caller owns the result and removes its files when nothing comes to refer to
  // it.
  S3Result<StoredData> finish();

 private:
  const std::shared_ptr<DataFiles> files_;
  Random& random_;
  const WriterOptions options_;
  std::uint64_t size_ = 0;
  std::string buffer_;
  std::optional<DataFiles::NewFile> file_;
  BlockSummer sums_;  // of what is in the file
  Digest md5_{DigestAlgorithm::kMd5};
  ChecksumState checksum_;
  std::optional<ChecksumState> crc64nvme_;
  std::optional<Digest> sha256_;
  std::string md5_value_;
  std::string sha256_value_;
  Checksum checksum_value_;
  std::string crc64nvme_value_;
};

}  // namespace tidemark::s3emu
