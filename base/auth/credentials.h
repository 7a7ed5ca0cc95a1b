// The list of those who may sign requests, read from a file in the form of the AWS shared credentials file:
// the same file serves the clients (AWS_SHARED_CREDENTIALS_FILE) and the server.
//
//   [alice]                                   # a profile; its name is the display name unless one is given
//   aws_access_key_id     = AKIAALICE
//   aws_secret_access_key = ...
//   account_id            = 111111111111      # twelve digits; without it the server's own account
//   canonical_user_id     = <64 hex digits>   # without it derived_canonical_user_id(account_id)
//   display_name          = Alice
//
// Several profiles may name one account: their canonical user ids and display names, where given, must agree.
// Lines that begin with `#` or `;` are comments; a value goes to the end of its line.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/auth/account.h"
#include "base/file.h"
#include "base/result.h"

namespace tidemark::auth {

// The hexadecimal SHA-256 of `canonical-user-id:<account id>`: always the same for an account.
std::string derived_canonical_user_id(std::string_view account_id);

// Immutable once made, so it may be read from any thread.
class CredentialList {
 public:
  CredentialList() = default;  // nobody

  // `own` is the server's account: the one of profiles without an account_id, and where its profiles do not
  // say otherwise they have its canonical user id and display name. `file_name` is for messages. Errors:
  // kInvalidArgument, one line with file and line number. They never quote a value that might be a secret.
  static Result<CredentialList> parse(std::string_view text, const std::string& file_name,
                                      const Account& own);
  // Errors: also those of reading the file.
  static Result<CredentialList> load(FileSystem& files, const std::string& path, const Account& own);

  // All of these answer null for what is not there; what they answer lives as long as the list.
  [[nodiscard]] const Credential* find(std::string_view access_key) const;
  [[nodiscard]] const Account* find_account(std::string_view account_id) const;
  [[nodiscard]] const Account* find_canonical(std::string_view canonical_user_id) const;

  [[nodiscard]] bool empty() const { return credentials_.empty(); }
  [[nodiscard]] std::size_t size() const { return credentials_.size(); }

 private:
  std::map<std::string, Credential, std::less<>> credentials_;    // by access key
  std::map<std::string, Account, std::less<>> accounts_;          // by account id
  std::map<std::string, std::string, std::less<>> by_canonical_;  // account id by canonical user id
};

}  // namespace tidemark::auth
