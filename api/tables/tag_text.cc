#include "api/tables/tag_text.h"

#include <algorithm>
#include <array>

#include "base/utf8.h"

namespace tidemark::api {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// Neither letters nor digits nor blanks; in order.
// Source: Unicode Character Database, general categories C, M's enclosing marks, P and S of common blocks.
constexpr std::array kOthers = std::to_array<Range>({
    {0x0080, 0x009F},  // controls
    {0x00A1, 0x00A9},    {0x00AB, 0x00B1},   {0x00B4, 0x00B4}, {0x00B6, 0x00B8}, {0x00BB, 0x00BB},
    {0x00BF, 0x00BF},    {0x00D7, 0x00D7},   {0x00F7, 0x00F7},                    // Latin-1
    {0x200B, 0x2027},    {0x202A, 0x202E},   {0x2030, 0x205E}, {0x2060, 0x206F},  // general punctuation
    {0x207A, 0x207E},    {0x208A, 0x208E},   {0x20A0, 0x20F0},                    // signs, currencies, marks
    {0x2190, 0x245F},    {0x249C, 0x24E9},   {0x2500, 0x2775}, {0x2794, 0x2BFF},  // arrows to dingbats
    {0x3001, 0x3004},    {0x3008, 0x3020},   {0x3030, 0x3030},                    // CJK
    {0xE000, 0xF8FF},                                                             // private use
    {0xFD3E, 0xFD3F},    {0xFE00, 0xFE6F},   {0xFEFF, 0xFEFF}, {0xFF01, 0xFF0F}, {0xFF1A, 0xFF20},
    {0xFF3B, 0xFF40},    {0xFF5B, 0xFF65},   {0xFFE0, 0xFFFF},  // presentation and full-width forms
    {0x1F000, 0x1F0FF},  {0x1F110, 0x1FAFF},                    // emoji
    {0xE0000, 0x10FFFF},                                        // tags, variation selectors, private use
});

bool is_ascii_allowed(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view(" +-=._:/@").find(c) != std::string_view::npos;
}

char32_t code_point(std::string_view sequence) {
  static constexpr std::array<unsigned, 5> kFirstBits = {0, 0x7F, 0x1F, 0x0F, 0x07};
  char32_t point = static_cast<unsigned char>(sequence.front()) & kFirstBits[sequence.size()];
  for (const char c : sequence.substr(1)) point = (point << 6) | (static_cast<unsigned char>(c) & 0x3F);
  return point;
}

bool is_other(char32_t point) {
  const auto range = std::ranges::lower_bound(kOthers, point, {}, &Range::last);
  return range != kOthers.end() && range->first <= point;
}

}  // namespace

bool is_tag_text(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    if (length == 1 ? !is_ascii_allowed(text.front()) : is_other(code_point(text.substr(0, length)))) {
      return false;
    }
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace tidemark::api
