// The characters of tags: letters, digits and blanks of any script, and `+-=._:/@`.
#pragma once

#include <string_view>

namespace tidemark::api {

// `text` is UTF-8. Of Unicode's punctuation and symbols those are known that people write; what belongs to no
// script is no letter either.
bool is_tag_text(std::string_view text);

}  // namespace tidemark::api
