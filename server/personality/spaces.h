// Whose tables a caller sees, where that is decided as DynamoDB Local does (`--spaces`).
//
// Tables belong to an account and a Region. A request is made one of the account and Region that its space
// stands for, before any service sees it; signatures are not verified then.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/http_message.h"

namespace tidemark::server {

enum class Spaces {
  kAccount,  // as the service: the account that the key is, and the Region of the signature
  kKey,      // each access key and Region has its own
  kOne,      // all callers see the same
};

// The account that stands for an access key: twelve digits, the same on every machine. A key that is such a
// number already is that account.
std::string account_of_key(std::string_view access_key);

// Thread-safety: begin() may be called concurrently.
class SpaceMapper final : public http::Service {
 public:
  // `next` must outlive it. `account` and `region` are those of kOne.
  SpaceMapper(http::Service& next, Spaces spaces, std::string account, std::string region)
      : next_(next), spaces_(spaces), account_(std::move(account)), region_(std::move(region)) {}

  Result<std::unique_ptr<http::Exchange>, http::Response> begin(http::RequestHead head) override;

 private:
  [[nodiscard]] std::string mapped(std::string_view authorization) const;

  http::Service& next_;
  const Spaces spaces_;
  const std::string account_;
  const std::string region_;
};

}  // namespace tidemark::server
