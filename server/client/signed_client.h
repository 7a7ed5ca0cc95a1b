// Asks a running server as an SDK does: DynamoDB's protocol and S3, with signatures of version 4.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "server/client/local_client.h"

namespace tidemark::server {

// `ValidationException: …`, or what else an answer says that refuses.
std::string refusal_text(int status, const std::string& body);

// A server that verifies no signatures takes any.
struct ClientIdentity {
  std::string access_key = "test";
  std::string secret_key = "test";
  std::string region = "us-east-1";
};

class SignedClient {
 public:
  SignedClient(ServerAddress server, ClientIdentity identity);

  // The answer of an operation of DynamoDB. Errors: kUnavailable when nobody answers; kInvalidArgument with
  // what the service says.
  [[nodiscard]] Result<std::string> call(std::string_view operation, std::string_view body) const;

  // Bytes of an object from `offset` on, `size` at most; nothing behind its end. Errors: kNotFound; as
  // call().
  [[nodiscard]] Result<std::string> read_object(std::string_view bucket, std::string_view key,
                                                std::uint64_t offset, std::uint64_t size) const;

 private:
  struct Question;
  [[nodiscard]] Result<HttpAnswer> ask_signed(const Question& question) const;

  const ServerAddress server_;
  const ClientIdentity identity_;
};

}  // namespace tidemark::server
