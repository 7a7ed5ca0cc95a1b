#include "transfer/format/dynamodb_json.h"

#include <algorithm>

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
  // Where the next quote is in the string that is being read. Looked for once, however many escapes are
  // before it.
  std::size_t quote = 0;
  const std::string_view text = buffer_;
  while (scanned_ < text.size()) {
    if (in_string_) {
      // One byte is looked for at a time: find_first_of() calls memchr() for every byte that it passes.
      if (quote < scanned_) quote = std::min(text.find('"', scanned_), text.size());
      if (const auto escape = text.substr(0, quote).find('\\', scanned_); escape != std::string_view::npos) {
        // Wait for the escaped character: it may be a quote.
        if (escape + 1 == text.size()) {
          scanned_ = escape;
          break;
        }
        scanned_ = escape + 2;
      } else if (quote == text.size()) {
        scanned_ = quote;
      } else {
        in_string_ = false;
        scanned_ = quote + 1;
      }
      continue;
    }
    const char c = text[scanned_++];
    if (c == '"') {
      in_string_ = true;
    } else if (c == '{') {
      ++depth_;
    } else if (c == '}' && --depth_ == 0) {
      // However it came: what arrives in pieces is refused below, before its end is seen.
      if (scanned_ - begin_ > kRecordBytesMax) return Outcome::kBroken;
      *record = text.substr(begin_, scanned_ - begin_);
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
