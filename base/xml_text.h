// Text in XML documents.
#pragma once

#include <string>
#include <string_view>

namespace tidemark {

// Escapes & < > " and CR; control characters that XML 1.0 cannot hold become numeric references, as the
// service writes them.
void append_xml_escaped(std::string* out, std::string_view text);

}  // namespace tidemark
