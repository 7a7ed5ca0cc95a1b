// Reads the frames of one segment: what replay at start-up and the tails of a running log share.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/result.h"
#include "wal/record.h"
#include "wal/segment_format.h"

namespace tidemark::wal {

// A window onto the file that moves forward; it reads ahead. What it hands out is valid until the next call
// of any method. Not thread-safe. Errors of all methods: kIo.
class SegmentReader {
 public:
  SegmentReader(std::string path, std::shared_ptr<const File> file);

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const std::shared_ptr<const File>& file() const { return file_; }

  // The bytes at `offset`: fewer than `size` only at the end of the file.
  Result<std::string_view> bytes(std::uint64_t offset, std::size_t size);

  // The payload of the frame at `offset`; nothing where no whole frame with a matching checksum begins.
  Result<std::optional<std::string_view>> payload(std::uint64_t offset);

  // Forgets what was read ahead: the file may hold other bytes by now.
  void forget() { filled_ = 0; }

  // kCorruption that names the file.
  [[nodiscard]] Error corrupt(std::uint64_t offset, std::string_view what) const;

 private:
  Result<void> fill(std::uint64_t offset, std::size_t size);

  std::string path_;
  std::shared_ptr<const File> file_;
  std::string buffer_;
  std::uint64_t start_ = 0;  // of the window, in the file
  std::size_t filled_ = 0;
};

// Parses the payload of the frame at `offset` of `segment`. Errors: kCorruption, also when it is not the
// record `expected`.
Result<void> parse_record(const SegmentReader& segment, std::uint64_t offset, std::string_view payload,
                          SequenceNumber expected, RecordView* record);

}  // namespace tidemark::wal
