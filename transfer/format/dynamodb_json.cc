#include "transfer/format/dynamodb_json.h"

namespace tidemark::transfer::format {
namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

}  // namespace

void JsonObjectSplitter::feed(std::string_view bytes) {
  // What was handed out is done with: move the rest to the front.
  buffer_.erase(0, begin_);
  scanned_ -= begin_;
  begin_ = 0;
  buffer_.append(bytes);
}

JsonObjectSplitter::Outcome JsonObjectSplitter::next(std::string_view* record) {
  if (depth_ == 0) {
    while (begin_ < buffer_.size() && is_space(buffer_[begin_])) ++begin_;
    scanned_ = begin_;
    if (begin_ == buffer_.size()) return Outcome::kNeedMore;
    if (buffer_[begin_] != '{') return Outcome::kBroken;
  }
  while (scanned_ < buffer_.size()) {
    if (in_string_) {
      const std::size_t stop = buffer_.find_first_of("\"\\", scanned_);
      if (stop == std::string::npos) {
        scanned_ = buffer_.size();
        break;
      }
      if (buffer_[stop] == '\\') {
        // Wait for the escaped character: it may be a quote.
        if (stop + 1 == buffer_.size()) {
          scanned_ = stop;
          break;
        }
        scanned_ = stop + 2;
        continue;
      }
      in_string_ = false;
      scanned_ = stop + 1;
      continue;
    }
    const char c = buffer_[scanned_++];
    if (c == '"') {
      in_string_ = true;
    } else if (c == '{') {
      ++depth_;
    } else if (c == '}' && --depth_ == 0) {
      // However it came: what arrives in pieces is refused below, before its end is seen.
      if (scanned_ - begin_ > kRecordBytesMax) return Outcome::kBroken;
      *record = std::string_view(buffer_).substr(begin_, scanned_ - begin_);
      begin_ = scanned_;
      return Outcome::kRecord;
    }
  }
  return buffer_.size() - begin_ > kRecordBytesMax ? Outcome::kBroken : Outcome::kNeedMore;
}

bool JsonObjectSplitter::at_clean_end() const {
  return depth_ == 0 && buffer_.find_first_not_of(" \n\r\t", begin_) == std::string::npos;
}

}  // namespace tidemark::transfer::format
