// The command lines of other servers: what somebody types, or a compose file says, who has one of them in
// place. Each becomes the arguments of `tidemark serve`.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace tidemark::server {

// As in server/environment.h, a higher room.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

struct ForeignStart {
  std::vector<std::string> arguments;  // `serve`, and its flags
  bool loads_eagerly = false;          // LocalStack's services are said to run before they are used
};
// A text to print, for `-help` and `-version`.
using ForeignLine = std::variant<ForeignStart, std::string>;

// Reads the arguments of `tidemark dynamodb-local ARGUMENTS`. What a Java needs before
// `-jar DynamoDBLocal.jar`, and that, may stand in front of DynamoDB Local's own.
// Errors: kInvalidArgument, as that server words them where that is known.
Result<ForeignLine> read_dynamodb_local_line(const std::vector<std::string>& arguments,
                                             const Environment& environment, std::string_view version);

// The same for `tidemark localstack`, which has no flags: everything is in the environment, each name also
// with `LOCALSTACK_` in front.
Result<ForeignLine> read_localstack_line(const std::vector<std::string>& arguments,
                                         const Environment& environment, std::string_view version);

// The same for `tidemark server DIR --address :9000`, the command line of MinIO.
Result<ForeignLine> read_minio_line(const std::vector<std::string>& arguments, const Environment& environment,
                                    std::string_view version);

// The arguments of a process that was called `program`: those of a Java that is to run DynamoDB Local are
// those of `tidemark dynamodb-local`.
std::vector<std::string> own_arguments(std::string_view program, std::vector<std::string> arguments);

// Nothing when the first of the arguments is no command of another server.
std::optional<Result<ForeignLine>> read_foreign_line(const std::vector<std::string>& arguments,
                                                     const Environment& environment,
                                                     std::string_view version);

}  // namespace tidemark::server
