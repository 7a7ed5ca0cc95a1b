// Who calls, as ARNs name them.
#pragma once

#include <string>
#include <string_view>

#include "api/core/context.h"

namespace tidemark::api {

// `arn:aws:iam::<account>:user/<name>` of an account that the credentials name, else
// `arn:aws:iam::<account>:root`.
std::string caller_arn(const Settings& settings, std::string_view account_id);

}  // namespace tidemark::api
