// Items out of what a reader finds, value by value: for formats other than DynamoDB JSON, which goes straight
// to canonical text (model/item.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/attribute_value.h"
#include "model/item.h"
#include "model/value_error.h"

namespace tidemark::transfer::format {

// Writes the canonical text as the values come, without a tree; maps whose names do not ascend are sorted
// when they end, the last value of a name wins. What cannot be in an item (an empty set, a number out of
// range, nesting of more than 32 levels) is remembered, the first of it; whatever comes after is ignored.
// Memory: what the item takes, a few times. Not thread-safe.
class ItemBuilder {
 public:
  // A new item: its outermost map is open, and take() closes it.
  void begin();

  // In a map a name comes before each value.
  void name(std::string_view name);
  void string(std::string_view text);
  void number(std::string_view text);  // in the grammar of model::Number
  void binary(std::string_view bytes);
  void boolean(bool value);
  void null();
  void begin_map();
  void begin_list();
  void begin_set(model::AttributeType type);  // kStringSet, kNumberSet or kBinarySet
  void end();                                 // the map, list or set that began last

  void refuse(std::string message);

  // Errors: what is wrong with it, in the service's words where it has some.
  Result<void, std::string> take(model::Item* item);

 private:
  struct Member {
    std::size_t name_begin = 0;  // in names_
    std::size_t name_bytes = 0;
    std::size_t text_begin = 0;  // of its name, in text_
    std::uint32_t size_begin = 0;
  };
  // What is open. The outermost one is the item itself.
  struct Frame {
    model::AttributeType type = model::AttributeType::kMap;
    std::size_t text_begin = 0;
    std::size_t names_begin = 0;
    std::size_t members_begin = 0;
    bool is_ascending = true;
    bool is_empty = true;
  };

  void refuse(model::ValueDefect defect, std::string detail = {});
  // False when the value has no place in the item, or was the member of a set.
  bool begin_value(model::AttributeType type);
  void add_size(std::size_t bytes) { size_bytes_ += static_cast<std::uint32_t>(bytes); }
  void open(model::AttributeType type);
  void end_map(const Frame& frame);
  void sort_members(const Frame& frame);
  void end_set(model::AttributeType type);
  void end_string_set();
  void end_number_set();
  void end_binary_set();
  [[nodiscard]] std::string_view name_of(const Member& member) const {
    return std::string_view(names_).substr(member.name_begin, member.name_bytes);
  }

  std::string text_;
  std::uint32_t size_bytes_ = 0;
  std::vector<std::uint32_t> attribute_starts_;
  std::vector<Frame> frames_;
  std::vector<Member> members_;  // of all maps that are open, one above the other
  std::string names_;            // of those
  std::string sorted_;
  std::vector<std::string> set_texts_;      // decoded
  std::vector<model::Number> set_numbers_;  // of the set that is open
  bool is_refused_ = false;
  std::string refusal_;
};

}  // namespace tidemark::transfer::format
