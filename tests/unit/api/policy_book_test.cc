#include "api/core/policy_book.h"

#include "tests/support/catch.h"

namespace tidemark::api {

TEST_CASE("policies come back from their text, byte for byte") {
  PolicyBook book;
  book.table = {.text = "{\n \"Statement\": [\"\\u00e9\" \"ü\"]}", .revision = 1'767'225'600'123};
  book.stream_label = "2024-11-18T14:36:44.149";
  book.stream = {.text = "{}", .revision = 7};
  const PolicyBook back = policy_book_from(to_text(book));
  CHECK(back.table.text == book.table.text);
  CHECK(back.table.revision == book.table.revision);
  CHECK(back.stream_label == book.stream_label);
  CHECK(back.stream.text == book.stream.text);
  CHECK(back.stream.revision == book.stream.revision);
  CHECK(stream_policy(back, "2024-11-18T14:36:44.149").text == "{}");
  CHECK(stream_policy(back, "2025-01-01T00:00:00.000").text.empty());
}

TEST_CASE("the form on disk") {
  PolicyBook book;
  book.table = {.text = "{}", .revision = 12};
  CHECK(to_text(book) ==
        R"(policies:1 {"table":{"text":"{}","revision":12},"stream":{"label":"","text":"","revision":0}})");
}

TEST_CASE("what former versions kept, and what is damaged, is the policy of the table") {
  for (const char* stored : {R"({"Version":"2012-10-17"})", "anything", "policies:1 {", "policies:1 [1]",
                             R"(policies:1 {"table":{"text":1}})"}) {
    INFO(stored);
    const PolicyBook book = policy_book_from(stored);
    CHECK(book.table.text == stored);
    CHECK(book.table.revision == 0);
    CHECK(book.stream.text.empty());
  }
  CHECK(policy_book_from("").table.text.empty());
}

}  // namespace tidemark::api
