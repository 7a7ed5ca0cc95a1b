// Writes an XML answer: elements and escaped text, nothing else.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/xml_text.h"

namespace tidemark::s3emu {

class XmlWriter {
 public:
  static constexpr std::string_view kNamespace = "http://s3.amazonaws.com/doc/2006-03-01/";

  // An empty `xml_namespace` leaves the attribute out.
  explicit XmlWriter(std::string_view root, std::string_view xml_namespace = kNamespace);

  // `attributes` is written as it is, behind a blank.
  void open(std::string_view name, std::string_view attributes = {});
  void close();
  void text(std::string_view name, std::string_view value);
  void number(std::string_view name, std::uint64_t value) { text(name, std::to_string(value)); }
  void boolean(std::string_view name, bool value) { text(name, value ? "true" : "false"); }
  // Text of the element that is open.
  void content(std::string_view value) { append_xml_escaped(&out_, value); }

  // XML from elsewhere, as it is.
  void raw(std::string_view xml) { out_.append(xml); }

  // Closes what is open and hands over the document.
  std::string take();

 private:
  std::string out_;
  std::vector<std::string> open_;
};

}  // namespace tidemark::s3emu
