// Reading YAML, and JSON as a part of it: a face over libyaml that knows where each value stands.
//
// libyaml is small, has a static archive in Debian, and gives events with their lines. What of YAML files do
// not need that people write by hand is refused: several documents, keys that are no scalars.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace tidemark::yaml {

struct Node {
  enum class Kind { kScalar, kSequence, kMapping };

  Kind kind = Kind::kScalar;
  std::string tag = {};   // `!Ref`; empty when there is none
  std::string text = {};  // of a scalar
  bool is_plain = false;  // a scalar without quotes: `true` may be meant as more than a text
  std::size_t line = 1;   // where it begins
  std::vector<Node> elements = {};
  std::vector<std::pair<std::string, Node>> members = {};  // in their order; each name once

  [[nodiscard]] bool is_scalar() const { return kind == Kind::kScalar; }
  [[nodiscard]] bool is_sequence() const { return kind == Kind::kSequence; }
  [[nodiscard]] bool is_mapping() const { return kind == Kind::kMapping; }
  [[nodiscard]] bool is_null() const {
    return is_scalar() && is_plain && (text.empty() || text == "~" || text == "null");
  }
  // The member of a mapping; null when there is none.
  [[nodiscard]] const Node* find(std::string_view name) const;
};

// Aliases are copies, `<<` takes over members. Errors: kInvalidArgument, `file_name:7: …`, also for what is,
// with its aliases, nested deeper than a hundred levels or more than a million values.
//
// A few bytes could stand for gigabytes: aliases of aliases, or a tag that is short for a long one. So what
// is copied is bounded before it is: what anchors keep and aliases repeat is 256,000 bytes at most, or ten
// times the text, whichever is more; a value counts as its texts and four bytes. That is far more than
// defaults that are taken over by every item of a list come to, and little enough for time and memory to go
// with the length of the text, whoever sent it.
Result<Node> parse(std::string_view text, const std::string& file_name);

// `file_name:7: what`
Error error_at(const std::string& file_name, std::size_t line, const std::string& what);

}  // namespace tidemark::yaml
