#include "server/commands/tables_command.h"

#include "tests/support/catch.h"

namespace tidemark::server {
namespace {

TEST_CASE("tables are lines with their indexes below them, and what is gone behind them") {
  const auto lines = table_lines(R"({"tables":[{"name":"Orders","id":1,"account_id":"000000000000",)"
                                 R"("region":"us-east-1","status":"ACTIVE","items":1200,"size_bytes":2048,)"
                                 R"("state_bytes":1536,"history_bytes":3072,"recovery":true,"indexes":[)"
                                 R"({"name":"byDate","id":2,"status":"CREATING","items":7,"size_bytes":10,)"
                                 R"("state_bytes":20}],"held_by":["export/1","stream/2"]}],)"
                                 R"("gone":[{"id":3,"history_bytes":512,"held_by":["export/3"],)"
                                 R"("awaits_cleaning":false}],"next":9})");
  REQUIRE(lines);
  CHECK(
      *lines ==
      std::vector<std::string>{
          "TABLE     OWNER                   STATUS    ITEMS  SIZE     ON DISK  HISTORY  HELD BY",
          "Orders    000000000000/us-east-1  ACTIVE    1200   2.0 KiB  1.5 KiB  3.0 KiB  export/1, stream/2",
          "  byDate                          CREATING  7      10 B     20 B",
          "(id 3)                            GONE                               512 B    export/3",
          "more are left out: GET /_tidemark/tables?after= has them"});
}

TEST_CASE("of many holders the first are shown, and a table that is held keeps its name") {
  const auto lines = table_lines(
      R"({"tables":[],"gone":[{"id":3,"name":"Orders","items":12,"size_bytes":10,"state_bytes":20,)"
      R"("history_bytes":512,"held_by":["backup/arn:aws:dynamodb:us-east-1:000000000000:table/Orders/backup/01-a",)"
      R"("deleted/3","backup/arn:x/backup/02-b","backup/arn:x/backup/03-c","backup/arn:x/backup/04-d"]}]})");
  REQUIRE(lines);
  CHECK(*lines == std::vector<std::string>{"TABLE   OWNER  STATUS  ITEMS  SIZE  ON DISK  HISTORY  HELD BY",
                                           "Orders         GONE    12     10 B  20 B     512 B    "
                                           "backup/01-a, deleted/3, backup/02-b and 2 more"});
}

TEST_CASE("no tables, and answers of somebody else") {
  CHECK(table_lines(R"({"tables":[],"gone":[]})").value() == std::vector<std::string>{"no tables"});
  for (const char* answer : {"", "[]", "nonsense"}) CHECK_FALSE(table_lines(answer));
}

}  // namespace
}  // namespace tidemark::server
