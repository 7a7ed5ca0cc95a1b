// Finds rot: the CRC-32C of each block of a data file, taken while it is written and compared when it is
// read.
//
// ON DISK: the value of an `i` row (object_records.h) is empty, of a file that nobody has summed, or a format
// byte (1), the size of the file as a varint, and for each 64 KiB of it the CRC-32C of these bytes (u32be).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/file.h"

namespace tidemark::s3emu {

inline constexpr std::size_t kSumBlockSize = 64 << 10;

// The sums of bytes that come piece by piece. Not thread-safe.
class BlockSummer {
 public:
  void update(std::string_view bytes);
  // The sums of everything so far; then it is used up.
  std::string value();

 private:
  std::uint64_t size_ = 0;
  std::uint32_t crc_ = 0;  // of the block that is not full yet
  std::string sums_;
};

struct BlockSums {
  std::uint64_t size = 0;
  std::string crcs;  // u32be each

  [[nodiscard]] std::uint32_t at(std::uint64_t block) const;
};

// Nothing for an empty value. Errors: kCorruption.
Result<std::optional<BlockSums>> decode_block_sums(std::string_view value);

// `file` behind a check of every block that is read, which reads whole blocks. A read that would give wrong
// bytes fails with kCorruption instead, and so do all when the file has not the size it should have.
// `report(offset)` is called for each damaged block. Thread-safety: as of `file`, which must not change.
std::shared_ptr<const File> verified_file(std::shared_ptr<const File> file, BlockSums sums,
                                          std::function<Error(std::uint64_t offset)> report);

}  // namespace tidemark::s3emu
