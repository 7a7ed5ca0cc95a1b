// Writes that wait for the disk on a network thread, which does not.
#include "api/core/deferred_commit.h"

#include <atomic>
#include <vector>

#include "tests/support/faulty_file_system.h"
#include "tests/support/gated_file_system.h"
#include "tests/unit/api/service_fixture.h"

namespace tidemark::api {
namespace {

Settings syncing() {
  Settings settings;
  settings.sync_writes = true;
  return settings;
}

constexpr const char* kTable =
    "{'TableName':'tbl','AttributeDefinitions':[{'AttributeName':'p','AttributeType':'S'}],"
    "'KeySchema':[{'AttributeName':'p','KeyType':'HASH'}],'BillingMode':'PAY_PER_REQUEST'}";

std::string put_of(int i) { return "{'TableName':'tbl','Item':{'p':{'S':'" + std::to_string(i) + "'}}}"; }
std::string get_of(int i) {
  return "{'TableName':'tbl','ConsistentRead':true,'Key':{'p':{'S':'" + std::to_string(i) + "'}}}";
}

// Counts the answers that are ready.
class Answers {
 public:
  void expect(http::Exchange& exchange) {
    REQUIRE(exchange.is_waiting());
    exchange.when_ready([this] {
      ++ready_;
      ready_.notify_all();
    });
  }
  [[nodiscard]] int ready() const { return ready_; }
  void wait_for(int count) const {
    for (int now = ready_; now < count; now = ready_) ready_.wait(now);
  }

 private:
  std::atomic<int> ready_ = 0;
};

TEST_CASE("many writes of one thread share syncs, and nothing is seen or answered before its own") {
  GatedFileSystem files(posix_file_system(), GatedFileSystem::Gate::kSyncs);
  ServiceFixture service(syncing(), {}, files);
  REQUIRE(service.call("CreateTable", kTable).starts_with("200"));
  files.close_gate();
  constexpr int kWrites = 100;
  Answers answers;
  std::vector<std::unique_ptr<http::Exchange>> exchanges;
  for (int i = 0; i < kWrites; ++i) {
    exchanges.push_back(service.begin("PutItem", put_of(i)));
    CHECK_FALSE(exchanges.back()->finish_quickly());
    answers.expect(*exchanges.back());
    if (i == 0) files.wait_until_held();
  }
  CHECK(answers.ready() == 0);
  CHECK(service.call("GetItem", get_of(0)) == "200 {}");
  SECTION("what need not be written is answered at once") {
    CHECK(service
              .begin("PutItem",
                     "{'TableName':'tbl','Item':{'p':{'S':'x'}},'ConditionExpression':'attribute_exists(p)'}")
              ->finish_quickly()
              ->status == 400);
    // The item's write is under way: a network thread does not wait for it.
    const auto same = service.begin("PutItem", put_of(0));
    CHECK_FALSE(same->finish_quickly());
    CHECK_FALSE(same->is_waiting());
  }
  files.let_through();
  answers.wait_for(1);
  files.wait_until_held();
  CHECK(service.call("GetItem", get_of(0)) == R"(200 {"Item":{"p":{"S":"0"}}})");
  CHECK(answers.ready() == 1);
  CHECK(service.call("GetItem", get_of(1)) == "200 {}");
  files.let_through();  // the second sync is that of all others
  answers.wait_for(kWrites);
  files.open_gate();
  for (auto& exchange : exchanges) {
    const auto response = exchange->finish_quickly();
    REQUIRE(response);
    CHECK(ServiceFixture::text_of(*response) == "200 {}");
    CHECK_FALSE(exchange->is_waiting());
  }
  CHECK(service.call("GetItem", get_of(99)) == R"(200 {"Item":{"p":{"S":"99"}}})");
}

TEST_CASE("a write that could not be synced is refused, and not there") {
  FaultyFileSystem files;
  ServiceFixture service(syncing(), {}, files);
  REQUIRE(service.call("CreateTable", kTable).starts_with("200"));
  files.fail_operation(2);  // behind the write
  const auto exchange = service.begin("PutItem", put_of(1));
  CHECK_FALSE(exchange->finish_quickly());
  Answers answers;
  answers.expect(*exchange);
  answers.wait_for(1);
  const auto response = exchange->finish_quickly();
  REQUIRE(response);
  CHECK(response->status == 500);
  CHECK(service.call("GetItem", get_of(1)) == "200 {}");
}

}  // namespace
}  // namespace tidemark::api
