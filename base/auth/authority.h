// Who may call, and how closely that is looked at: one for S3 and DynamoDB together.
#pragma once

#include <cstdint>
#include <utility>

#include "base/auth/credentials.h"
#include "base/auth/sigv4.h"

namespace tidemark::auth {

// Thread-safety: may be used concurrently.
class Authority {
 public:
  struct Options {
    // True: signatures are verified. False: any credentials will do, and the list only says whose a known
    // access key is.
    bool strict = false;
    // How far the time of a signature may be from the server's; 0: any time will do.
    std::int64_t skew_seconds_max = 15 * 60;
  };

  Authority() = default;  // open, and nobody is known
  Authority(Options options, CredentialList credentials)
      : options_(options), credentials_(std::move(credentials)) {}

  [[nodiscard]] bool is_strict() const { return options_.strict; }
  [[nodiscard]] std::int64_t skew_seconds_max() const { return options_.skew_seconds_max; }
  [[nodiscard]] const CredentialList& credentials() const { return credentials_; }
  [[nodiscard]] SigningKeys& keys() const { return keys_; }

 private:
  const Options options_{};
  const CredentialList credentials_{};
  mutable SigningKeys keys_;
};

}  // namespace tidemark::auth
