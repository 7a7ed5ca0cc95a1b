#include "storage/load/sst_files.h"

#include <rocksdb/sst_file_writer.h>

#include <utility>

#include "base/log.h"

namespace tidemark::storage {
namespace {

constexpr std::uint64_t kFileBytesMax = 128ULL << 20;  // before compression
constexpr std::uint64_t kBytesBetweenChecks = 1ULL << 20;

}  // namespace

SstOutput::SstOutput(const RocksStore& store, FileSystem& files, std::string path_prefix,
                     RoomCheck check_room)
    : store_(store),
      files_(files),
      path_prefix_(std::move(path_prefix)),
      check_room_(std::move(check_room)) {}

SstOutput::~SstOutput() {
  for (const std::string& path : paths_) {
    if (!files_.exists(path)) continue;
    if (const auto removed = files_.remove(path); !removed) {
      // The next start sweeps it.
      log::warn("cannot remove a temporary file", {{"file", path}, {"error", removed.error().message}});
    }
  }
}

std::string SstOutput::next_path() {
  const std::lock_guard lock(mutex_);
  paths_.push_back(path_prefix_ + std::to_string(paths_.size() + 1) + ".sst");
  return paths_.back();
}

SstFileSequence::SstFileSequence(SstOutput& output) : output_(output) {}

SstFileSequence::~SstFileSequence() = default;

Result<void> SstFileSequence::add(std::string_view key, std::string_view value) {
  if (writer_ == nullptr) {
    writer_ = std::make_unique<rocksdb::SstFileWriter>(rocksdb::EnvOptions(), output_.options());
    paths_.push_back(output_.next_path());
    const auto opened = writer_->Open(paths_.back());
    if (!opened.ok()) return fail(rocks_error(opened, "creating " + paths_.back()));
  }
  const auto added = writer_->Put(slice(key), slice(value));
  if (!added.ok()) return fail(rocks_error(added, "writing " + paths_.back()));
  file_bytes_ += key.size() + value.size();
  bytes_since_check_ += key.size() + value.size();
  if (bytes_since_check_ >= kBytesBetweenChecks) {
    bytes_since_check_ = 0;
    RETURN_IF_ERROR(output_.check_room());
  }
  return file_bytes_ >= kFileBytesMax ? finish_file() : Result<void>();
}

Result<void> SstFileSequence::finish_file() {
  const auto finished = writer_->Finish();
  if (!finished.ok()) return fail(rocks_error(finished, "writing " + paths_.back()));
  writer_.reset();
  file_bytes_ = 0;
  return {};
}

Result<std::vector<std::string>> SstFileSequence::finish() {
  if (writer_ != nullptr) RETURN_IF_ERROR(finish_file());
  return std::move(paths_);
}

}  // namespace tidemark::storage
