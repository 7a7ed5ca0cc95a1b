#include "transfer/format/item_builder.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/check.h"
#include "base/json_writer.h"
#include "model/canonical_text.h"
#include "model/item_size.h"
#include "model/words/values.h"

namespace tidemark::transfer::format {
namespace {

using model::AttributeType;
using model::ValueDefect;

constexpr std::uint32_t kContainerBytes = 3;  // as model/item_size.h counts
constexpr std::uint32_t kElementBytes = 1;

bool is_set(AttributeType type) {
  return type == AttributeType::kStringSet || type == AttributeType::kNumberSet ||
         type == AttributeType::kBinarySet;
}

AttributeType set_of(AttributeType member) {
  if (member == AttributeType::kString) return AttributeType::kStringSet;
  return member == AttributeType::kNumber ? AttributeType::kNumberSet : AttributeType::kBinarySet;
}

ValueDefect defect_of(model::NumberDefect defect) {
  switch (defect) {
    case model::NumberDefect::kOverflow:
      return ValueDefect::kNumberOverflow;
    case model::NumberDefect::kUnderflow:
      return ValueDefect::kNumberUnderflow;
    case model::NumberDefect::kTooManyDigits:
      return ValueDefect::kNumberTooManyDigits;
    case model::NumberDefect::kNotANumber:
      break;
  }
  return ValueDefect::kNotANumber;
}

}  // namespace

void ItemBuilder::begin() {
  text_.assign(1, '{');
  size_bytes_ = 0;
  attribute_starts_.clear();
  frames_.assign(1, Frame{.type = AttributeType::kMap, .text_begin = text_.size()});
  members_.clear();
  names_.clear();
  is_refused_ = false;
}

void ItemBuilder::refuse(std::string message) {
  if (std::exchange(is_refused_, true)) return;
  refusal_ = std::move(message);
}

void ItemBuilder::refuse(ValueDefect defect, std::string detail) {
  refuse(model::words::value_message({defect, std::move(detail)}, model::Wording::kClassic));
}

void ItemBuilder::name(std::string_view name) {
  if (is_refused_) return;
  Frame& frame = frames_.back();
  const bool is_outermost = frames_.size() == 1;
  if (is_outermost && name.empty()) return refuse(ValueDefect::kEmptyAttributeName);
  if (name.size() > model::kAttributeNameBytesMax) return refuse(ValueDefect::kAttributeNameTooLong);
  if (!frame.is_empty) {
    frame.is_ascending = frame.is_ascending && name_of(members_.back()) < name;
    text_ += ',';
  }
  frame.is_empty = false;
  members_.push_back({names_.size(), name.size(), text_.size(), size_bytes_});
  names_ += name;
  if (is_outermost) attribute_starts_.push_back(static_cast<std::uint32_t>(text_.size()));
  append_json_string(&text_, name);
  text_ += ':';
  add_size(name.size() + (is_outermost ? 0 : kElementBytes));
}

bool ItemBuilder::begin_value(AttributeType type) {
  if (is_refused_) return false;
  Frame& frame = frames_.back();
  if (is_set(frame.type)) {
    const bool fits = type <= AttributeType::kBinary && set_of(type) == frame.type;
    if (!fits) refuse("One or more parameter values were invalid: A set has a member of another type");
    return false;
  }
  if (frames_.size() > model::kNestingLevelsMax) {
    refuse(ValueDefect::kNestingTooDeep);
    return false;
  }
  if (frame.type == AttributeType::kList) {
    if (!std::exchange(frame.is_empty, false)) text_ += ',';
    add_size(kElementBytes);
  }
  text_ += "{\"";
  text_ += model::type_descriptor(type);
  text_ += "\":";
  return true;
}

void ItemBuilder::string(std::string_view text) {
  if (!begin_value(AttributeType::kString)) {
    if (!is_refused_) set_texts_.emplace_back(text);
    return;
  }
  append_json_string(&text_, text);
  text_ += '}';
  add_size(text.size());
}

void ItemBuilder::number(std::string_view text) {
  if (is_refused_) return;
  if (model::is_plainly_normal_number(text) && !is_set(frames_.back().type)) {
    if (!begin_value(AttributeType::kNumber)) return;
    text_ += '"';
    text_ += text;
    text_ += "\"}";
    return add_size(model::number_text_size_bytes(text));
  }
  const auto number = model::Number::parse(text);
  if (!number) {
    const ValueDefect defect = defect_of(number.error());
    const bool has_detail = defect != ValueDefect::kNumberTooManyDigits;
    return refuse(defect, has_detail ? std::string(text) : std::string());
  }
  if (!begin_value(AttributeType::kNumber)) {
    if (!is_refused_) set_numbers_.push_back(*number);
    return;
  }
  text_ += '"';
  number->append_to(&text_);
  text_ += "\"}";
  add_size(number->size_bytes());
}

void ItemBuilder::binary(std::string_view bytes) {
  if (!begin_value(AttributeType::kBinary)) {
    if (!is_refused_) set_texts_.emplace_back(bytes);
    return;
  }
  text_ += '"';
  append_base64(&text_, bytes);
  text_ += "\"}";
  add_size(bytes.size());
}

void ItemBuilder::boolean(bool value) {
  if (!begin_value(AttributeType::kBool)) return;
  text_ += value ? "true}" : "false}";
  add_size(1);
}

void ItemBuilder::null() {
  if (!begin_value(AttributeType::kNull)) return;
  text_ += "true}";
  add_size(1);
}

void ItemBuilder::open(AttributeType type) {
  if (!begin_value(type)) return;
  text_ += type == AttributeType::kMap ? '{' : '[';
  frames_.push_back({.type = type,
                     .text_begin = text_.size(),
                     .names_begin = names_.size(),
                     .members_begin = members_.size()});
  if (!is_set(type)) add_size(kContainerBytes);
}

void ItemBuilder::begin_map() { open(AttributeType::kMap); }
void ItemBuilder::begin_list() { open(AttributeType::kList); }

void ItemBuilder::begin_set(AttributeType type) {
  open(type);
  set_texts_.clear();
  set_numbers_.clear();
}

void ItemBuilder::end() {
  if (is_refused_) return;
  INVARIANT(frames_.size() > 1);
  const Frame frame = frames_.back();
  frames_.pop_back();
  if (frame.type == AttributeType::kMap) {
    end_map(frame);
    text_ += "}}";
  } else {
    if (is_set(frame.type)) end_set(frame.type);
    text_ += "]}";
  }
}

void ItemBuilder::end_map(const Frame& frame) {
  if (!frame.is_ascending) sort_members(frame);
  members_.resize(frame.members_begin);
  names_.resize(frame.names_begin);
}

void ItemBuilder::sort_members(const Frame& frame) {
  struct Piece {
    std::string_view name;
    std::string_view text;
    std::uint32_t size_bytes = 0;
  };
  std::vector<Piece> pieces;
  const std::size_t count = members_.size() - frame.members_begin;
  pieces.reserve(count);
  for (std::size_t i = frame.members_begin; i < members_.size(); ++i) {
    const bool is_last = i + 1 == members_.size();
    // In front of the next one stands a comma.
    const std::size_t text_end = is_last ? text_.size() : members_[i + 1].text_begin - 1;
    const std::uint32_t size_end = is_last ? size_bytes_ : members_[i + 1].size_begin;
    pieces.push_back(
        {name_of(members_[i]),
         std::string_view(text_).substr(members_[i].text_begin, text_end - members_[i].text_begin),
         size_end - members_[i].size_begin});
  }
  std::ranges::stable_sort(pieces, {}, &Piece::name);
  size_bytes_ = members_[frame.members_begin].size_begin;
  const bool is_outermost = frame.text_begin == 1;
  if (is_outermost) attribute_starts_.clear();
  sorted_.clear();
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const bool is_kept = i + 1 == pieces.size() || pieces[i + 1].name != pieces[i].name;
    if (!is_kept) continue;
    if (!sorted_.empty()) sorted_ += ',';
    if (is_outermost) {
      attribute_starts_.push_back(static_cast<std::uint32_t>(frame.text_begin + sorted_.size()));
    }
    sorted_ += pieces[i].text;
    size_bytes_ += pieces[i].size_bytes;
  }
  text_.resize(frame.text_begin);
  text_ += sorted_;
}

void ItemBuilder::end_set(AttributeType type) {
  switch (type) {
    case AttributeType::kStringSet:
      return end_string_set();
    case AttributeType::kNumberSet:
      return end_number_set();
    default:
      return end_binary_set();
  }
}

void ItemBuilder::end_string_set() {
  if (set_texts_.empty()) return refuse(ValueDefect::kEmptyStringSet);
  const auto sent = set_texts_;
  std::ranges::sort(set_texts_);
  if (std::ranges::adjacent_find(set_texts_) != set_texts_.end()) {
    return refuse(model::words::value_message({ValueDefect::kDuplicateInStringSet, {}, sent},
                                              model::Wording::kClassic));
  }
  for (std::size_t i = 0; i < set_texts_.size(); ++i) {
    if (i > 0) text_ += ',';
    append_json_string(&text_, set_texts_[i]);
    add_size(set_texts_[i].size());
  }
}

void ItemBuilder::end_number_set() {
  if (set_numbers_.empty()) return refuse(ValueDefect::kEmptyNumberSet);
  std::sort(set_numbers_.begin(), set_numbers_.end());
  if (std::adjacent_find(set_numbers_.begin(), set_numbers_.end()) != set_numbers_.end()) {
    return refuse(ValueDefect::kDuplicateInNumberSet);
  }
  for (std::size_t i = 0; i < set_numbers_.size(); ++i) {
    text_ += i > 0 ? ",\"" : "\"";
    set_numbers_[i].append_to(&text_);
    text_ += '"';
    add_size(set_numbers_[i].size_bytes());
  }
}

void ItemBuilder::end_binary_set() {
  if (set_texts_.empty()) return refuse(ValueDefect::kEmptyBinarySet);
  std::vector<std::string> sent;
  sent.reserve(set_texts_.size());
  for (const std::string& bytes : set_texts_) sent.push_back(base64_encode(bytes));
  std::ranges::sort(set_texts_);
  if (std::ranges::adjacent_find(set_texts_) != set_texts_.end()) {
    return refuse(model::words::value_message({ValueDefect::kDuplicateInBinarySet, {}, std::move(sent)},
                                              model::Wording::kClassic));
  }
  for (std::size_t i = 0; i < set_texts_.size(); ++i) {
    text_ += i > 0 ? ",\"" : "\"";
    append_base64(&text_, set_texts_[i]);
    text_ += '"';
    add_size(set_texts_[i].size());
  }
}

Result<void, std::string> ItemBuilder::take(model::Item* item) {
  if (is_refused_) return fail(refusal_);
  INVARIANT(frames_.size() == 1);
  if (!frames_.front().is_ascending) sort_members(frames_.front());
  text_ += '}';
  item->text.swap(text_);
  item->attribute_starts.swap(attribute_starts_);
  item->size_bytes = size_bytes_;
  return {};
}

}  // namespace tidemark::transfer::format
