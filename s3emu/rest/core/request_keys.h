// What a request tells the conditions of policies.
#pragma once

#include "base/auth/policy/policy_text.h"
#include "s3emu/rest/core/body_keys.h"
#include "s3emu/rest/core/options.h"
#include "s3emu/rest/core/request.h"

namespace tidemark::s3emu {

// Whether nobody between the sender and us could listen: a trusted proxy said that it came by TLS, or it
// never left the machine.
bool is_secure(const http::RequestHead& head, const S3Options& options);

// Borrows the request.
class RequestKeys final : public auth::ConditionKeys {
 public:
  // `now` is the service's time, `wall` that of clients, who sign with it. What `further` has goes before
  // what the headers say.
  RequestKeys(const S3Request& request, const S3Options& options, Timestamp now, Timestamp wall,
              BodyKeys further = {})
      : request_(request), options_(options), now_(now), wall_(wall), further_(std::move(further)) {}

  [[nodiscard]] std::optional<std::vector<std::string>> values(std::string_view key) const override;
  [[nodiscard]] bool is_pending(std::string_view key) const override;

 private:
  [[nodiscard]] std::optional<std::vector<std::string>> s3_values(std::string_view name) const;
  // What a header says of the key `name`, unless the operation does not go by it.
  [[nodiscard]] std::optional<std::vector<std::string>> header_value(std::string_view name,
                                                                     std::string_view header) const;
  [[nodiscard]] std::optional<std::vector<std::string>> request_tags(std::string_view condition_key,
                                                                     std::string_view name) const;
  [[nodiscard]] std::optional<std::vector<std::string>> lock_values(std::string_view name) const;
  [[nodiscard]] std::optional<std::string> auth_type() const;
  [[nodiscard]] std::optional<std::string> signature_version() const;
  [[nodiscard]] std::optional<std::string> signature_age() const;
  [[nodiscard]] std::optional<std::string> content_sha256() const;

  const S3Request& request_;
  const S3Options& options_;
  const Timestamp now_;
  const Timestamp wall_;
  const BodyKeys further_;
};

}  // namespace tidemark::s3emu
