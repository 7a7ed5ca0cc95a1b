#include "s3emu/xml/schema.h"

#include "tests/support/catch.h"

namespace tidemark::s3emu {
namespace {

constexpr std::string_view kColours[] = {"Red", "Blue"};
constexpr std::string_view kTypes[] = {"Group"};
constexpr XmlElement kInner[] = {{.name = "Text", .min = 1}, {.name = "Flag", .kind = XmlKind::kBoolean}};
constexpr XmlElement kOuter[] = {
    {.name = "Name"},
    {.name = "Count", .kind = XmlKind::kInteger},
    {.name = "Size", .kind = XmlKind::kLong},
    {.name = "When", .kind = XmlKind::kDate},
    {.name = "Colour", .max = 2, .words = kColours},
    {.name = "Inner", .kind = XmlKind::kGroup, .max = kXmlMany, .children = kInner},
    {.name = "Few", .kind = XmlKind::kGroup, .max = 2, .too_many = "Two are enough", .children = kInner},
    {.name = "Typed", .kind = XmlKind::kGroup, .children = kInner, .types = kTypes},
};
constexpr XmlElement kShape = {.name = "Outer", .kind = XmlKind::kGroup, .children = kOuter};

// What stands in the root of the document as it is kept; the code of the refusal.
std::string kept(const std::string& body) {
  const auto document = conform(kShape, body);
  if (!document) return document.error().code;
  const std::size_t start = document->find("<Outer");
  const std::size_t inside = document->find('>', start) + 1;
  return document->substr(inside, document->rfind('<') - inside);
}

TEST_CASE("a document is brought into the form of its shape") {
  struct Case {
    const char* why;
    std::string body;
    std::string kept;
  };
  const std::vector<Case> cases = {
      {"order of the shape", "<Count>5</Count><Name>n</Name>", "<Name>n</Name><Count>5</Count>"},
      {"layout goes", "\n  <Name>n</Name>\n <!-- note --> ", "<Name>n</Name>"},
      {"blank text stays", "<Name>  </Name>", "<Name>  </Name>"},
      {"empty text stays", "<Name/>", "<Name></Name>"},
      {"text of several pieces", "<Name>a&amp;b<![CDATA[<c>]]></Name>", "<Name>a&amp;b&lt;c&gt;</Name>"},
      {"numbers", "<Count> -7 </Count><Size>9999999999</Size>", "<Count>-7</Count><Size>9999999999</Size>"},
      {"number too large", "<Count>9999999999</Count>", "MalformedXML"},
      {"no number", "<Count></Count>", "MalformedXML"},
      {"number with a rest", "<Count>5d</Count>", "MalformedXML"},
      {"date", "<When>2026-01-02</When>", "<When>2026-01-02T00:00:00.000Z</When>"},
      {"no date", "<When>soon</When>", "MalformedXML"},
      {"a word twice", "<Colour>Blue</Colour><Colour>Red</Colour>",
       "<Colour>Blue</Colour><Colour>Red</Colour>"},
      {"too often", "<Colour>Red</Colour><Colour>Red</Colour><Colour>Red</Colour>", "MalformedXML"},
      {"too often, with words for it", "<Few/><Few/><Few/>", "BadRequest"},
      {"no such word", "<Colour>red</Colour>", "MalformedXML"},
      {"group", "<Inner><Flag>TRUE</Flag><Text>t</Text></Inner>",
       "<Inner><Text>t</Text><Flag>true</Flag></Inner>"},
      {"missing in a group", "<Inner><Flag>true</Flag></Inner>", "MalformedXML"},
      {"no boolean", "<Inner><Text>t</Text><Flag>yes</Flag></Inner>", "MalformedXML"},
      {"unknown element", "<Other/>", "MalformedXML"},
      {"text in a group", "<Inner>text<Text>t</Text></Inner>", "MalformedXML"},
      {"element in a text", "<Name><b>n</b></Name>", "MalformedXML"},
      {"type",
       "<Typed xmlns:x='http://www.w3.org/2001/XMLSchema-instance' x:type='Group'><Text>t</Text></Typed>",
       "<Typed xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
       "xsi:type=\"Group\"><Text>t</Text></Typed>"},
      {"other type", "<Typed xsi:type='User'><Text>t</Text></Typed>", "MalformedXML"},
      {"no type", "<Typed><Text>t</Text></Typed>", "MalformedXML"},
      {"prefixes", "<p:Name>n</p:Name>", "<Name>n</Name>"},
  };
  for (const Case& c : cases) {
    INFO(c.why);
    CHECK(kept("<?xml version='1.0'?><Outer xmlns='urn:any'>" + c.body + "</Outer>") == c.kept);
  }
  for (const char* body : {"", "<Outer>", "<Inner/>", "<Outer/><Outer/>", "text",
                           "<Outer><Name>\xff</Name></Outer>", "<Outer><Name>&#xD800;</Name></Outer>"}) {
    INFO(body);
    CHECK(kept(body) == "MalformedXML");
  }
}

}  // namespace
}  // namespace tidemark::s3emu
