#include "server/personality/foreign_line.h"

#include <algorithm>

namespace tidemark::server {

std::vector<std::string> own_arguments(std::string_view program, std::vector<std::string> arguments) {
  const std::string_view name = program.substr(program.rfind('/') + 1);
  const bool has_jar = std::any_of(arguments.begin(), arguments.end(), [](const std::string& argument) {
    return argument.ends_with("DynamoDBLocal.jar");
  });
  if (name == "java" && has_jar) arguments.insert(arguments.begin(), "dynamodb-local");
  return arguments;
}

std::optional<Result<ForeignLine>> read_foreign_line(const std::vector<std::string>& arguments,
                                                     const Environment& environment,
                                                     std::string_view version) {
  if (arguments.empty()) return std::nullopt;
  const std::vector<std::string> rest(arguments.begin() + 1, arguments.end());
  if (arguments.front() == "dynamodb-local") return read_dynamodb_local_line(rest, environment, version);
  if (arguments.front() == "localstack") return read_localstack_line(rest, environment, version);
  if (arguments.front() == "server") return read_minio_line(rest, environment, version);
  return std::nullopt;
}

}  // namespace tidemark::server
