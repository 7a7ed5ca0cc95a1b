// Who may sign requests: accounts and their keys.
#pragma once

#include <string>
#include <string_view>

#include "base/text.h"

namespace tidemark::auth {

// Twelve digits.
constexpr bool is_account_id(std::string_view text) { return text.size() == 12 && all_digits(text); }

struct Account {
  std::string id;                 // 12 digits
  std::string canonical_user_id;  // 64 hexadecimal digits: how S3 names the account in owners and grants
  std::string display_name;
};

struct Credential {
  std::string access_key;
  std::string secret_key;
  Account account;
};

}  // namespace tidemark::auth
