// What can be wrong with an attribute value that a client sent. `api` turns it into the service's words,
// which differ by operation and by wording generation; import jobs log the classic text.
#pragma once

#include <string>

namespace tidemark::model {

enum class ValueDefect {
  // Wrong JSON types; `detail` is the whole SerializationException message.
  kSerialization,
  kEmptyValue,     // `{}`
  kMultipleTypes,  // two members in one value
  kNullNotTrue,    // NULL:false
  kEmptyStringSet,
  kEmptyNumberSet,
  kEmptyBinarySet,
  kDuplicateInStringSet,  // detail: the members as the message prints them, `[a, a]`
  kDuplicateInNumberSet,
  kDuplicateInBinarySet,  // detail: `[AA==, AA==]`
  kNotANumber,            // detail: the text
  kNumberOverflow,
  kNumberUnderflow,
  kNumberTooManyDigits,
  kNestingTooDeep,
  kEmptyAttributeName,
  kAttributeNameTooLong,
};

struct ValueError {
  ValueDefect defect;
  std::string detail;
};

// The classic wording, e.g. `The parameter cannot be converted to a numeric value: foo`.
std::string classic_message(const ValueError& error);

}  // namespace tidemark::model
