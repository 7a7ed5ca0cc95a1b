// What can be wrong with an attribute value that a client sent. model/words/values.h has the service's words
// for it.
#pragma once

#include <string>
#include <vector>

namespace tidemark::model {

enum class ValueDefect {
  kSerialization,  // wrong JSON types; detail: the whole message of the SerializationException
  kEmptyValue,     // `{}`
  kMultipleTypes,  // two members in one value
  kNullNotTrue,    // NULL:false
  kEmptyStringSet,
  kEmptyNumberSet,
  kEmptyBinarySet,
  kDuplicateInStringSet,  // members: all of them, as sent
  kDuplicateInNumberSet,
  kDuplicateInBinarySet,  // members: all of them, in base64, as sent
  kNotANumber,            // detail: the text
  kNumberOverflow,        // detail: the number as written; empty when it was computed
  kNumberUnderflow,       // the same
  kNumberTooManyDigits,
  kNestingTooDeep,
  kEmptyAttributeName,
  kAttributeNameTooLong,
};

struct ValueError {
  ValueDefect defect;
  std::string detail = {};
  std::vector<std::string> members = {};
};

}  // namespace tidemark::model
