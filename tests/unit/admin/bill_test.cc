#include <algorithm>
#include <cmath>
#include <utility>

#include "admin/bill/charges.h"
#include "admin/bill/export_or_scan.h"
#include "admin/bill/report.h"
#include "admin/bill/usage.h"
#include "tests/support/catch.h"

namespace tidemark::admin {
namespace {

bool is_near(double number, double expected) { return std::abs(number - expected) <= 1e-9 * expected; }

TEST_CASE("each charge costs its price for so many, by the list of us-east-1") {
  struct Case {
    Charge charge;
    double quantity;
    double usd;
  };
  const Prices prices;
  for (const Case& c :
       {Case{Charge::kWriteRequestUnits, 1e6, 0.625}, Case{Charge::kReadRequestUnits, 2e6, 0.25},
        Case{Charge::kWriteCapacityHours, 100, 0.065}, Case{Charge::kReadCapacityHours, 100, 0.013},
        Case{Charge::kReplicatedWriteUnits, 2e6, 1.25}, Case{Charge::kProvisionedWrites, 1e9, 0},
        Case{Charge::kStreamReads, 1e6, 0.2}, Case{Charge::kTableStorage, 4, 1},
        Case{Charge::kRecoveryStorage, 5, 1}, Case{Charge::kBackupStorage, 10, 1},
        Case{Charge::kRestored, 10, 1.5}, Case{Charge::kExported, 10, 1}, Case{Charge::kImported, 10, 1.5},
        Case{Charge::kS3Writes, 1e3, 0.005}, Case{Charge::kS3Reads, 1e4, 0.004},
        Case{Charge::kS3Free, 1e9, 0}, Case{Charge::kS3Storage, 1'000, 23}}) {
    CAPTURE(kind_of(c.charge).name);
    CHECK(is_near(prices.cost(c.charge, c.quantity), c.usd));
  }
}

TEST_CASE("the list of charges is in the order of its enumeration, each name once") {
  for (std::size_t i = 0; i < kCharges.size(); ++i) {
    CHECK(static_cast<std::size_t>(kCharges[i].charge) == i);
    CHECK(std::count_if(kCharges.begin(), kCharges.end(),
                        [i](const ChargeKind& other) { return other.name == kCharges[i].name; }) == 1);
  }
}

const UsageKey kPut{
    .charge = Charge::kWriteRequestUnits, .account = "1", .resource = "t", .operation = "PutItem"};

UsageKey with_label(UsageKey key, std::string label) {
  key.label = std::move(label);
  return key;
}

TEST_CASE("usage since a mark is the difference, and what went away counts as nothing") {
  UsageKey gone = kPut;
  gone.resource = "gone";
  UsageKey same = kPut;
  same.operation = "DeleteItem";
  UsageKey fresh = kPut;
  fresh.resource = "new";
  const Usage earlier = {{kPut, 2}, {gone, 5}, {same, 0.1 + 0.2}};
  const Usage later = {{kPut, 5}, {same, 0.3}, {fresh, 1}};
  CHECK(since(later, earlier) == Usage{{kPut, 3}, {fresh, 1}});
  CHECK(since(later, {}) == later);
}

TEST_CASE("usage is narrowed by label and account, and added up over labels") {
  UsageKey other = kPut;
  other.account = "2";
  const Usage usage = {
      {kPut, 1}, {with_label(kPut, "a"), 2}, {with_label(kPut, "b"), 4}, {with_label(other, "a"), 8}};
  CHECK(narrowed(usage, {}) == Usage{{kPut, 7}, {other, 8}});
  CHECK(narrowed(usage, {.label = "a", .account = std::nullopt}) == Usage{{kPut, 2}, {other, 8}});
  CHECK(narrowed(usage, {.label = "a", .account = "2"}) == Usage{{other, 8}});
  CHECK(narrowed(usage, {.label = "none", .account = std::nullopt}).empty());
}

TEST_CASE("a bill has the dearest line first, and their sum") {
  UsageKey read = kPut;
  read.charge = Charge::kReadRequestUnits;
  read.operation = "GetItem";
  const Bill bill = bill_of({{kPut, 1e6}, {read, 8e6}}, Prices());
  REQUIRE(bill.lines.size() == 2);
  CHECK(is_near(bill.lines[0].usd, 1));
  CHECK(bill.lines[0].what.operation == "GetItem");
  CHECK(is_near(bill.lines[1].usd, 0.625));
  CHECK(is_near(bill.usd, 1.625));
  CHECK(text_of(bill.lines[1]) == "0.62500000 USD  1000000 unit  write-request-units  t  PutItem");
}

TEST_CASE("prices of a file stand in place of the defaults") {
  const auto prices = parse_prices("region: eu-west-1\nprices:\n  exported: 0.11\n  imported: 0\n", "p.yaml");
  REQUIRE(prices);
  CHECK(prices->region == "eu-west-1");
  CHECK(prices->date == Prices().date);
  CHECK(prices->cost(Charge::kExported, 1) == 0.11);
  CHECK(prices->cost(Charge::kImported, 1) == 0);
  CHECK(prices->cost(Charge::kRestored, 1) == 0.15);
  CHECK(parse_prices(R"({"prices":{"restored":1}})", "p.json")->cost(Charge::kRestored, 2) == 2);
}

TEST_CASE("what is no price is refused with its place") {
  for (const auto& [text, what] : {std::pair("prices:\n  gold: 1\n", "p:2: there is no price 'gold'"),
                                   std::pair("prices:\n  restored: -0.1\n", "p:2: restored must be a number"),
                                   std::pair("prices:\n  restored: nan\n", "p:2: restored must be a number"),
                                   std::pair("prices:\n  restored: [1]\n", "p:2: restored must be a number"),
                                   std::pair("date: x\n", "p:1: the member prices is missing"),
                                   std::pair("money: 1\n", "p:1: there is no member 'money'")}) {
    CAPTURE(text);
    const auto prices = parse_prices(text, "p");
    REQUIRE_FALSE(prices.has_value());
    CHECK(prices.error().message.starts_with(what));
  }
}

TEST_CASE("S3 charges by the verb") {
  for (const auto& [operation, charge] :
       {std::pair("PutObject", Charge::kS3Writes), std::pair("CopyObject", Charge::kS3Writes),
        std::pair("PostObject", Charge::kS3Writes), std::pair("ListObjectsV2", Charge::kS3Writes),
        std::pair("CreateBucket", Charge::kS3Writes), std::pair("UploadPart", Charge::kS3Writes),
        std::pair("CompleteMultipartUpload", Charge::kS3Writes), std::pair("GetObject", Charge::kS3Reads),
        std::pair("HeadObject", Charge::kS3Reads), std::pair("GetBucketPolicy", Charge::kS3Reads),
        std::pair("DeleteObjects", Charge::kS3Free), std::pair("AbortMultipartUpload", Charge::kS3Free)}) {
    CAPTURE(operation);
    CHECK(s3_charge_of(operation) == charge);
  }
}

TEST_CASE("an export costs by size, a scan by read units") {
  // 1 GB: 262,144 blocks of 4 KB.
  const TableSize table{.items = 1'000,
                        .table_bytes = 1'073'741'824,
                        .local_index_bytes = 1'073'741'824,
                        .partitions = 4,
                        .is_provisioned = false,
                        .read_units_per_second = 12'000};
  const ExportOrScan costs = compare_export_and_scan(table, Prices());
  CHECK(costs.eventual.read_units == 131'072);
  CHECK(costs.eventual.requests == 1'024);
  CHECK(is_near(costs.eventual.usd, 0.016384));
  CHECK(is_near(costs.eventual.seconds, 131'072.0 / 12'000));
  CHECK(is_near(costs.strong.usd, 0.032768));
  CHECK(costs.exported.gigabytes == 2);
  CHECK(is_near(costs.exported.usd, 0.2 + 27 * 0.005 / 1'000));

  TableSize empty{.partitions = 4, .is_provisioned = true, .read_units_per_second = 0};
  const ExportOrScan nothing = compare_export_and_scan(empty, Prices());
  CHECK(nothing.eventual.read_units == 2);
  CHECK(nothing.eventual.usd == 0);
  CHECK(nothing.eventual.seconds == 0);
}

}  // namespace
}  // namespace tidemark::admin
