// Every access key is an account of its own: for a class in which nobody has to be given keys.
//
// In open mode the services take an access key of twelve digits for the account of that id. This stands in
// front of them and writes such an id in the place of every other key, in the Authorization header (Signature
// Version 4 and 2) and in the query of presigned URLs. The id is made of the key, always the same one on
// every machine. Signatures do not hold any more behind it, which nobody verifies in open mode. The fields of
// browser forms, which come in the body, are left as they are.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/auth/credentials.h"
#include "base/http_message.h"
#include "base/result.h"
#include "server/personality/spaces.h"

namespace tidemark::server {

class AccountPerKey final : public http::Service {
 public:
  // Keys that `known` lists are left alone. Both must outlive the service, the service its exchanges.
  AccountPerKey(http::Service& next, const auth::CredentialList& known) : next_(next), known_(known) {}

  Result<std::unique_ptr<http::Exchange>, http::Response> begin(http::RequestHead head) override;

 private:
  // What stands for the key; nothing to do when it is the same.
  [[nodiscard]] std::string replaced(std::string_view access_key) const;
  [[nodiscard]] std::string replaced_header(std::string_view header) const;
  [[nodiscard]] std::string replaced_target(const std::string& target) const;

  http::Service& next_;
  const auth::CredentialList& known_;
};

}  // namespace tidemark::server
