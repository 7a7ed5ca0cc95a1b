// The buckets of an account go, with everything in them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/auth/account.h"
#include "base/auth/authority.h"
#include "base/result.h"
#include "s3emu/store/object_store.h"

namespace tidemark::server {

// `own` is the server's account, whose the buckets are that name nobody. Without an account the buckets of
// all. Returns how many there were. Errors: kIo.
Result<std::size_t> discard_buckets(s3emu::ObjectStore& store, const auth::Authority& authority,
                                    const auth::Account& own, const std::optional<std::string>& account);

}  // namespace tidemark::server
