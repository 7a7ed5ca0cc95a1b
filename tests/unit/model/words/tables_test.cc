#include "model/words/tables.h"

#include "tests/support/catch.h"

namespace tidemark::model::words {

TEST_CASE("what tables and indexes have not, and what there is too much of") {
  CHECK(no_such_index("by_name") == "The table does not have the specified index: by_name");
  CHECK(backfilling_index("by_name") == "Cannot read from backfilling global secondary index: by_name");
  CHECK(pitr_not_enabled("Orders") == "Point in time recovery is not enabled for table 'Orders'");
  CHECK(too_many_jobs(300, "export tasks") ==
        "Subscriber limit exceeded: There is a limit of 300 concurrent export tasks");
}

}  // namespace tidemark::model::words
