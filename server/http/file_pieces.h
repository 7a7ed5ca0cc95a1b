// Reads the file ranges of a body piece by piece, for what cannot be sent by the system itself.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/http_message.h"

namespace tidemark::server {

// Used by one thread at a time.
class FilePieces {
 public:
  explicit FilePieces(std::vector<http::FileRange> ranges) : ranges_(std::move(ranges)) {}

  // Replaces `*piece` by what comes next; empty at the end. May wait for the disk. False when it cannot be
  // read, or the file is shorter than its range; the log says which.
  bool read(std::string* piece);

 private:
  static constexpr std::uint64_t kPieceBytes = 128 * 1024;

  std::vector<http::FileRange> ranges_;
  std::size_t next_ = 0;
};

}  // namespace tidemark::server
