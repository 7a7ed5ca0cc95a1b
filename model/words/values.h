// The service's words for attribute values that cannot be.
#pragma once

#include <string>

#include "model/value_error.h"
#include "model/words/wording.h"

namespace tidemark::model::words {

// Sic: also of a write request of a batch that is both a put and a delete, or neither.
inline constexpr const char* kSeveralTypes =
    "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported "
    "datatypes";

// `The parameter cannot be converted to a numeric value: foo`; of a kSerialization the message of the
// SerializationException.
//
// The two layers also read the exponents of numbers differently: the newer one judges any that fits 64 bits,
// the older one computes with 32.
std::string value_message(const ValueError& error, Wording wording);

}  // namespace tidemark::model::words
