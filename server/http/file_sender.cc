#include "server/http/file_sender.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <optional>

#include "base/log.h"

namespace tidemark::server {
namespace {

// What is read stays in the processor's cache until it is sent.
constexpr std::size_t kBlockBytes = 128 * 1024;
// After so much a peer that takes as fast as it is sent lets others have a turn.
constexpr std::size_t kTurnBytes = 1024 * 1024;

char* block_of_this_thread() {
  thread_local const std::unique_ptr<char[]> block = std::make_unique_for_overwrite<char[]>(kBlockBytes);
  return block.get();
}

// How many bytes the socket took; nothing on errors, of which EAGAIN is one.
std::optional<std::size_t> send_now(int socket, std::string_view head, std::string_view body) {
  std::array<iovec, 2> pieces{iovec{const_cast<char*>(head.data()), head.size()},
                              iovec{const_cast<char*>(body.data()), body.size()}};
  msghdr message{};
  message.msg_iov = pieces.data();
  message.msg_iovlen = pieces.size();
  for (;;) {
    const ssize_t sent = ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) return static_cast<std::size_t>(sent);
    if (errno != EINTR) return std::nullopt;
  }
}

}  // namespace

FileSender::State FileSender::send(int socket, std::string_view* head, bool may_wait) {
  std::size_t sent_bytes = 0;
  while (sent_bytes < kTurnBytes) {
    State failure = State::kDone;
    char* const block = block_of_this_thread();
    const std::size_t filled = fill(block, may_wait, &failure);
    if (filled == 0 && failure != State::kDone) return failure;
    const auto sent = send_now(socket, *head, {block, filled});
    if (!sent && errno != EAGAIN && errno != EWOULDBLOCK) return State::kClosed;
    const std::size_t of_head = std::min(sent.value_or(0), head->size());
    const std::size_t of_block = sent.value_or(0) - of_head;
    head->remove_prefix(of_head);
    sent_bytes_ += of_head + of_block;
    step_back(filled - of_block);
    sent_bytes += of_block;
    if (of_block < filled || !head->empty()) return State::kFull;
    if (is_done()) return State::kDone;
  }
  return State::kMore;
}

void FileSender::skip_finished() {
  while (!is_done() && offset_ == ranges_[index_].size) {
    ++index_;
    offset_ = 0;
  }
}

std::size_t FileSender::fill(char* block, bool may_wait, State* failure) {
  std::size_t filled = 0;
  skip_finished();
  while (filled < kBlockBytes && !is_done()) {
    const http::FileRange& range = ranges_[index_];
    const std::uint64_t at = range.offset + offset_;
    const auto wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(range.size - offset_, kBlockBytes - filled));
    Result<std::optional<std::size_t>> read = may_wait ? range.file->read_at(at, block + filled, wanted)
                                                       : range.file->read_cached(at, block + filled, wanted);
    if (read && !*read) {
      *failure = State::kOnDisk;
      break;
    }
    if (!read || **read == 0) {
      if (filled > 0) break;  // to be found again, when what is before it is gone
      const std::string why = read ? "it is shorter than announced" : read.error().message;
      log::error("a file to be sent cannot be read", {{"offset", at}, {"error", why}});
      *failure = State::kUnreadable;
      break;
    }
    offset_ += **read;
    filled += **read;
    skip_finished();
  }
  return filled;
}

void FileSender::step_back(std::uint64_t bytes) {
  while (bytes > offset_) {
    bytes -= offset_;
    offset_ = ranges_[--index_].size;
  }
  offset_ -= bytes;
}

}  // namespace tidemark::server
