#include "model/words/values.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <utility>

#include "base/bytes.h"
#include "model/item_size.h"

namespace tidemark::model::words {
namespace {

std::string joined(const std::vector<std::string>& members, std::string_view separator) {
  std::string text;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (i > 0) text.append(separator);
    text.append(members[i]);
  }
  return text;
}

// The members as the newer layer prints them: in order up to the first that repeats one, then that one, then
// the rest as sent. `order_of` gives what they are ordered by.
template <class OrderOf>
std::vector<std::string> up_to_the_repeat(const std::vector<std::string>& members, OrderOf order_of) {
  std::set<std::pair<std::string, std::string>> seen;  // what a member is ordered by, and itself
  std::size_t repeat = 0;
  while (repeat < members.size() && seen.emplace(order_of(members[repeat]), members[repeat]).second) ++repeat;
  std::vector<std::string> printed;
  printed.reserve(members.size());
  for (const auto& [order, member] : seen) printed.push_back(member);
  printed.insert(printed.end(), members.begin() + static_cast<std::ptrdiff_t>(repeat), members.end());
  for (std::string& member : printed) {
    member.insert(0, 1, '"');
    member.push_back('"');
  }
  return printed;
}

std::string duplicate_strings(const std::vector<std::string>& members, Wording wording) {
  if (wording == Wording::kClassic) {
    return "One or more parameter values were invalid: Input collection [" + joined(members, ", ") +
           "] contains duplicates.";
  }
  const auto printed = up_to_the_repeat(members, [](const std::string& member) { return member; });
  return "One or more parameter values were invalid: Input collection [" + joined(printed, ", ") +
         "] contains duplicates.";
}

// Sic: no blank in front of `of`.
std::string duplicate_binaries(const std::vector<std::string>& members, Wording wording) {
  if (wording == Wording::kClassic) {
    return "One or more parameter values were invalid: Input collection [" + joined(members, ", ") +
           "]of type BS contains duplicates.";
  }
  const auto printed = up_to_the_repeat(
      members, [](const std::string& member) { return base64_decode(member).value_or(std::string()); });
  return "One or more parameter values were invalid: Input collection [" + joined(printed, ",") +
         "]of type BS contains duplicates.";
}

std::string not_a_number(const std::string& text, Wording wording) {
  if (text.empty() && wording == Wording::kClassic) {
    return "The parameter cannot be converted to a numeric value";
  }
  return "The parameter cannot be converted to a numeric value: " + text;
}

// What the older layer makes of a number whose magnitude is out of range. It reads it as Java's BigDecimal
// does, whose exponents have 32 bits: what does not fit is no number, and the place of the first digit may
// wrap around from the largest to the smallest.
enum class OlderView { kNotANumber, kWrapped, kAsJudged };
OlderView older_view_of(std::string_view number) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int32_t>::max();
  constexpr std::int64_t kMin = std::numeric_limits<std::int32_t>::min();
  const std::size_t mark = std::min(number.find_first_of("eE"), number.size());
  const std::string_view mantissa = number.substr(0, mark);
  std::string_view exponent_text = number.substr(std::min(mark + 1, number.size()));
  if (exponent_text.starts_with('+')) exponent_text.remove_prefix(1);
  std::int64_t exponent = 0;
  std::from_chars(exponent_text.data(), exponent_text.data() + exponent_text.size(), exponent);
  if (exponent > kMax || exponent < kMin) return OlderView::kNotANumber;

  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  const auto fraction_digits = static_cast<std::int64_t>(mantissa.substr(point).size()) -
                               static_cast<std::int64_t>(point < mantissa.size() ? 1 : 0);
  const std::int64_t last_place = exponent - fraction_digits;
  if (last_place < -kMax) return OlderView::kNotANumber;
  const std::size_t first = std::min(mantissa.find_first_of("123456789"), mantissa.size());
  const auto digits =
      static_cast<std::int64_t>(std::count_if(mantissa.begin() + static_cast<std::ptrdiff_t>(first),
                                              mantissa.end(), [](char c) { return c >= '0' && c <= '9'; }));
  return last_place + std::max<std::int64_t>(digits, 1) > kMax ? OlderView::kWrapped : OlderView::kAsJudged;
}

std::string out_of_range(ValueDefect defect, const std::string& number, Wording wording) {
  const OlderView view = wording == Wording::kClassic ? older_view_of(number) : OlderView::kAsJudged;
  if (view == OlderView::kNotANumber) return not_a_number(number, wording);
  if (defect == ValueDefect::kNumberOverflow && view == OlderView::kAsJudged) {
    return "Number overflow. Attempting to store a number with magnitude larger than supported range";
  }
  return "Number underflow. Attempting to store a number with magnitude smaller than supported range";
}

}  // namespace

std::string value_message(const ValueError& error, Wording wording) {
  switch (error.defect) {
    case ValueDefect::kSerialization:
      return error.detail;
    case ValueDefect::kEmptyValue:
      return "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes";
    case ValueDefect::kMultipleTypes:
      return kSeveralTypes;
    case ValueDefect::kNullNotTrue:
      return "One or more parameter values were invalid: Null attribute value types must have the value of "
             "true";
    case ValueDefect::kEmptyStringSet:
      return "One or more parameter values were invalid: An string set  may not be empty";
    case ValueDefect::kEmptyNumberSet:
      return "One or more parameter values were invalid: An number set  may not be empty";
    case ValueDefect::kEmptyBinarySet:
      return "One or more parameter values were invalid: Binary sets should not be empty";
    case ValueDefect::kDuplicateInStringSet:
      return duplicate_strings(error.members, wording);
    case ValueDefect::kDuplicateInNumberSet:
      return wording == Wording::kClassic
                 ? "Input collection contains duplicates"
                 : "One or more parameter values were invalid: Input collection contains duplicates.";
    case ValueDefect::kDuplicateInBinarySet:
      return duplicate_binaries(error.members, wording);
    case ValueDefect::kNotANumber:
      return not_a_number(error.detail, wording);
    case ValueDefect::kNumberOverflow:
    case ValueDefect::kNumberUnderflow:
      return out_of_range(error.defect, error.detail, wording);
    case ValueDefect::kNumberTooManyDigits:
      return "Attempting to store more than 38 significant digits in a Number";
    case ValueDefect::kNestingTooDeep:
      return "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels "
             "beyond supported limit";
    case ValueDefect::kEmptyAttributeName:
      return "One or more parameter values were invalid: Empty attribute name";
    case ValueDefect::kAttributeNameTooLong:
      return "One or more parameter values were invalid: Attribute name is longer than " +
             std::to_string(kAttributeNameBytesMax) + " bytes";
  }
  return error.detail;
}

}  // namespace tidemark::model::words
