// How JSON values are converted to the members of an attribute value, and what the service says when they
// cannot be. Source of the texts: the service's own deserializer, as clients have recorded them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"

namespace tidemark::model {

// The first wrong JSON type in a value that stands where an attribute value is expected.
std::optional<std::string> value_serialization_defect(json::Value value);

// The same where binary data is expected: base64 that it is not, or another type than a string.
std::optional<std::string> binary_defect(json::Value value);
// The same where a string is expected.
std::optional<std::string> string_defect(json::Value value);

// BOOL and NULL take JSON booleans and the words true, false, yes, no, 1, 0 in any case; nothing for the
// rest.
std::optional<bool> boolean_from_json(json::Value value);

// The texts that any member of a request may be refused with. They are the service's words, and stand here
// because this file may not include words/.
inline constexpr const char* kUnexpectedObject = "Start of structure or map found where not expected";
inline constexpr const char* kUnexpectedField = "Unexpected field type";
inline constexpr const char* kNotABoolean = "Unexpected token received from parser";
// `NUMBER_VALUE cannot be converted to String`; `value` is a scalar.
std::string cannot_be_converted(json::Value value, std::string_view java_class);
// `Unrecognized collection type class java.lang.String`
std::string unrecognized_collection(std::string_view java_type);

}  // namespace tidemark::model
