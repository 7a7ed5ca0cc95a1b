#include "s3emu/rest/core/conditions.h"

#include "s3emu/xml/writer.h"
#include "tests/support/catch.h"

namespace tidemark::s3emu {

TEST_CASE("ranges") {
  struct Case {
    const char* header;
    std::uint64_t size;
    RangeKind kind;
    std::uint64_t offset, count;
  };
  const auto c = GENERATE(values<Case>({
      {"bytes=0-4", 10, RangeKind::kPart, 0, 5},
      {"bytes=5-", 10, RangeKind::kPart, 5, 5},
      {"bytes=5-100", 10, RangeKind::kPart, 5, 5},
      {"bytes=-3", 10, RangeKind::kPart, 7, 3},
      {"bytes=-30", 10, RangeKind::kPart, 0, 10},
      {"bytes=9-9", 10, RangeKind::kPart, 9, 1},
      {"bytes=0-99999999999999999999999", 10, RangeKind::kPart, 0, 10},
      {"bytes=10-", 10, RangeKind::kUnsatisfiable, 0, 0},
      {"bytes=99999999999999999999-", 10, RangeKind::kUnsatisfiable, 0, 0},
      {"bytes=-0", 10, RangeKind::kUnsatisfiable, 0, 0},
      {"bytes=0-", 0, RangeKind::kUnsatisfiable, 0, 0},
      {"bytes=-5", 0, RangeKind::kUnsatisfiable, 0, 0},
      {"bytes=3-2", 10, RangeKind::kWhole, 0, 0},
      {"bytes=0-1,3-4", 10, RangeKind::kWhole, 0, 0},
      {"bytes=a-b", 10, RangeKind::kWhole, 0, 0},
      {"bytes=-", 10, RangeKind::kWhole, 0, 0},
      {"bytes=5", 10, RangeKind::kWhole, 0, 0},
      {"items=0-1", 10, RangeKind::kWhole, 0, 0},
  }));
  INFO(c.header << " of " << c.size);
  const RangeChoice choice = choose_range(c.header, c.size);
  CHECK(choice.kind == c.kind);
  CHECK(choice.range.offset == c.offset);
  CHECK(choice.range.size == c.count);
}

TEST_CASE("ranges of copies are exact") {
  CHECK(parse_copy_range("bytes=2-5")->size == 4);
  for (const char* text :
       {"bytes=5-", "bytes=-5", "bytes=5-2", "2-5", "bytes=a-5", "bytes=0-18446744073709551615"}) {
    INFO(text);
    CHECK(!parse_copy_range(text));
  }
}

TEST_CASE("conditions of reads") {
  ObjectInfo object;
  object.etag = "abc";
  object.last_modified = Timestamp::from_millis(1'000'000'500);  // Mon, 12 Jan 1970 13:46:40.5
  const Timestamp now = Timestamp::from_seconds(2'000'000);
  const char* same = "Mon, 12 Jan 1970 13:46:40 GMT";
  const char* before = "Mon, 12 Jan 1970 13:46:39 GMT";
  const char* future = "Mon, 12 Jan 2099 13:46:39 GMT";
  struct Case {
    const char* why;
    ReadConditions conditions;
    ConditionOutcome outcome;
  };
  using enum ConditionOutcome;
  const auto none = std::nullopt;
  const std::vector<Case> cases = {
      {"nothing", {}, kHolds},
      {"match", {"\"abc\"", none, none, none}, kHolds},
      {"match, bare", {"abc", none, none, none}, kHolds},
      {"match in a list", {"\"x\", \"abc\"", none, none, none}, kHolds},
      {"match any", {"*", none, none, none}, kHolds},
      {"no match", {"\"x\"", none, none, none}, kFailed},
      {"match makes the date moot", {"abc", none, none, before}, kHolds},
      {"none-match hit", {none, "\"abc\"", none, none}, kNotModified},
      {"none-match any", {none, "*", none, none}, kNotModified},
      {"none-match miss makes the date moot", {none, "x", same, none}, kHolds},
      {"modified since: the same second is not", {none, none, same, none}, kNotModified},
      {"modified since", {none, none, before, none}, kHolds},
      {"modified since a future date", {none, none, future, none}, kHolds},
      {"modified since nonsense", {none, none, "yesterday", none}, kHolds},
      {"unmodified since the same second", {none, none, none, same}, kHolds},
      {"unmodified since before", {none, none, none, before}, kFailed},
      {"match wins before none-match", {"x", "abc", none, none}, kFailed},
  };
  for (const Case& c : cases) {
    INFO(c.why);
    CHECK(evaluate(c.conditions, object, now) == c.outcome);
  }
}

TEST_CASE("XML escapes") {
  XmlWriter xml("A", {});
  xml.text("B", "&<>\"\r\n\t\x01\x1f\xc3\xa4'");
  CHECK(xml.take() ==
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<A><B>&amp;&lt;&gt;&quot;&#xD;\n\t&#x1;&#x1F;\xc3\xa4'</B></A>");
}

}  // namespace tidemark::s3emu
