// From a client's JSON to canonical text, in one walk and without a tree.
#include <algorithm>
#include <cstring>
#include <functional>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "model/canonical_text.h"
#include "model/canonical_writer.h"
#include "model/item.h"
#include "model/item_size.h"
#include "model/value_types.h"

namespace tidemark::model {
namespace {

// The first eight bytes of a name as a number that is as large as the name is late: most names differ in
// them.
std::uint64_t rank_of(std::string_view name) {
  const auto first_bytes = [](const char* bytes, auto word) {
    std::memcpy(&word, bytes, sizeof word);
    return sizeof word == 8 ? __builtin_bswap64(word)
                            : std::uint64_t{__builtin_bswap32(static_cast<std::uint32_t>(word))};
  };
  const std::size_t size = name.size();
  if (size >= 8) return first_bytes(name.data(), std::uint64_t{});
  if (size >= 4) {  // the two halves overlap
    return first_bytes(name.data(), std::uint32_t{}) << 32 |
           first_bytes(name.data() + size - 4, std::uint32_t{}) << (64 - 8 * size);
  }
  std::uint64_t rank = 0;
  for (std::size_t i = 0; i < size; ++i) {
    rank |= std::uint64_t{static_cast<unsigned char>(name[i])} << (56 - 8 * i);
  }
  return rank;
}

struct Member {
  std::uint64_t rank = 0;
  std::string_view name;
  json::Value value;

  [[nodiscard]] bool is_before(const Member& other) const {
    return rank != other.rank ? rank < other.rank : name < other.name;
  }
};

// What a walk needs and the next one can use again.
struct Scratch {
  std::vector<Member> members;  // of all objects that are open at the moment, one above the other
  CanonicalBuffers buffers;
};
Scratch& scratch() {
  thread_local Scratch scratch;
  return scratch;
}
constexpr std::size_t kKeptMembersMax = 4'096;

// Sorted output is what everybody wants. Document order gives no canonical text, but finds the defect that
// stands first in the document, which is the one the service reports.
enum class Order { kSorted, kDocument };

class Canonicalizer {
 public:
  Canonicalizer(Order order, int levels_max)
      : scratch_(scratch()),
        out_(&scratch_.buffers),
        order_(order),
        levels_max_(levels_max),
        stack_(scratch_.members) {
    stack_.clear();
  }
  ~Canonicalizer() {
    if (stack_.capacity() > kKeptMembersMax) std::vector<Member>().swap(stack_);
    scratch_.buffers.shrink();
  }
  Canonicalizer(const Canonicalizer&) = delete;
  Canonicalizer& operator=(const Canonicalizer&) = delete;

  // All of these append text, add to size_bytes() and return false, with error() set, at the first defect.
  // `starts` gets where each attribute begins, if it is not null.
  bool item(json::Value object, std::vector<std::uint32_t>* starts = nullptr) {
    starts_ = starts;
    if (!object.is_object()) return fail_with(ValueDefect::kSerialization);
    return attributes(object, 1, 0);
  }
  bool value(json::Value value, int level);

  // Until the next one is made.
  [[nodiscard]] std::string_view text() const { return out_.written(); }
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
  bool ascending_natural_numbers(json::Value value);
  bool parse_number(std::string_view text, Number* out);
  void put_number(const Number& number);

  Scratch& scratch_;
  CanonicalWriter out_;
  const Order order_;
  const int levels_max_;
  std::vector<Member>& stack_;
  std::vector<std::uint32_t>* starts_ = nullptr;
  std::uint32_t size_bytes_ = 0;
  ValueError error_{ValueDefect::kSerialization};
};

// Sorts by name and keeps the last member of each name.
void sort_members(std::vector<Member>* stack, std::size_t base) {
  const auto begin = stack->begin() + static_cast<std::ptrdiff_t>(base);
  std::sort(begin, stack->end(), [](const Member& a, const Member& b) {
    if (a.rank != b.rank) return a.rank < b.rank;
    const int order = a.name.compare(b.name);
    // All names of a document lie in one buffer, in its order.
    return order != 0 ? order < 0 : std::less<>()(a.name.data(), b.name.data());
  });
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
    member.rank = rank_of(member.name);
    is_ascending = is_ascending && (stack_.size() == base || stack_.back().is_before(member));
    stack_.push_back(member);
  }
  if (!is_ascending && order_ == Order::kSorted) sort_members(&stack_, base);
  out_.put('{');
  const std::size_t end = stack_.size();
  for (std::size_t i = base; i < end; ++i) {
    // The stack may move below.
    const std::string_view name = stack_[i].name;
    const json::Value of_name = stack_[i].value;
    if (level == 1 && name.empty()) return fail_with(ValueDefect::kEmptyAttributeName);
    if (name.size() > kAttributeNameBytesMax) return fail_with(ValueDefect::kAttributeNameTooLong);
    if (i > base) out_.put(',');
    if (level == 1 && starts_ != nullptr)
      starts_->push_back(static_cast<std::uint32_t>(out_.written().size()));
    out_.put_string(name);
    out_.put(':');
    add_size(bytes_per_member + name.size());
    if (!value(of_name, level)) return false;
  }
  out_.put('}');
  stack_.resize(base);
  return true;
}

// `level` is 1 for the value of a top-level attribute.
bool Canonicalizer::value(json::Value value, int level) {
  if (level > levels_max_) return fail_with(ValueDefect::kNestingTooDeep);
  if (!value.is_object()) {
    return fail_with(value.is_null() ? ValueDefect::kEmptyValue : ValueDefect::kSerialization);
  }
  std::string_view name;
  json::Value member;
  json::ObjectCursor cursor = value.members();
  if (value.size() == 1 && cursor.next(&name, &member)) [[likely]] {
    // Most values are plain strings.
    if (name == "S" && member.is_string() && out_.put_plain_string_value(member.string())) {
      add_size(member.string().size());
      return true;
    }
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
  out_.put_opening(type);
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
  out_.put('}');
  return good;
}

bool Canonicalizer::string_content(json::Value value) {
  if (!value.is_string()) return fail_with(ValueDefect::kSerialization);
  const std::string_view text = value.string();
  out_.put_string(text);
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
  if (is_plainly_normal_number(text)) {
    out_.put_plain_string(text);
    add_size(number_text_size_bytes(text));
    return true;
  }
  Number number;
  if (!parse_number(text, &number)) return false;
  put_number(number);
  return true;
}

bool Canonicalizer::binary_content(json::Value value) {
  if (!value.is_string() || !is_base64(value.string())) return fail_with(ValueDefect::kSerialization);
  const std::string_view text = value.string();
  out_.put_plain_string(text);
  add_size(base64_decoded_size(text));
  return true;
}

bool Canonicalizer::boolean_content(json::Value value) {
  const auto truth = boolean_from_json(value);
  if (!truth) return fail_with(ValueDefect::kSerialization);
  out_.put(*truth ? "true" : "false");
  add_size(1);
  return true;
}

bool Canonicalizer::null_content(json::Value value) {
  const auto truth = boolean_from_json(value);
  if (!truth) return fail_with(ValueDefect::kSerialization);
  if (!*truth) return fail_with(ValueDefect::kNullNotTrue);
  out_.put("true");
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
  members.reserve(value.size());
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
    out_.put(std::exchange(separator, ','));
    out_.put_string(member);
    add_size(member.size());
  }
  out_.put(']');
  return true;
}

// Shorter ones are smaller.
bool is_plain_natural_number(std::string_view text) {
  return is_plainly_normal_number(text) && std::ranges::all_of(text, is_digit);
}

// Nearly all sets of numbers are of natural ones, and SDKs often send them in order. False, and nothing is
// written, when this one is not like that.
bool Canonicalizer::ascending_natural_numbers(json::Value value) {
  json::Value element;
  std::string_view last;
  for (json::ArrayCursor cursor = value.elements(); cursor.next(&element);) {
    if (!element.is_string() || !is_plain_natural_number(element.string())) return false;
    const std::string_view text = element.string();
    if (text.size() < last.size() || (text.size() == last.size() && text <= last)) return false;
    last = text;
  }
  if (last.empty()) return false;
  char separator = '[';
  for (json::ArrayCursor cursor = value.elements(); cursor.next(&element);) {
    out_.put(std::exchange(separator, ','));
    out_.put_plain_string(element.string());
    add_size(number_text_size_bytes(element.string()));
  }
  out_.put(']');
  return true;
}

bool Canonicalizer::number_set_content(json::Value value) {
  if (!value.is_array()) return fail_with(ValueDefect::kSerialization);
  if (ascending_natural_numbers(value)) return true;
  std::vector<Number> members;
  members.reserve(value.size());
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
    out_.put(std::exchange(separator, ','));
    put_number(member);
  }
  out_.put(']');
  return true;
}

void Canonicalizer::put_number(const Number& number) {
  std::string text;
  number.append_to(&text);
  out_.put_plain_string(text);
  add_size(number.size_bytes());
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
  std::string text;
  char separator = '[';
  for (const std::string& member : members) {
    text.clear();
    append_base64(&text, member);
    out_.put(std::exchange(separator, ','));
    out_.put_plain_string(text);
    add_size(member.size());
  }
  out_.put(']');
  return true;
}

bool Canonicalizer::list_content(json::Value value, int level) {
  if (!value.is_array()) return fail_with(ValueDefect::kSerialization);
  add_size(3);
  out_.put('[');
  bool is_first = true;
  json::Value element;
  for (json::ArrayCursor cursor = value.elements(); cursor.next(&element);) {
    if (!std::exchange(is_first, false)) out_.put(',');
    add_size(1);
    if (!this->value(element, level + 1)) return false;
  }
  out_.put(']');
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
  ValueError error{ValueDefect::kSerialization};
  {
    Canonicalizer sorted(Order::kSorted, levels_max);
    if (run(sorted)) {
      text->append(sorted.text());
      return sorted.size_bytes();
    }
    error = sorted.take_error();
  }
  if (auto message = serialization()) {
    return fail(ValueError{ValueDefect::kSerialization, std::move(*message)});
  }
  Canonicalizer in_order(Order::kDocument, levels_max);
  return fail(run(in_order) ? std::move(error) : in_order.take_error());
}

Result<std::uint32_t, ValueError> canonicalize_item(json::Value object, std::string* text,
                                                    std::vector<std::uint32_t>* starts) {
  return canonicalize_with(
      text, kNestingLevelsMax,
      [object, starts](Canonicalizer& canonicalizer) { return canonicalizer.item(object, starts); },
      [object] { return serialization_defect(object); });
}

}  // namespace

Result<std::uint32_t, ValueError> canonicalize(json::Value object, std::string* text) {
  return canonicalize_item(object, text, nullptr);
}

Result<Item, ValueError> item_from_json(json::Value object) {
  Item item;
  item.text.clear();
  if (object.is_object()) item.attribute_starts.reserve(object.size());
  ASSIGN_OR_RETURN(item.size_bytes, canonicalize_item(object, &item.text, &item.attribute_starts));
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
