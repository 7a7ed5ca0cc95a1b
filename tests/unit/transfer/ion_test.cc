#include "transfer/format/ion.h"

#include "model/item.h"
#include "tests/support/catch.h"
#include "transfer/format/record_writer.h"

namespace tidemark::transfer::format {
namespace {

TEST_CASE("numbers are decimals of Ion as ion-java writes them") {
  struct Case {
    const char* plain;
    const char* ion;
  };
  const auto c = GENERATE(values<Case>({
      {"0", "0."},
      {"103", "103."},
      {"10", "1d1"},
      {"600", "6d2"},
      {"61600", "616d2"},
      {"12.5", "12.5"},
      {"-0.25", "-0.25"},
      {"0.001", "0.001"},
      {"0.0000012", "0.0000012"},
      {"0.00000012", "12d-8"},
      {"0.000000025", "25d-9"},
      {"0.000001", "0.000001"},
      {"0.0000001", "1d-7"},
      {"-1500", "-15d2"},
      {"1000000000000000000000000000000000000000", "1d39"},
  }));
  INFO(c.plain);
  std::string out;
  append_ion_decimal(&out, c.plain);
  CHECK(out == c.ion);
}

TEST_CASE("items are structs of Ion with their fields in order") {
  struct Case {
    const char* why;
    const char* text;
    const char* ion;
  };
  const auto c = GENERATE(values<Case>({
      {"the sample", R"({"active":{"BOOL":true},"pk":{"S":"c#1"},"score":{"N":"10"},"total":{"N":"12.5"}})",
       R"({active:true,pk:"c#1",score:1d1,total:12.5})"},
      {"no attributes", "{}", "{}"},
      {"every other type",
       R"({"b":{"B":"aGVsbG8="},"bs":{"BS":["AQ=="]},"l":{"L":[{"S":"x"},{"NULL":true}]},)"
       R"("m":{"M":{"k":{"S":"v"}}},"ns":{"NS":["1","2.5"]},"ss":{"SS":["a","b"]}})",
       R"({b:{{aGVsbG8=}},bs:$dynamodb_BS::[{{AQ==}}],l:["x",null],m:{k:"v"},ns:$dynamodb_NS::[1.,2.5],)"
       R"(ss:$dynamodb_SS::["a","b"]})"},
      {"names that want quotes",
       R"({"$1":{"N":"1"},"1a":{"N":"1"},"it's":{"N":"1"},"my key":{"N":"1"},"null":{"N":"1"}})",
       R"({'$1':1.,'1a':1.,'it\'s':1.,'my key':1.,'null':1.})"},
      {"names that do not", R"({"$":{"N":"1"},"$a1":{"N":"1"},"_x":{"N":"1"},"nulls":{"N":"1"}})",
       "{$:1.,$a1:1.,_x:1.,nulls:1.}"},
      {"escapes, and text beyond ASCII as it is", "{\"s\":{\"S\":\"a\\n\\t\\\"\\\\\\u0001\xc3\xbc'\"}}",
       "{s:\"a\\n\\t\\\"\\\\\\x01\xc3\xbc'\"}"},
  }));
  INFO(c.why);
  const auto item = model::parse_item(c.text);
  REQUIRE(item);
  std::string out;
  append_ion(&out, *item);
  CHECK(out == c.ion);
}

TEST_CASE("records are lines of either format") {
  struct Case {
    const char* why;
    std::optional<std::string_view> old_image;
    std::optional<std::string_view> new_image;
    const char* json;
    const char* ion;
  };
  static constexpr std::string_view kOld = R"({"pk":{"S":"a"},"v":{"N":"1"}})";
  static constexpr std::string_view kNew = R"({"pk":{"S":"a"},"v":{"N":"20"}})";
  const auto c = GENERATE(values<Case>({
      {"changed", kOld, kNew,
       R"(,"OldImage":{"pk":{"S":"a"},"v":{"N":"1"}},"NewImage":{"pk":{"S":"a"},"v":{"N":"20"}}})",
       R"(,OldImage:{pk:"a",v:1.},NewImage:{pk:"a",v:2d1}}})"},
      {"new", std::nullopt, kNew, R"(,"NewImage":{"pk":{"S":"a"},"v":{"N":"20"}}})",
       R"(,NewImage:{pk:"a",v:2d1}}})"},
      {"deleted", kOld, std::nullopt, R"(,"OldImage":{"pk":{"S":"a"},"v":{"N":"1"}}})",
       R"(,OldImage:{pk:"a",v:1.}}})"},
      {"deleted, and nobody asks for old images", std::nullopt, std::nullopt, "}", "}}"},
  }));
  INFO(c.why);
  const ChangeRecord record{.keys = R"({"pk":{"S":"a"}})",
                            .write_time = Timestamp{1'767'225'710'000'001},
                            .old_image = c.old_image,
                            .new_image = c.new_image};
  std::string json;
  dynamodb_json_writer()->append_change(record, &json);
  CHECK(json == R"({"Metadata":{"WriteTimestampMicros":{"N":"1767225710000001"}},"Keys":{"pk":{"S":"a"}})" +
                    std::string(c.json) + "\n");
  std::string ion;
  ion_writer()->append_change(record, &ion);
  CHECK(ion == R"($ion_1_0 {Record:{Keys:{pk:"a"},Metadata:{WriteTimestampMicros:1767225710000001.})" +
                   std::string(c.ion) + "\n");
  std::string item;
  ion_writer()->append_item(kOld, &item);
  CHECK(item == "$ion_1_0 {Item:{pk:\"a\",v:1.}}\n");
}

}  // namespace
}  // namespace tidemark::transfer::format
