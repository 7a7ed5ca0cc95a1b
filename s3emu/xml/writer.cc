#include "s3emu/xml/writer.h"

#include "base/check.h"

namespace tidemark::s3emu {

XmlWriter::XmlWriter(std::string_view root, std::string_view xml_namespace)
    : out_("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n") {
  open(root, xml_namespace.empty() ? std::string() : "xmlns=\"" + std::string(xml_namespace) + "\"");
}

void XmlWriter::open(std::string_view name, std::string_view attributes) {
  out_.append("<").append(name);
  if (!attributes.empty()) out_.append(" ").append(attributes);
  out_.push_back('>');
  open_.emplace_back(name);
}

void XmlWriter::close() {
  INVARIANT(!open_.empty());
  out_.append("</").append(open_.back()).append(">");
  open_.pop_back();
}

void XmlWriter::text(std::string_view name, std::string_view value) {
  open(name);
  content(value);
  close();
}

std::string XmlWriter::take() {
  while (!open_.empty()) close();
  return std::move(out_);
}

}  // namespace tidemark::s3emu
