// The pieces of canonical item text (model/item.h): taken from the front of a view, or appended. Everything
// that reads is safe on damaged text: it answers false or nothing.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/attribute_value.h"

namespace tidemark::model {

std::optional<AttributeType> parse_type_descriptor(std::string_view descriptor);

// Removes `expected` from the front of `*in`; false, and `*in` unchanged, when something else stands there.
bool take_literal(std::string_view* in, std::string_view expected);
// The index of the quote that closes the string whose opening quote is text[open]; npos if none does.
std::size_t closing_quote(std::string_view text, std::size_t open);
// Removes a string in quotes and returns what is between them, escapes not undone.
std::optional<std::string_view> take_raw_string(std::string_view* in);
// The index behind the attribute value that begins at text[at]; npos when none does. Looks no further into it
// than needed to find its end.
std::size_t value_end(std::string_view text, std::size_t at);
// Removes a whole attribute value, `{"S":"x"}`, without looking into it further than needed to find its end.
std::optional<std::string_view> take_value_text(std::string_view* in);
// Undoes the escapes.
std::optional<std::string> unescape(std::string_view raw);
// How a name as it stands in the text sorts beside `name`, which has no escapes: in canonical order.
std::strong_ordering order_of(std::string_view raw_name, std::string_view name);
// UTF-8 bytes of the string that `raw` stands for.
std::uint32_t unescaped_size(std::string_view raw);

// A value whose content is one string: S, N or B. Views point into the text.
struct ScalarText {
  AttributeType type = AttributeType::kString;
  std::string_view raw;
};
// Nothing for the other types and for damaged text.
std::optional<ScalarText> scalar_text(std::string_view value_text);
// The type of a value given as text; nothing if damaged.
std::optional<AttributeType> type_of_text(std::string_view value_text);

// True when a number's text is already in normal form and within all limits, for the plain numbers that
// are nearly all; false says nothing.
bool is_plainly_normal_number(std::string_view text);
// Number::size_bytes of a number in normal form.
std::uint32_t number_text_size_bytes(std::string_view text);

}  // namespace tidemark::model
