// Request bodies in XML. Element names count without their namespace prefix.
#pragma once

#include <optional>
#include <pugixml.hpp>
#include <string>
#include <string_view>

#include "s3emu/s3_error.h"

namespace tidemark::s3emu {

// Parses `body`; the root must be called `root`. Errors: MalformedXML.
S3Result<pugi::xml_node> parse_xml(pugi::xml_document* document, const std::string& body,
                                   std::string_view root);
bool is_element(pugi::xml_node node, std::string_view name);
pugi::xml_node child_element(pugi::xml_node parent, std::string_view name);
// The text of a child; nothing when there is no such child.
std::optional<std::string> child_text(pugi::xml_node parent, std::string_view name);

}  // namespace tidemark::s3emu
