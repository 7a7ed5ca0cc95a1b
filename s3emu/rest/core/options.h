// How the S3 service behaves, fixed at start.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/auth/account.h"
#include "base/auth/authority.h"
#include "base/clock.h"

namespace tidemark::s3emu {

struct S3Options {
  std::string region = "us-east-1";  // of buckets created without one
  // Whether signatures are verified, and whose access keys are known. Never null.
  std::shared_ptr<const auth::Authority> authority = std::make_shared<auth::Authority>();
  // Whom everybody else is taken for while they are not.
  auth::Account owner = {"000000000000", "0d5e00000000000000000000000000000000000000000000000000000000cafe",
                         "owner"};
  // Lower case. `<bucket>.<one of these>` in the Host header addresses the bucket.
  std::vector<std::string> base_domains = {"localhost", "s3.localhost"};
  // Whose X-Forwarded-Proto is believed.
  std::vector<AddressRange> trusted_proxies = {};
  // Pages of these origins may do what no CORS rule allows; `*`: those of any.
  std::vector<std::string> cors_origins = {};
  // Called when the lifecycle rules of a bucket have changed, by whichever thread changed them; may be empty.
  std::function<void()> lifecycle_changed = {};
  // Judges signatures and presigned URLs: clients do not jump with the service's time. Null: the service's
  // clock.
  const Clock* wall = nullptr;
};

}  // namespace tidemark::s3emu
