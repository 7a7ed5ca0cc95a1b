// Sends a body of files, a block at a time, and keeps nothing of it in memory between two calls: what the
// peer does not take at once is read again when it takes more.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "base/http_message.h"

namespace tidemark::server {

// For one thread at a time, not always the same one.
class FileSender {
 public:
  enum class State {
    kDone,
    kMore,        // its turn is over
    kFull,        // the socket takes no more for now
    kOnDisk,      // the next bytes are not in memory, and it was not to wait for them
    kUnreadable,  // a file could not be read, or is shorter than its range; the log says which
    kClosed,      // the peer is gone
  };

  explicit FileSender(std::vector<http::FileRange> ranges) : ranges_(std::move(ranges)) {}

  // Sends `*head`, which it shortens by what was sent, and the body behind it, through a socket that does not
  // block. Nothing is sent before the first bytes of the body have been read. `may_wait`: for the disk.
  State send(int socket, std::string_view* head, bool may_wait);
  // Head and body together, up to now.
  [[nodiscard]] std::uint64_t sent_bytes() const { return sent_bytes_; }

 private:
  [[nodiscard]] bool is_done() const { return index_ == ranges_.size(); }
  // Takes the place forward over ranges that are done.
  void skip_finished();
  // Fills the block with what comes next, and takes the place forward by it. Returns how many bytes there
  // are.
  std::size_t fill(char* block, bool may_wait, State* failure);
  void step_back(std::uint64_t bytes);

  std::vector<http::FileRange> ranges_;
  std::size_t index_ = 0;     // of the range of the next byte
  std::uint64_t offset_ = 0;  // of it in there
  std::uint64_t sent_bytes_ = 0;
};

}  // namespace tidemark::server
