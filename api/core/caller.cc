#include "api/core/caller.h"

namespace tidemark::api {

std::string caller_arn(const Settings& settings, std::string_view account_id) {
  const auth::Account* const account = settings.authority->credentials().find_account(account_id);
  return "arn:aws:iam::" + std::string(account_id) +
         (account == nullptr ? std::string(":root") : ":user/" + account->display_name);
}

}  // namespace tidemark::api
