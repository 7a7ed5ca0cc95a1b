// How many requests buckets have had since the process began, for /_tidemark/bill: those that the wire
// brought, and those that exports and imports would have sent.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/request_label.h"

namespace tidemark::s3emu {

struct MeteredRequests {
  std::string account;  // whose request it was; empty: nobody's
  std::string bucket;   // empty: of no bucket, or beyond the number of those kept apart
  std::string_view operation;
  std::string label;  // empty: none
  std::uint64_t count = 0;
};

// `operation` must live as long as the process. Thread-safety: may be called concurrently.
void meter_request(std::string_view account, std::string_view bucket, std::string_view operation,
                   LabelId label);
std::vector<MeteredRequests> metered_requests();

}  // namespace tidemark::s3emu
