// What a request tells the conditions of policies.
#pragma once

#include "s3emu/access/policy_text.h"
#include "s3emu/rest/core/options.h"
#include "s3emu/rest/core/request.h"

namespace tidemark::s3emu {

// Whether nobody between the sender and us could listen: a proxy said that it came by TLS, or it never left
// the machine.
bool is_secure(const http::RequestHead& head);

// Borrows the request.
class RequestKeys final : public ConditionKeys {
 public:
  RequestKeys(const S3Request& request, const S3Options& options, Timestamp now)
      : request_(request), options_(options), now_(now) {}

  [[nodiscard]] std::optional<std::vector<std::string>> values(std::string_view key) const override;

 private:
  [[nodiscard]] std::optional<std::vector<std::string>> s3_values(std::string_view name) const;
  [[nodiscard]] std::optional<std::vector<std::string>> request_tags(std::string_view name) const;
  [[nodiscard]] std::optional<std::string> signature_version() const;

  const S3Request& request_;
  const S3Options& options_;
  const Timestamp now_;
};

}  // namespace tidemark::s3emu
