#include "base/xml_text.h"

#include "base/utf8.h"

namespace tidemark {

void append_xml_escaped(std::string* out, std::string_view text) {
  constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80) {
      const std::size_t length = utf8_length(text.substr(at));
      out->append(length == 0 ? kReplacement : text.substr(at, length));
      at += length == 0 ? 0 : length - 1;
      continue;
    }
    switch (c) {
      case '\0':
        out->append(kReplacement);
        break;
      case '&':
        out->append("&amp;");
        break;
      case '<':
        out->append("&lt;");
        break;
      case '>':
        out->append("&gt;");
        break;
      case '"':
        out->append("&quot;");
        break;
      case '\t':
      case '\n':
        out->push_back(c);
        break;
      default:
        if (byte < 0x20 || byte == 0x7f) {
          constexpr char kDigits[] = "0123456789ABCDEF";
          out->append("&#x");
          if (byte >= 0x10) out->push_back(kDigits[byte >> 4]);
          out->push_back(kDigits[byte & 0xf]);
          out->push_back(';');
        } else {
          out->push_back(c);
        }
    }
  }
}

}  // namespace tidemark
