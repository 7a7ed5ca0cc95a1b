// Patterns with `*` (any run of characters) and `?` (any one), as policies use them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tidemark::auth {

// Matching takes time proportional to text times the longest stretch between two `*`, at worst, and memory
// for nothing: no backtracking over more than one `*`, so no pattern can make it explode.
class Wildcard {
 public:
  Wildcard() = default;
  // `*` and `?` in `pattern` are wildcards.
  explicit Wildcard(std::string_view pattern) { add_pattern(pattern); }

  // A pattern may be put together from pieces.
  void add_pattern(std::string_view pattern);
  void add_literal(std::string_view text);

  [[nodiscard]] bool matches(std::string_view text) const;
  [[nodiscard]] bool has_wildcards() const { return segments_.size() > 1 || has_any_one_; }

 private:
  // What stands between two `*`. `any[i]` is set where text[i] is a `?`; empty when there is none.
  struct Segment {
    std::string text;
    std::vector<bool> any;
  };

  static bool matches_at(const Segment& segment, std::string_view text, std::size_t at);
  static std::size_t find(const Segment& segment, std::string_view text, std::size_t from);
  void add(char c, bool any_one);

  std::vector<Segment> segments_ = {Segment{}};
  bool has_any_one_ = false;
};

}  // namespace tidemark::auth
