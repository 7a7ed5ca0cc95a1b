#include "server/program/bill_sources.h"

#include <string>
#include <utility>

#include "api/core/capacity_meter.h"
#include "base/auth/credentials.h"
#include "s3emu/request_meter.h"

namespace tidemark::server {
namespace {

using admin::Charge;

void add_operation(const api::MeteredOperation& metered, admin::Usage* usage) {
  const auto charge = [&](Charge what, double quantity, std::string part) {
    if (quantity <= 0) return;
    (*usage)[{.charge = what,
              .account = metered.account,
              .region = metered.region,
              .resource = metered.table,
              .part = std::move(part),
              .operation = std::string(metered.operation),
              .label = metered.label}] += quantity;
  };
  const Charge read = metered.is_provisioned ? Charge::kProvisionedReads : Charge::kReadRequestUnits;
  const Charge write = metered.is_provisioned ? Charge::kProvisionedWrites : Charge::kWriteRequestUnits;
  charge(read, metered.units.read, {});
  charge(read, metered.units.index_read, "indexes");
  charge(write, metered.units.written, {});
  charge(write, metered.units.index_written, "indexes");
  charge(metered.is_provisioned ? Charge::kProvisionedWrites : Charge::kReplicatedWriteUnits,
         metered.units.replicated, {});
  charge(Charge::kStreamReads, metered.units.stream_reads, {});
}

// Empty: nobody's that is known.
std::string account_of(const s3emu::ObjectOwner& owner, const auth::Authority& authority,
                       const auth::Account& own) {
  if (owner.id.empty() || owner.id == own.canonical_user_id) return own.id;
  const auth::Account* const known = authority.credentials().find_canonical(owner.id);
  return known != nullptr ? known->id : std::string();
}

std::uint64_t bytes_in(s3emu::ObjectStore& store, const std::string& bucket, const std::stop_token& stop) {
  std::uint64_t bytes = 0;
  s3emu::ListVersionsRequest request;
  while (!stop.stop_requested()) {
    const auto page = store.list_versions(bucket, request);
    if (!page) break;  // it has just been deleted
    for (const s3emu::ListedVersion& version : page->versions) bytes += version.info.size;
    if (!page->truncated) break;
    request.key_marker = page->next_key;
    request.version_marker = page->next_version;
  }
  return bytes;
}

}  // namespace

admin::Usage metered_usage() {
  admin::Usage usage;
  for (const api::MeteredOperation& metered : api::metered_operations()) add_operation(metered, &usage);
  for (const s3emu::MeteredRequests& metered : s3emu::metered_requests()) {
    usage[{.charge = admin::s3_charge_of(metered.operation),
           .account = metered.account,
           .region = {},
           .resource = metered.bucket,
           .part = {},
           .operation = std::string(metered.operation),
           .label = metered.label}] += static_cast<double>(metered.count);
  }
  return usage;
}

admin::JobUsage usage_of_job(const jobs::JobRecord& job, const transfer::Transfers& transfers) {
  admin::JobUsage usage{.bytes = job.totals.bytes, .label = api::label_of_job(job.arn)};
  // An incremental export is charged for ten megabytes at least.
  if (const auto exported = transfers.exports.book().find_id(job.id))
    usage.bytes = exported->billed_size_bytes();
  return usage;
}

std::vector<admin::BucketBytes> bucket_bytes(s3emu::ObjectStore& store, const auth::Authority& authority,
                                             const auth::Account& own, const std::stop_token& stop) {
  std::vector<admin::BucketBytes> all;
  for (const s3emu::BucketInfo& bucket : store.list_buckets()) {
    all.push_back(
        {account_of(bucket.owner, authority, own), bucket.name, bytes_in(store, bucket.name, stop)});
  }
  return all;
}

}  // namespace tidemark::server
