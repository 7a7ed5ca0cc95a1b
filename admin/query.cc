#include "admin/query.h"

#include <algorithm>
#include <charconv>

#include "base/auth/account.h"
#include "base/http_message.h"
#include "base/utf8.h"

namespace tidemark::admin {

Result<std::vector<std::pair<std::string, std::string>>, std::string> parse_query(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> parameters;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    if (part.empty()) continue;
    const std::size_t equals = std::min(part.find('='), part.size());
    auto name = http::percent_decode(part.substr(0, equals), http::Plus::kBlank);
    auto value = http::percent_decode(part.substr(std::min(equals + 1, part.size())), http::Plus::kBlank);
    if (!name || !value) return fail(std::string("The query is not percent-encoded."));
    // Answers repeat them.
    if (!is_utf8(*name) || !is_utf8(*value)) return fail(std::string("The query is not UTF-8."));
    parameters.emplace_back(*std::move(name), *std::move(value));
  }
  return parameters;
}

Result<std::string, std::string> parse_account(const std::string& value) {
  if (auth::is_account_id(value)) return value;
  return fail(std::string("account must be twelve digits."));
}

Result<std::size_t, std::string> parse_limit(std::string_view value) {
  std::size_t limit = 0;
  const char* const end = value.data() + value.size();
  const auto [stop, error] = std::from_chars(value.data(), end, limit);
  if (error == std::errc() && stop == end && limit > 0 && limit <= kPageMax) return limit;
  return fail("limit must be a number from 1 to " + std::to_string(kPageMax) + ".");
}

}  // namespace tidemark::admin
