#include "base/auth/policy/wildcard.h"

#include <cstring>

namespace tidemark::auth {

void Wildcard::add(char c, bool any_one) {
  Segment& segment = segments_.back();
  if (any_one && segment.any.empty()) segment.any.resize(segment.text.size());
  if (any_one || !segment.any.empty()) segment.any.push_back(any_one);
  segment.text.push_back(c);
  has_any_one_ = has_any_one_ || any_one;
}

void Wildcard::add_pattern(std::string_view pattern) {
  for (const char c : pattern) {
    if (c == '*') {
      // Two in a row say no more than one.
      if (segments_.size() == 1 || !segments_.back().text.empty()) segments_.emplace_back();
    } else {
      add(c, c == '?');
    }
  }
}

void Wildcard::add_literal(std::string_view text) {
  for (const char c : text) add(c, false);
}

bool Wildcard::matches_at(const Segment& segment, std::string_view text, std::size_t at) {
  if (at > text.size() || text.size() - at < segment.text.size()) return false;
  if (segment.any.empty()) return text.compare(at, segment.text.size(), segment.text) == 0;
  for (std::size_t i = 0; i < segment.text.size(); ++i) {
    if (!segment.any[i] && text[at + i] != segment.text[i]) return false;
  }
  return true;
}

std::size_t Wildcard::find(const Segment& segment, std::string_view text, std::size_t from) {
  if (segment.text.size() > text.size() - from) return std::string_view::npos;
  if (segment.any.empty()) {
    if (segment.text.empty()) return from;
    const void* const found =
        ::memmem(text.data() + from, text.size() - from, segment.text.data(), segment.text.size());
    if (found == nullptr) return std::string_view::npos;
    return static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
  }
  for (std::size_t at = from; at + segment.text.size() <= text.size(); ++at) {
    if (matches_at(segment, text, at)) return at;
  }
  return std::string_view::npos;
}

bool Wildcard::matches(std::string_view text) const {
  const Segment& first = segments_.front();
  if (segments_.size() == 1) return text.size() == first.text.size() && matches_at(first, text, 0);
  const Segment& last = segments_.back();
  if (text.size() < first.text.size() + last.text.size()) return false;
  if (!matches_at(first, text, 0) || !matches_at(last, text, text.size() - last.text.size())) return false;
  // Each one between takes the leftmost place it can: that leaves most room for those behind it.
  const std::string_view middle = text.substr(0, text.size() - last.text.size());
  std::size_t at = first.text.size();
  for (std::size_t i = 1; i + 1 < segments_.size(); ++i) {
    at = find(segments_[i], middle, at);
    if (at == std::string_view::npos) return false;
    at += segments_[i].text.size();
  }
  return true;
}

}  // namespace tidemark::auth
