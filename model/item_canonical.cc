// From a client's JSON to canonical text, in one walk and without a tree.
#include <algorithm>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"
#include "base/json_writer.h"
#include "model/canonical_text.h"
#include "model/item.h"
#include "model/item_size.h"
#include "model/value_types.h"

namespace tidemark::model {
namespace {

struct Member {
  std::string_view name;
  json::Value value;
};

// The members of all objects that are open at the moment, one above the other; kept to save allocations.
std::vector<Member>& member_stack() {
  thread_local std::vector<Member> stack;
  return stack;
}
constexpr std::size_t kKeptMembersMax = 4'096;

// Sorted output is what everybody wants. Document order gives no canonical text, but finds the defect that
// stands first in the document, which is the one the service reports.
enum class Order { kSorted, kDocument };

class Canonicalizer {
 public:
  Canonicalizer(std::string* out, Order order, int levels_max)
      : out_(*out), order_(order), levels_max_(levels_max), stack_(member_stack()) {
    stack_.clear();
  }
  ~Canonicalizer() {
    if (stack_.capacity() > kKeptMembersMax) std::vector<Member>().swap(stack_);
  }
  Canonicalizer(const Canonicalizer&) = delete;
  Canonicalizer& operator=(const Canonicalizer&) = delete;

  // All of these append text, add to size_bytes() and return false, with error() set, at the first defect.
  bool item(json::Value object) {
    if (!object.is_object()) return fail_with(ValueDefect::kSerialization);
    return attributes(object, 1, 0);
  }
  bool value(json::Value value, int level);

  [[nodiscard]] std::uint32_t size_bytes() const { return size_bytes_; }
  ValueError take_error() { return std::move(error_); }

 private:
  bool fail_with(ValueDefect defect, std::string detail = {}) {
    error_ = {defect, std::move(detail)};
    return false;
  }
  bool fail_with_members(ValueDefect defect, json::Value array);
  void add_size(std::size_t bytes) { size_bytes_ += static_cast<std::uint32_t>(bytes); }

  bool attributes(json::Value object, int level, std::uint32_t bytes_per_member);
  bool members_of_value(json::Value value, int level);
  bool content(AttributeType type, json::Value value, int level);
  bool string_content(json::Value value);
  bool number_content(json::Value value);
  bool binary_content(json::Value value);
  bool boolean_content(json::Value value);
  bool null_content(json::Value value);
  bool string_set_content(json::Value value);
  bool number_set_content(json::Value value);
  bool binary_set_content(json::Value value);
  bool list_content(json::Value value, int level);
  bool map_content(json::Value value, int level);
  bool parse_number(std::string_view text, Number* out);

  std::string& out_;
  const Order order_;
  const int levels_max_;
  std::vector<Member>& stack_;
  std::uint32_t size_bytes_ = 0;
  ValueError error_{ValueDefect::kSerialization};
};

// Sorts by name and keeps the last member of each name.
void sort_members(std::vector<Member>* stack, std::size_t base) {
  constexpr std::size_t kInsertionSortMax = 16;
  const auto begin = stack->begin() + static_cast<std::ptrdiff_t>(base);
  const auto is_before = [](const Member& a, const Member& b) { return a.name < b.name; };
  if (stack->size() - base <= kInsertionSortMax) {
    for (auto i = begin; i != stack->end(); ++i) {
      std::rotate(std::upper_bound(begin, i, *i, is_before), i, i + 1);
    }
  } else {
    std::stable_sort(begin, stack->end(), is_before);
  }
  auto kept = begin;
  for (auto i = begin; i != stack->end(); ++i) {
    const bool is_last = i + 1 == stack->end() || (i + 1)->name != i->name;
    if (is_last) *kept++ = *i;
  }
  stack->erase(kept, stack->end());
}

bool Canonicalizer::attributes(json::Value object, int level, std::uint32_t bytes_per_member) {
  const std::size_t base = stack_.size();
  bool is_ascending = true;
  Member member;
  for (json::ObjectCursor cursor = object.members(); cursor.next(&member.name, &member.value);) {
    is_ascending = is_ascending && (stack_.size() == base || stack_.back().name < member.name);
    stack_.push_back(member);
  }
  if (!is_ascending && order_ == Order::kSorted) sort_members(&stack_, base);
  out_.push_back('{');
  const std::size_t end = stack_.size();
  for (std::size_t i = base; i < end; ++i) {
    const Member current = stack_[i];  // the stack may move below
    if (level == 1 && current.name.empty()) return fail_with(ValueDefect::kEmptyAttributeName);
    if (current.name.size() > kAttributeNameBytesMax) return fail_with(ValueDefect::kAttributeNameTooLong);
    if (i > base) out_.push_back(',');
    append_json_string(&out_, current.name);
    out_.push_back(':');
    add_size(bytes_per_member + current.name.size());
    if (!value(current.value, level)) return false;
  }
  out_.push_back('}');
  stack_.resize(base);
  return true;
}

// `level` is 1 for the value of a top-level attribute.
bool Canonicalizer::value(json::Value value, int level) {
  if (level > levels_max_) return fail_with(ValueDefect::kNestingTooDeep);
  if (value.is_null()) return fail_with(ValueDefect::kEmptyValue);
  if (!value.is_object()) return fail_with(ValueDefect::kSerialization);
  std::string_view name;
  json::Value member;
  json::ObjectCursor cursor = value.members();
  if (value.size() == 1 && cursor.next(&name, &member)) [[likely]] {
    const auto type = parse_type_descriptor(name);
    if (!type || member.is_null()) return fail_with(ValueDefect::kEmptyValue);
    return content(*type, member, level);
  }
  return members_of_value(value, level);
}

// A value that does not have exactly one member: it may hold unknown ones, nulls, repeated ones, or too many.
bool Canonicalizer::members_of_value(json::Value value, int level) {
  std::vector<std::pair<AttributeType, json::Value>> known;
  std::string_view name;
  json::Value member;
  for (json::ObjectCursor cursor = value.members(); cursor.next(&name, &member);) {
    const auto type = parse_type_descriptor(name);
    if (!type) continue;
    const auto same =
        std::find_if(known.begin(), known.end(), [&](const auto& k) { return k.first == *type; });
    if (same == known.end()) {
      known.emplace_back(*type, member);
    } else {
      same->second = member;
    }
  }
  std::erase_if(known, [](const auto& k) { return k.second.is_null(); });
  if (known.empty()) return fail_with(ValueDefect::kEmptyValue);
  for (const auto& [type, member_value] : known) {
    if (!content(type, member_value, level)) return false;
  }
  return known.size() == 1 || fail_with(ValueDefect::kMultipleTypes);
}

bool Canonicalizer::content(AttributeType type, json::Value value, int level) {
  out_.append("{\"");
  out_.append(type_descriptor(type));
  out_.append("\":");
  bool good = false;
  switch (type) {
    case AttributeType::kString:
      good = string_content(value);
      break;
    case AttributeType::kNumber:
      good = number_content(value);
      break;
    case AttributeType::kBinary:
      good = binary_content(value);
      break;
    case AttributeType::kBool:
      good = boolean_content(value);
      break;
    case AttributeType::kNull:
      good = null_content(value);
      break;
    case AttributeType::kStringSet:
      good = string_set_content(value);
      break;
    case AttributeType::kNumberSet:
      good = number_set_content(value);
      break;
    case AttributeType::kBinarySet:
      good = binary_set_content(value);
      break;
    case AttributeType::kList:
      good = list_content(value, level);
      break;
    case AttributeType::kMap:
      good = map_content(value, level);
      break;
  }
  out_.push_back('}');
  return good;
}

bool Canonicalizer::string_content(json::Value value) {
  if (!value.is_string()) return fail_with(ValueDefect::kSerialization);
  const std::string_view text = value.string();
  append_json_string(&out_, text);
  add_size(text.size());
  return true;
}

bool Canonicalizer::parse_number(std::string_view text, Number* out) {
  const auto number = Number::parse(text);
  if (number) {
    *out = *number;
    return true;
  }
  switch (number.error()) {
    case NumberDefect::kOverflow:
      return fail_with(ValueDefect::kNumberOverflow, std::string(text));
    case NumberDefect::kUnderflow:
      return fail_with(ValueDefect::kNumberUnderflow, std::string(text));
    case NumberDefect::kTooManyDigits:
      return fail_with(ValueDefect::kNumberTooManyDigits);
    case NumberDefect::kNotANumber:
      break;
  }
  return fail_with(ValueDefect::kNotANumber, std::string(text));
}

bool Canonicalizer::number_content(json::Value value) {
  if (!value.is_string()) return fail_with(ValueDefect::kSerialization);
  const std::string_view text = value.string();
  out_.push_back('"');
  if (is_plainly_normal_number(text)) {
    out_.append(text);
    add_size(number_text_size_bytes(text));
  } else {
    Number number;
    if (!parse_number(text, &number)) return false;
    number.append_to(&out_);
    add_size(number.size_bytes());
  }
  out_.push_back('"');
  return true;
}

bool Canonicalizer::binary_content(json::Value value) {
  if (!value.is_string() || !is_base64(value.string())) return fail_with(ValueDefect::kSerialization);
  const std::string_view text = value.string();
  out_.push_back('"');
  out_.append(text);
  out_.push_back('"');
  add_size(base64_decoded_size(text));
  return true;
}

bool Canonicalizer::boolean_content(json::Value value) {
  const auto truth = boolean_from_json(value);
  if (!truth) return fail_with(ValueDefect::kSerialization);
  out_.append(*truth ? "true" : "false");
  add_size(1);
  return true;
}

bool Canonicalizer::null_content(json::Value value) {
  const auto truth = boolean_from_json(value);
  if (!truth) return fail_with(ValueDefect::kSerialization);
  if (!*truth) return fail_with(ValueDefect::kNullNotTrue);
  out_.append("true");
  add_size(1);
  return true;
}

// For a set of strings in which one comes twice.
bool Canonicalizer::fail_with_members(ValueDefect defect, json::Value array) {
  error_ = {defect};
  json::Value element;
  for (json::ArrayCursor cursor = array.elements(); cursor.next(&element);) {
    error_.members.emplace_back(element.string());
  }
  return false;
}

// Sorts what is not sorted yet; false when two members are equal.
template <class T>
bool sort_set(std::vector<T>* members) {
  if (!std::is_sorted(members->begin(), members->end())) std::sort(members->begin(), members->end());
  return std::adjacent_find(members->begin(), members->end()) == members->end();
}

bool Canonicalizer::string_set_content(json::Value value) {
  if (!value.is_array()) return fail_with(ValueDefect::kSerialization);
  std::vector<std::string_view> members;
  json::Value element;
  for (json::ArrayCursor cursor = value.elements(); cursor.next(&element);) {
    if (element.is_null()) return fail_with(ValueDefect::kEmptyValue);
    if (!element.is_string()) return fail_with(ValueDefect::kSerialization);
    members.push_back(element.string());
  }
  if (members.empty()) return fail_with(ValueDefect::kEmptyStringSet);
  if (!sort_set(&members)) return fail_with_members(ValueDefect::kDuplicateInStringSet, value);
  char separator = '[';
  for (const std::string_view member : members) {
    out_.push_back(std::exchange(separator, ','));
    append_json_string(&out_, member);
    add_size(member.size());
  }
  out_.push_back(']');
  return true;
}

bool Canonicalizer::number_set_content(json::Value value) {
  if (!value.is_array()) return fail_with(ValueDefect::kSerialization);
  std::vector<Number> members;
  json::Value element;
  for (json::ArrayCursor cursor = value.elements(); cursor.next(&element);) {
    if (element.is_null()) return fail_with(ValueDefect::kEmptyValue);
    if (!element.is_string()) return fail_with(ValueDefect::kSerialization);
    Number number;
    if (!parse_number(element.string(), &number)) return false;
    members.push_back(number);
  }
  if (members.empty()) return fail_with(ValueDefect::kEmptyNumberSet);
  if (!sort_set(&members)) return fail_with(ValueDefect::kDuplicateInNumberSet);
  char separator = '[';
  for (const Number& member : members) {
    out_.push_back(std::exchange(separator, ','));
    out_.push_back('"');
    member.append_to(&out_);
    out_.push_back('"');
    add_size(member.size_bytes());
  }
  out_.push_back(']');
  return true;
}

bool Canonicalizer::binary_set_content(json::Value value) {
  if (!value.is_array()) return fail_with(ValueDefect::kSerialization);
  std::vector<std::string> members;  // decoded
  json::Value element;
  for (json::ArrayCursor cursor = value.elements(); cursor.next(&element);) {
    if (element.is_null()) return fail_with(ValueDefect::kEmptyValue);
    if (!element.is_string()) return fail_with(ValueDefect::kSerialization);
    auto bytes = base64_decode(element.string());
    if (!bytes) return fail_with(ValueDefect::kSerialization);
    members.push_back(std::move(*bytes));
  }
  if (members.empty()) return fail_with(ValueDefect::kEmptyBinarySet);
  if (!sort_set(&members)) return fail_with_members(ValueDefect::kDuplicateInBinarySet, value);
  char separator = '[';
  for (const std::string& member : members) {
    out_.push_back(std::exchange(separator, ','));
    out_.push_back('"');
    append_base64(&out_, member);
    out_.push_back('"');
    add_size(member.size());
  }
  out_.push_back(']');
  return true;
}

bool Canonicalizer::list_content(json::Value value, int level) {
  if (!value.is_array()) return fail_with(ValueDefect::kSerialization);
  add_size(3);
  out_.push_back('[');
  bool is_first = true;
  json::Value element;
  for (json::ArrayCursor cursor = value.elements(); cursor.next(&element);) {
    if (!std::exchange(is_first, false)) out_.push_back(',');
    add_size(1);
    if (!this->value(element, level + 1)) return false;
  }
  out_.push_back(']');
  return true;
}

bool Canonicalizer::map_content(json::Value value, int level) {
  if (!value.is_object()) return fail_with(ValueDefect::kSerialization);
  add_size(3);
  return attributes(value, level + 1, 1);
}

// `run` drives a canonicalizer; `serialization` looks for wrong JSON types, which the service reports before
// everything else.
template <class Run, class Serialization>
Result<std::uint32_t, ValueError> canonicalize_with(std::string* text, int levels_max, Run run,
                                                    Serialization serialization) {
  const std::size_t start = text->size();
  Canonicalizer sorted(text, Order::kSorted, levels_max);
  if (run(sorted)) return sorted.size_bytes();
  text->resize(start);
  if (auto message = serialization()) {
    return fail(ValueError{ValueDefect::kSerialization, std::move(*message)});
  }
  std::string discarded;
  Canonicalizer in_order(&discarded, Order::kDocument, levels_max);
  if (run(in_order)) return fail(sorted.take_error());
  return fail(in_order.take_error());
}

}  // namespace

Result<std::uint32_t, ValueError> canonicalize(json::Value object, std::string* text) {
  return canonicalize_with(
      text, kNestingLevelsMax, [object](Canonicalizer& canonicalizer) { return canonicalizer.item(object); },
      [object] { return serialization_defect(object); });
}

Result<Item, ValueError> item_from_json(json::Value object) {
  Item item;
  item.text.clear();
  ASSIGN_OR_RETURN(item.size_bytes, canonicalize(object, &item.text));
  return item;
}

Result<AttributeValue, ValueError> value_from_json(json::Value value, int levels_max) {
  std::string text;
  const auto size = canonicalize_with(
      &text, levels_max, [value](Canonicalizer& canonicalizer) { return canonicalizer.value(value, 1); },
      [value] { return value_serialization_defect(value); });
  if (!size) return fail(size.error());
  auto tree = parse_value(text);
  INVARIANT(tree.has_value());  // we have just written that text
  return std::move(*tree);
}

Result<AttributeMap, ValueError> map_from_json(json::Value object) {
  std::string text;
  const auto size = canonicalize(object, &text);
  if (!size) return fail(size.error());
  auto tree = parse_item(text);
  INVARIANT(tree.has_value());
  return std::move(*tree);
}

}  // namespace tidemark::model
