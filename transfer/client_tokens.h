// Idempotency tokens of exports and imports: which job a token began, and with which parameters.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "storage/catalog.h"

namespace tidemark::transfer {

// A token is a new one this long after its job ended. Source: DynamoDB API reference, ClientToken.
inline constexpr std::int64_t kTokenLifetimeSeconds = 8 * 3'600;

struct TokenUse {
  std::string arn;          // of the job
  std::string fingerprint;  // of the parameters
};

// `kind` keeps the tokens of exports and imports apart.
std::optional<TokenUse> find_token(const storage::Catalog& catalog, std::string_view kind,
                                   const storage::Owner& owner, std::string_view token);
Result<void> remember_token(storage::Catalog& catalog, std::string_view kind, const storage::Owner& owner,
                            std::string_view token, const TokenUse& use);
Result<void> forget_token(storage::Catalog& catalog, std::string_view kind, const storage::Owner& owner,
                          std::string_view token);

}  // namespace tidemark::transfer
