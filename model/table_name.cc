#include "model/table_name.h"

#include <algorithm>

namespace tidemark::model {
namespace {

constexpr std::size_t kSizeMin = 3;
constexpr std::size_t kSizeMax = 255;

}  // namespace

bool has_only_name_characters(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
  });
}

bool is_table_name(std::string_view text) {
  return text.size() >= kSizeMin && text.size() <= kSizeMax && has_only_name_characters(text);
}

}  // namespace tidemark::model
