// What a signature says about its credential, without a copy of it.
#pragma once

#include <optional>
#include <string_view>

namespace tidemark::auth {

// The parts of a CredentialScope (sigv4.h) as views into the text.
struct CredentialView {
  std::string_view access_key;  // may hold slashes
  std::string_view date;
  std::string_view region;
  std::string_view service;
  std::string_view terminator;
};

// Splits from the right. Nothing when there are fewer than five elements.
std::optional<CredentialView> split_credential(std::string_view text);

}  // namespace tidemark::auth
