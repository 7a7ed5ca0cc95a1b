#include "base/auth/policy/policy_text.h"

#include <algorithm>

#include "base/text.h"

namespace tidemark::auth {
namespace {

bool is_escape(std::string_view inside) { return inside == "*" || inside == "?" || inside == "$"; }

}  // namespace

std::string lower_condition_key(std::string_view key) {
  std::string out(key);
  const std::size_t end = key.find('/');
  for (std::size_t i = 0; i < out.size() && i < end; ++i) {
    if (out[i] >= 'A' && out[i] <= 'Z') out[i] = static_cast<char>(out[i] - 'A' + 'a');
  }
  return out;
}

PolicyText::PolicyText(std::string_view text, bool has_variables) : raw_(text) {
  bool found = false;
  while (has_variables) {
    const std::size_t start = text.find("${");
    const std::size_t end = start == std::string_view::npos ? start : text.find('}', start);
    if (end == std::string_view::npos) break;
    found = true;
    if (start > 0) pieces_.push_back({std::string(text.substr(0, start)), false, std::nullopt});
    add_variable(text.substr(start + 2, end - start - 2));
    text.remove_prefix(end + 1);
  }
  if (!found) {
    pattern_.add_pattern(text);
  } else if (!text.empty()) {
    pieces_.push_back({std::string(text), false, std::nullopt});
  }
}

void PolicyText::add_variable(std::string_view inside) {
  Piece piece;
  piece.is_variable = true;
  const std::size_t comma = inside.find(',');
  if (comma != std::string_view::npos) {
    std::string_view fallback = trimmed(inside.substr(comma + 1));
    if (fallback.size() >= 2 && fallback.front() == '\'' && fallback.back() == '\'') {
      fallback = fallback.substr(1, fallback.size() - 2);
    }
    piece.fallback = std::string(fallback);
    inside = inside.substr(0, comma);
  }
  inside = trimmed(inside);
  piece.text = is_escape(inside) ? std::string(inside) : lower_condition_key(inside);
  pieces_.push_back(std::move(piece));
}

bool PolicyText::is_fixed() const {
  if (pieces_.empty()) return !pattern_.has_wildcards();
  for (const Piece& piece : pieces_) {
    if (piece.is_variable ? !is_escape(piece.text) : piece.text.find_first_of("*?") != std::string::npos) {
      return false;
    }
  }
  return true;
}

std::optional<std::string> PolicyText::value_of(const Piece& piece, const ConditionKeys& keys) {
  if (is_escape(piece.text)) return piece.text;
  const auto values = keys.values(piece.text);
  if (values && values->size() == 1) return values->front();
  return piece.fallback;
}

std::optional<std::string> PolicyText::expand(const ConditionKeys& keys) const {
  if (pieces_.empty()) return raw_;
  std::string out;
  for (const Piece& piece : pieces_) {
    const auto text = piece.is_variable ? value_of(piece, keys) : piece.text;
    if (!text) return std::nullopt;
    out += *text;
  }
  return out;
}

bool PolicyText::matches(std::string_view text, const ConditionKeys& keys) const {
  if (pieces_.empty()) return pattern_.matches(text);
  Wildcard pattern;
  for (const Piece& piece : pieces_) {
    if (!piece.is_variable) {
      pattern.add_pattern(piece.text);
      continue;
    }
    const auto value = value_of(piece, keys);
    if (!value) return false;
    pattern.add_literal(*value);
  }
  return pattern.matches(text);
}

bool PolicyText::is_pending(const ConditionKeys& keys) const {
  return std::any_of(pieces_.begin(), pieces_.end(),
                     [&](const Piece& piece) { return piece.is_variable && keys.is_pending(piece.text); });
}

}  // namespace tidemark::auth
