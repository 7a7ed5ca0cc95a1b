// Text in a header: RFC 2047.
#pragma once

#include <string>
#include <string_view>

namespace tidemark::s3emu {

// The value of a header that means `text`: the text itself where it is ASCII, otherwise one encoded word,
// `=?UTF-8?Q?...?=`, as S3 answers user metadata. Text that is no UTF-8 is taken for ISO 8859-1, which is
// what HTTP says of header bytes, and what the clients send that write each character as one byte.
std::string header_words(std::string_view text);

}  // namespace tidemark::s3emu
