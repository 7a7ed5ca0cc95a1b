#include "api/backups/continuous_backups.h"

#include "tests/unit/api/service_fixture.h"

namespace tidemark::api {
namespace {

constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kStart = 1'767'225'600;

std::string enabled(std::int64_t earliest, std::int64_t latest, int days = 35) {
  return R"(200 {"ContinuousBackupsDescription":{"ContinuousBackupsStatus":"ENABLED",)"
         R"("PointInTimeRecoveryDescription":{"PointInTimeRecoveryStatus":"ENABLED","RecoveryPeriodInDays":)" +
         std::to_string(days) + R"(,"EarliestRestorableDateTime":)" + std::to_string(earliest) +
         R"(,"LatestRestorableDateTime":)" + std::to_string(latest) + "}}}";
}

constexpr const char* kDisabled =
    R"(200 {"ContinuousBackupsDescription":{"ContinuousBackupsStatus":"ENABLED",)"
    R"("PointInTimeRecoveryDescription":{"PointInTimeRecoveryStatus":"DISABLED"}}})";

// The service's lag.
Settings minutes_behind() {
  Settings settings;
  settings.pitr_lag = std::chrono::minutes(5);
  return settings;
}

constexpr const char* kTable = "{'TableName':'abc'}";
constexpr const char* kOff =
    "{'TableName':'abc','PointInTimeRecoverySpecification':{'PointInTimeRecoveryEnabled':false}}";
constexpr const char* kOn =
    "{'TableName':'abc','PointInTimeRecoverySpecification':{'PointInTimeRecoveryEnabled':true}}";

std::string on_for(int days) {
  return "{'TableName':'abc','PointInTimeRecoverySpecification':{'PointInTimeRecoveryEnabled':true,"
         "'RecoveryPeriodInDays':" +
         std::to_string(days) + "}}";
}

void create(ServiceFixture& service) {
  REQUIRE(service
              .call("CreateTable",
                    "{'TableName':'abc','AttributeDefinitions':[{'AttributeName':'pk','AttributeType':'S'}],"
                    "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'}],'BillingMode':'PAY_PER_REQUEST'}")
              .starts_with("200"));
}

}  // namespace

TEST_CASE("the window begins when recovery is enabled and ends five minutes ago") {
  ServiceFixture service(minutes_behind());
  create(service);
  CHECK(service.call("DescribeContinuousBackups", kTable) == kDisabled);
  service.clock().advance_seconds(100);
  CHECK(service.call("UpdateContinuousBackups", kOn) == enabled(kStart + 100, kStart + 100));
  service.clock().advance_seconds(300);
  CHECK(service.call("DescribeContinuousBackups", kTable) == enabled(kStart + 100, kStart + 100));
  service.clock().advance_seconds(1);
  CHECK(service.call("DescribeContinuousBackups", kTable) == enabled(kStart + 100, kStart + 101));
  // Enabling again changes nothing; switching off and on begins anew.
  CHECK(service.call("UpdateContinuousBackups", kOn) == enabled(kStart + 100, kStart + 101));
  CHECK(service.call("UpdateContinuousBackups", kOff) == kDisabled);
  CHECK(service.call("UpdateContinuousBackups", kOff) == kDisabled);
  CHECK(service.call("UpdateContinuousBackups", kOn) == enabled(kStart + 401, kStart + 401));
  CHECK(service.call("DescribeContinuousBackups",
                     "{'TableName':'arn:aws:dynamodb:us-east-1:000000000000:table/abc'}") ==
        enabled(kStart + 401, kStart + 401));
}

TEST_CASE("a shorter period gives up what is older, a longer one brings nothing back") {
  ServiceFixture service(minutes_behind());
  create(service);
  service.call("UpdateContinuousBackups", kOn);
  service.clock().advance_seconds(40 * kDay);
  const std::int64_t now = kStart + 40 * kDay;
  CHECK(service.call("DescribeContinuousBackups", kTable) == enabled(now - 35 * kDay, now - 300));
  CHECK(service.call("UpdateContinuousBackups", on_for(2)) == enabled(now - 2 * kDay, now - 300, 2));
  CHECK(service.call("UpdateContinuousBackups", on_for(10)) == enabled(now - 2 * kDay, now - 300, 10));
  CHECK(service.call("UpdateContinuousBackups", kOff) == kDisabled);
  CHECK(service.call("UpdateContinuousBackups", kOn) == enabled(now, now, 35));
}

TEST_CASE("without a lag a table can be restored to what it is now") {
  ServiceFixture service;
  create(service);
  service.call("UpdateContinuousBackups", kOn);
  service.clock().advance_seconds(100);
  CHECK(service.call("DescribeContinuousBackups", kTable) == enabled(kStart, kStart + 100));
}

TEST_CASE("errors of continuous backups") {
  ServiceFixture service(minutes_behind());
  create(service);
  const std::string invalid = R"(400 {"__type":"com.amazon.coral.validate#ValidationException","message":")";
  CHECK(service.call("UpdateContinuousBackups", on_for(36)) ==
        invalid +
            "1 validation error detected: Value '36' at "
            "'pointInTimeRecoverySpecification.recoveryPeriodInDays' failed to satisfy constraint: Member "
            "must have value less than or equal to 35\"}");
  CHECK(service.call(
            "UpdateContinuousBackups",
            "{'TableName':'abc','PointInTimeRecoverySpecification':{'PointInTimeRecoveryEnabled':false,"
            "'RecoveryPeriodInDays':5}}") ==
        invalid +
            "Invalid Request: Cannot specify RecoveryPeriodInDays when disabling point-in-time recovery.\"}");
  CHECK(service.call("UpdateContinuousBackups", kTable) ==
        invalid +
            "1 validation error detected: Value null at 'pointInTimeRecoverySpecification' failed to "
            "satisfy constraint: Member must not be null\"}");
  CHECK(service.call("DescribeContinuousBackups", "{'TableName':'none'}") ==
        R"(400 {"__type":"com.amazonaws.dynamodb.v20120810#TableNotFoundException",)"
        R"("message":"Table not found: none"})");
}

}  // namespace tidemark::api
