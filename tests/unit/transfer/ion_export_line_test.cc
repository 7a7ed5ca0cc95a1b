// Lines of exports in Ion, as the service writes them, read as lines of DynamoDB JSON.
#include "transfer/format/ion_export_line.h"

#include "tests/support/catch.h"

namespace tidemark::transfer::format {

TEST_CASE("a line of an export in Ion") {
  struct Case {
    const char* why;
    std::string ion;
    std::string json;
  };
  const auto c = GENERATE(values<Case>({
      {"as real files have it", R"( $ion_1_0 {Item:{active:true,pk:"c#1",score:1d1,sk:1.,total:12.5}})",
       R"({"Item":{"active":{"BOOL":true},"pk":{"S":"c#1"},"score":{"N":"10"},"sk":{"N":"1"},"total":{"N":"12.5"}}})"},
      {"as the documentation has it", R"($ion_1_0 {Item:{pk:"a",tags:$dynamodb_SS::["x","y"]}})",
       R"({"Item":{"pk":{"S":"a"},"tags":{"SS":["x","y"]}}})"},
      {"no marker", R"({Item:{pk:"a"}})", R"({"Item":{"pk":{"S":"a"}}})"},
      {"attributes with the names of images", R"({Item:{Item:{Keys:1.},Record:"x",pk:"a"}})",
       R"({"Item":{"Item":{"M":{"Keys":{"N":"1"}}},"Record":{"S":"x"},"pk":{"S":"a"}}})"},
      {"an item that changed",
       R"($ion_1_0 {Record:{Keys:{pk:"a"},Metadata:{WriteTimestampMicros:1767225710000001.},OldImage:{pk:"a",n:1.},NewImage:{pk:"a",n:2.}}})",
       R"({"Keys":{"pk":{"S":"a"}},"OldImage":{"n":{"N":"1"},"pk":{"S":"a"}},"NewImage":{"n":{"N":"2"},"pk":{"S":"a"}}})"},
      {"one that went, in another order of members",
       R"({Record:{Metadata:{},OldImage:{pk:"a"},Keys:{pk:"a"}}})",
       R"({"OldImage":{"pk":{"S":"a"}},"Keys":{"pk":{"S":"a"}}})"},
      {"keys alone", R"({Record:{Keys:{pk:{{AQ==}}}}})", R"({"Keys":{"pk":{"B":"AQ=="}}})"},
  }));
  INFO(c.why);
  IonExportLines lines;
  const auto json = lines.to_json(c.ion);
  if (!json) FAIL(json.error().message);
  CHECK(*json == c.json);
  // A line does not depend on those before it.
  CHECK(lines.to_json(c.ion).value() == c.json);
}

TEST_CASE("what is no line of an export") {
  const auto line = GENERATE(values<std::string>({
      "",
      "garbage",
      "{Item:",
      "[1, 2]",
      "{}",
      "{Other:{pk:\"a\"}}",
      "{Record:{}}",
      "{Item:1.}",
      "{Item:{pk:\"a\"}} {Item:{pk:\"b\"}}",
      "{Item:{pk:\"a\"}} x",
      "{Item:{pk:2026-01-01T}}",
      "{Item:{pk:symbol}}",
      "{Keys:{pk:\"a\"}}",
      "{Record:{Item:{pk:\"a\"}}}",
      "{Item:{n:nan}}",
  }));
  INFO(line);
  IonExportLines lines;
  const auto json = lines.to_json(line);
  REQUIRE_FALSE(json);
  CHECK(json.error().code == ErrorCode::kCorruption);
  CHECK(lines.to_json("{Item:{pk:\"a\"}}").has_value());
}

}  // namespace tidemark::transfer::format
