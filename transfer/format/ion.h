// Items as text of Amazon Ion.
// Source: DynamoDB developer guide, "DynamoDB table export output format"; the Ion specification; decimals as
// ion-java writes them, which agrees with real exports.
#pragma once

#include <string>
#include <string_view>

#include "model/attribute_value.h"

namespace tidemark::transfer::format {

// `{name:"value",'an odd one':1.5}`: fields in the order of the map, names quoted where Ion wants it.
void append_ion(std::string* out, const model::AttributeMap& attributes);
// Sets are annotated lists, `$dynamodb_SS::["a"]`; numbers decimals, never integers or floats.
void append_ion(std::string* out, const model::AttributeValue& value);
// `plain` is a decimal without exponent, as numbers are stored: `103.`, `6d2`, `12.5`, `25d-9`.
void append_ion_decimal(std::string* out, std::string_view plain);

}  // namespace tidemark::transfer::format
