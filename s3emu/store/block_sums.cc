#include "s3emu/store/block_sums.h"

#include <algorithm>
#include <cstring>

#include "base/bytes.h"
#include "base/check.h"
#include "base/digest.h"

namespace tidemark::s3emu {
namespace {

constexpr char kFormat = 1;
constexpr std::size_t kCrcSize = 4;

class VerifiedFile final : public File {
 public:
  VerifiedFile(std::shared_ptr<const File> file, BlockSums sums,
               std::function<Error(std::uint64_t offset)> report)
      : file_(std::move(file)), sums_(std::move(sums)), report_(std::move(report)) {}

  Result<std::size_t> read_at(std::uint64_t offset, char* buffer, std::size_t size) const override {
    return read(offset, buffer, size, true);
  }

  Result<std::optional<std::size_t>> read_cached(std::uint64_t offset, char* buffer,
                                                 std::size_t size) const override {
    ASSIGN_OR_RETURN(const std::size_t done, read(offset, buffer, size, false));
    if (done == 0 && size > 0 && offset < sums_.size) return std::nullopt;
    return done;
  }

  Result<void> append(std::string_view /*bytes*/) override { return refused(); }
  Result<void> sync() override { return refused(); }
  Result<void> truncate(std::uint64_t /*size*/) override { return refused(); }
  [[nodiscard]] std::uint64_t size() const override { return sums_.size; }
  // Who reads past this face reads unchecked bytes.
  [[nodiscard]] int descriptor() const override { return -1; }

 private:
  static Result<void> refused() { return fail(Error::invalid_argument("object data is read-only")); }

  // Without `may_wait` only up to the first block that is not in memory.
  Result<std::size_t> read(std::uint64_t offset, char* buffer, std::size_t size, bool may_wait) const {
    if (file_->size() != sums_.size) return fail(report_(std::min(file_->size(), sums_.size)));
    std::size_t done = 0;
    while (done < size && offset < sums_.size) {
      const std::uint64_t block = offset / kSumBlockSize;
      const std::uint64_t start = block * kSumBlockSize;
      const auto block_size =
          static_cast<std::size_t>(std::min<std::uint64_t>(kSumBlockSize, sums_.size - start));
      const auto inside = static_cast<std::size_t>(offset - start);
      const std::size_t wanted = std::min(size - done, block_size - inside);
      thread_local const auto scratch = std::make_unique<char[]>(kSumBlockSize);
      char* const target = wanted == block_size ? buffer + done : scratch.get();
      ASSIGN_OR_RETURN(const bool is_there, read_block(block, target, block_size, may_wait));
      if (!is_there) break;
      if (wanted < block_size) std::memcpy(buffer + done, target + inside, wanted);
      done += wanted;
      offset += wanted;
    }
    return done;
  }

  // Whether the block is there; always with `may_wait`.
  Result<bool> read_block(std::uint64_t block, char* buffer, std::size_t size, bool may_wait) const {
    const std::uint64_t offset = block * kSumBlockSize;
    if (may_wait) {
      ASSIGN_OR_RETURN(const std::size_t got, file_->read_at(offset, buffer, size));
      if (got != size) return fail(report_(offset));
    } else {
      ASSIGN_OR_RETURN(const auto got, file_->read_cached(offset, buffer, size));
      if (got != size) return false;
    }
    if (crc32c(0, {buffer, size}) != sums_.at(block)) return fail(report_(offset));
    return true;
  }

  const std::shared_ptr<const File> file_;
  const BlockSums sums_;
  const std::function<Error(std::uint64_t offset)> report_;
};

}  // namespace

void BlockSummer::update(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::string_view step = bytes.substr(0, kSumBlockSize - size_ % kSumBlockSize);
    crc_ = crc32c(crc_, step);
    size_ += step.size();
    bytes.remove_prefix(step.size());
    if (size_ % kSumBlockSize != 0) continue;
    append_u32_be(&sums_, crc_);
    crc_ = 0;
  }
}

std::string BlockSummer::value() {
  if (size_ % kSumBlockSize != 0) append_u32_be(&sums_, crc_);
  std::string out(1, kFormat);
  append_varint(&out, size_);
  return out + sums_;
}

std::uint32_t BlockSums::at(std::uint64_t block) const {
  INVARIANT(block < crcs.size() / kCrcSize);
  return read_u32_be(crcs.data() + block * kCrcSize);
}

Result<std::optional<BlockSums>> decode_block_sums(std::string_view value) {
  if (value.empty()) return std::nullopt;
  const auto broken = [] { return fail(Error::corruption("object store: broken sums of a data file")); };
  if (value.front() != kFormat) return broken();
  value.remove_prefix(1);
  const auto size = take_varint(&value);
  if (!size || value.size() % kCrcSize != 0) return broken();
  if (value.size() / kCrcSize != *size / kSumBlockSize + (*size % kSumBlockSize != 0 ? 1 : 0)) {
    return broken();
  }
  return BlockSums{*size, std::string(value)};
}

std::shared_ptr<const File> verified_file(std::shared_ptr<const File> file, BlockSums sums,
                                          std::function<Error(std::uint64_t offset)> report) {
  return std::make_shared<VerifiedFile>(std::move(file), std::move(sums), std::move(report));
}

}  // namespace tidemark::s3emu
