// Condition keys that all services have: `aws:SourceIp` and so on.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/auth/account.h"
#include "base/clock.h"
#include "base/http_message.h"

namespace tidemark::auth {

// Whether nobody between the sender and us could listen: it came by TLS, to a trusted proxy or to us, or it
// never left the machine.
bool is_secure(const http::RequestHead& head, std::span<const AddressRange> trusted_proxies);

// What a request tells, whoever sent it. Borrows all of it.
struct RequestFacts {
  const http::RequestHead& head;
  std::span<const AddressRange> trusted_proxies;
  Timestamp now;
  std::string_view region;
};
// `key` as lower_condition_key() makes it. Nothing: the request has no such key.
std::optional<std::vector<std::string>> request_value(std::string_view key, const RequestFacts& facts);

// The same of who sent it; null: nobody knows.
std::optional<std::vector<std::string>> caller_value(std::string_view key, const Account* caller);

}  // namespace tidemark::auth
