// What a bill is made of, from the layers that `admin` does not see.
#pragma once

#include <stop_token>
#include <vector>

#include "admin/bill/ledger.h"
#include "base/auth/authority.h"
#include "s3emu/store/object_store.h"
#include "transfer/transfers.h"

namespace tidemark::server {

// What DynamoDB and S3 were used for since the process began.
admin::Usage metered_usage();

admin::JobUsage usage_of_job(const jobs::JobRecord& job, const transfer::Transfers& transfers);

// Goes through all objects, a page at a time. `own` has what has no other owner.
std::vector<admin::BucketBytes> bucket_bytes(s3emu::ObjectStore& store, const auth::Authority& authority,
                                             const auth::Account& own, const std::stop_token& stop);

}  // namespace tidemark::server
