#include "storage/load/sort_run.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/bytes.h"
#include "base/check.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/release_memory.h"
#include "storage/store/keys.h"

namespace tidemark::storage {
namespace {

// In a spill file a record is
//   key_size:u32le value_size:u32le order:u64le key value
// Where it begins and ends, and its checksum, say saved() and load_journal.h.
constexpr std::size_t kRecordHeaderBytes = 16;
constexpr std::size_t kWriteBufferBytes = 1U << 20;

std::uint64_t prefix_of(std::string_view key) {
  std::array<char, 8> bytes{};
  std::memcpy(bytes.data(), key.data() + kIdBytes, std::min(bytes.size(), key.size() - kIdBytes));
  return read_u64_be(bytes.data());
}

std::uint32_t slice_of(const SortRecord& record) {
  return static_cast<unsigned char>(record.bytes[kIdBytes]);
}

class MemoryRunCursor final : public SortRunCursor {
 public:
  MemoryRunCursor(const SortRecord* begin, const SortRecord* end) : next_(begin), end_(end) {}

  Result<bool> next(SortRecord* record) override {
    if (next_ == end_) return false;
    *record = *next_++;
    return true;
  }

 private:
  const SortRecord* next_;
  const SortRecord* const end_;
};

// Compares what is read of a run, from the beginning of a slice on, with the checksums of the slices.
class SliceVerifier {
 public:
  SliceVerifier(const SavedRun& run, std::uint32_t first) : run_(run), slice_(first) {}

  // False: these are not the bytes that were written.
  bool take(std::string_view bytes) {
    while (!bytes.empty()) {
      const std::uint64_t rest = run_.starts[slice_ + 1] - run_.starts[slice_] - seen_;
      const std::string_view piece = bytes.substr(0, rest);
      sum_ = crc32c(sum_, piece);
      seen_ += piece.size();
      bytes.remove_prefix(piece.size());
      if (piece.size() < rest) return true;
      if (sum_ != run_.sums[slice_]) return false;
      ++slice_;
      seen_ = 0;
      sum_ = 0;
    }
    return true;
  }

 private:
  const SavedRun& run_;
  std::uint32_t slice_;
  std::uint64_t seen_ = 0;  // of the slice
  std::uint32_t sum_ = 0;
};

class SpilledRunCursor final : public SortRunCursor {
 public:
  SpilledRunCursor(const SpillFile& file, const SavedRun& run, std::uint32_t first, std::uint32_t end,
                   std::size_t buffer_bytes)
      : file_(file),
        verifier_(run, first),
        offset_(run.starts[first]),
        end_(run.starts[end]),
        // A small run gets a small buffer: those of many together must not take more than there is to read.
        buffer_(std::min<std::uint64_t>(buffer_bytes, end_ - offset_)) {}

  Result<bool> next(SortRecord* record) override {
    if (position_ == filled_ && offset_ == end_) return false;
    RETURN_IF_ERROR(need(kRecordHeaderBytes));
    const char* header = buffer_.data() + position_;
    record->key_size = read_u32_le(header);
    record->value_size = read_u32_le(header + 4);
    record->order = read_u64_le(header + 8);
    if (record->key_size < kKeyPrefixBytes) return fail(damaged());
    const std::size_t size = kRecordHeaderBytes + record->key_size + record->value_size;
    RETURN_IF_ERROR(need(size));
    record->bytes = buffer_.data() + position_ + kRecordHeaderBytes;
    record->prefix = prefix_of(record->key());
    position_ += size;
    return true;
  }

 private:
  // Has `size` bytes in the buffer at `position_`.
  Result<void> need(std::size_t size) {
    if (filled_ - position_ >= size) return {};
    if (size > filled_ - position_ + (end_ - offset_)) return fail(damaged());
    std::memmove(buffer_.data(), buffer_.data() + position_, filled_ - position_);
    filled_ -= position_;
    position_ = 0;
    if (buffer_.size() < size) buffer_.resize(size);
    while (filled_ < size) {
      const auto wanted =
          static_cast<std::size_t>(std::min<std::uint64_t>(buffer_.size() - filled_, end_ - offset_));
      ASSIGN_OR_RETURN(const std::size_t count,
                       file_.file->read_at(offset_, buffer_.data() + filled_, wanted));
      if (count == 0) return fail(Error::corruption(file_.path + " is shorter than what was written"));
      if (!verifier_.take({buffer_.data() + filled_, count})) return fail(damaged());
      filled_ += count;
      offset_ += count;
    }
    return {};
  }

  [[nodiscard]] Error damaged() const {
    return Error::corruption(file_.path + " is damaged before offset " + std::to_string(offset_));
  }

  const SpillFile& file_;
  SliceVerifier verifier_;
  std::uint64_t offset_;
  const std::uint64_t end_;
  std::vector<char> buffer_;
  std::size_t position_ = 0;
  std::size_t filled_ = 0;
};

}  // namespace

bool comes_before(const SortRecord& a, const SortRecord& b) {
  if (a.prefix != b.prefix) return a.prefix < b.prefix;
  const int order = a.key().compare(b.key());
  return order != 0 ? order < 0 : a.order > b.order;
}

SpillFile::~SpillFile() {
  file.reset();
  if (stays) return;
  if (const auto removed = files.remove(path); !removed) {
    // The next start sweeps it.
    log::warn("cannot remove a temporary file", {{"file", path}, {"error", removed.error().message}});
  }
}

char* SortRun::allocate(std::size_t size) {
  if (block_rest_ < size) {
    const std::size_t block = std::max<std::size_t>(block_bytes_, size);
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(block));
    block_position_ = blocks_.back().get();
    block_rest_ = block;
    memory_bytes_ += block;
  }
  char* const bytes = block_position_;
  block_position_ += size;
  block_rest_ -= size;
  return bytes;
}

void SortRun::add(std::string_view key, std::string_view value, std::uint64_t order) {
  INVARIANT(key.size() >= kKeyPrefixBytes);
  char* const bytes = allocate(key.size() + value.size());
  std::memcpy(bytes, key.data(), key.size());
  std::memcpy(bytes + key.size(), value.data(), value.size());
  records_.push_back({.prefix = prefix_of(key),
                      .order = order,
                      .bytes = bytes,
                      .key_size = static_cast<std::uint32_t>(key.size()),
                      .value_size = static_cast<std::uint32_t>(value.size())});
  memory_bytes_ += sizeof(SortRecord);
}

void SortRun::sort() {
  std::sort(records_.begin(), records_.end(), comes_before);
  std::uint64_t position = 0;
  for (std::uint32_t slice = 0; slice < kSortSlices; ++slice) {
    place_.starts[slice] = position;
    while (position < records_.size() && slice_of(records_[position]) == slice) ++position;
  }
  place_.starts[kSortSlices] = position;
}

Result<void> SortRun::spill(std::shared_ptr<SpillFile> file) {
  SliceStarts offsets;
  std::uint64_t offset = file->file->size();
  std::string buffer;
  buffer.reserve(kWriteBufferBytes);
  for (std::uint32_t slice = 0; slice < kSortSlices; ++slice) {
    offsets[slice] = offset;
    std::uint32_t sum = 0;
    std::size_t summed = buffer.size();  // what stands in the buffer before it is of other slices, or summed
    for (std::uint64_t i = place_.starts[slice]; i < place_.starts[slice + 1]; ++i) {
      const SortRecord& record = records_[i];
      append_u32_le(&buffer, record.key_size);
      append_u32_le(&buffer, record.value_size);
      append_u64_le(&buffer, record.order);
      buffer.append(record.bytes, std::size_t{record.key_size} + record.value_size);
      offset += kRecordHeaderBytes + record.key_size + record.value_size;
      if (buffer.size() < kWriteBufferBytes) continue;
      sum = crc32c(sum, std::string_view(buffer).substr(summed));
      RETURN_IF_ERROR(file->file->append(buffer));
      buffer.clear();
      summed = 0;
    }
    place_.sums[slice] = crc32c(sum, std::string_view(buffer).substr(summed));
  }
  offsets[kSortSlices] = offset;
  RETURN_IF_ERROR(file->file->append(buffer));
  place_.starts = offsets;
  place_.file = file->number;
  spill_file_ = std::move(file);
  release_memory(&records_);
  blocks_.clear();
  block_rest_ = 0;
  memory_bytes_ = 0;
  return {};
}

std::unique_ptr<SortRunCursor> SortRun::cursor(std::uint32_t first, std::uint32_t end,
                                               std::size_t buffer_bytes) const {
  if (spill_file_ != nullptr) {
    return std::make_unique<SpilledRunCursor>(*spill_file_, saved(), first, end, buffer_bytes);
  }
  return std::make_unique<MemoryRunCursor>(records_.data() + place_.starts[first],
                                           records_.data() + place_.starts[end]);
}

}  // namespace tidemark::storage
