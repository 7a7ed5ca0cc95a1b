#include "server/http/file_pieces.h"

#include <algorithm>

#include "base/log.h"

namespace tidemark::server {

bool FilePieces::read(std::string* piece) {
  piece->clear();
  while (next_ < ranges_.size() && ranges_[next_].size == 0) ++next_;
  if (next_ == ranges_.size()) return true;
  http::FileRange& range = ranges_[next_];
  piece->resize(static_cast<std::size_t>(std::min(range.size, kPieceBytes)));
  const auto count = range.file->read_at(range.offset, piece->data(), piece->size());
  if (!count || *count == 0) {
    log::error("a body is cut short", {{"error", count ? "the file is too short" : count.error().message}});
    return false;
  }
  piece->resize(*count);
  range.offset += *count;
  range.size -= *count;
  return true;
}

}  // namespace tidemark::server
