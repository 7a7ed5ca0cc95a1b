#include "s3emu/xml/body.h"

#include "base/utf8.h"

namespace tidemark::s3emu {
namespace {

// pugixml lets a bare `&` pass, which would make two bodies of one.
bool references_are_complete(std::string_view body) {
  if (body.find("<![CDATA[") != std::string_view::npos) return true;
  for (std::size_t at = body.find('&'); at != std::string_view::npos; at = body.find('&', at + 1)) {
    const std::string_view name = body.substr(at + 1, body.find(';', at) - at - 1);
    const bool named = name == "amp" || name == "lt" || name == "gt" || name == "quot" || name == "apos";
    const bool decimal = name.size() > 1 && name.front() == '#' &&
                         name.find_first_not_of("0123456789", 1) == std::string_view::npos;
    const bool hexadecimal = name.size() > 2 && name.starts_with("#x") &&
                             name.find_first_not_of("0123456789abcdefABCDEF", 2) == std::string_view::npos;
    if (!named && !decimal && !hexadecimal) return false;
  }
  return true;
}

// pugixml takes several roots. What a DOCTYPE declares would be passed over, and means something to others.
bool stands_alone(const pugi::xml_document& document, pugi::xml_node root) {
  for (pugi::xml_node other = document.first_child(); other; other = other.next_sibling()) {
    if (other.type() == pugi::node_doctype) return false;
    if (other.type() == pugi::node_element && other != root) return false;
  }
  return true;
}

}  // namespace

bool is_element(pugi::xml_node node, std::string_view name) {
  if (node.type() != pugi::node_element) return false;
  std::string_view own = node.name();
  const std::size_t colon = own.find(':');
  if (colon != std::string_view::npos) own.remove_prefix(colon + 1);
  return own == name;
}

S3Result<pugi::xml_node> parse_xml(pugi::xml_document* document, const std::string& body,
                                   std::string_view root) {
  // Blank text is kept: a key may be a blank. pugixml expands no entities but the five and never loads a DTD.
  constexpr unsigned kFlags = pugi::parse_default | pugi::parse_ws_pcdata_single | pugi::parse_doctype;
  const auto parsed = document->load_buffer(body.data(), body.size(), kFlags, pugi::encoding_utf8);
  // pugixml takes any bytes, and they would stand in an answer that no client can read.
  const pugi::xml_node node = document->document_element();
  if (!parsed || !is_element(node, root) || !stands_alone(*document, node) ||
      !references_are_complete(body) || !is_utf8(body)) {
    return fail(S3Error::of(S3Code::kMalformedXml));
  }
  return node;
}

pugi::xml_node child_element(pugi::xml_node parent, std::string_view name) {
  for (pugi::xml_node child = parent.first_child(); child; child = child.next_sibling()) {
    if (is_element(child, name)) return child;
  }
  return {};
}

std::optional<std::string> child_text(pugi::xml_node parent, std::string_view name) {
  const pugi::xml_node child = child_element(parent, name);
  if (!child) return std::nullopt;
  std::string text;
  for (pugi::xml_node piece = child.first_child(); piece; piece = piece.next_sibling()) text += piece.value();
  return text;
}

}  // namespace tidemark::s3emu
