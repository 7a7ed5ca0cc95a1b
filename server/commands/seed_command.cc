#include "server/commands/seed_command.h"

#include <utility>

#include "base/auth/signer.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/digest.h"

namespace tidemark::server {

Result<void> run_seed(const SeedConfig& config, std::FILE* out) {
  SeedRequest request{.sources = config.sources, .values = {}, .into_existing = config.into_existing};
  request.values.region = config.identity.region;
  for (const std::string& parameter : config.parameters) {
    const std::size_t equals = parameter.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return fail(Error::invalid_argument("--parameter: '" + parameter + "' is not like Stage=dev"));
    }
    request.values.parameters[parameter.substr(0, equals)] = parameter.substr(equals + 1);
  }
  const SignedClient client(config.server, config.identity);
  const CallDynamoDb call = [&client](std::string_view operation, const std::string& body) {
    return client.call(operation, body);
  };
  ASSIGN_OR_RETURN(const auto tables, seed(request, call, posix_file_system()));
  for (const SeededTable& table : tables) std::fprintf(out, "%s\n", line_of(table).c_str());
  return {};
}

CallDynamoDb call_in_process(http::Service& dynamodb, ClientIdentity identity) {
  return [&dynamodb, identity = std::move(identity)](std::string_view operation,
                                                     const std::string& body) -> Result<std::string> {
    http::RequestHead head;
    head.method = "POST";
    head.target = "/";
    head.content_length = body.size();
    head.peer = "127.0.0.1";
    head.headers.add("host", "localhost");
    head.headers.add("content-type", "application/x-amz-json-1.0");
    head.headers.add("x-amz-target", "DynamoDB_20120810." + std::string(operation));
    auth::sign(
        {.access_key = identity.access_key, .secret_key = identity.secret_key, .region = identity.region},
        {.service = "dynamodb",
         .form = auth::UriForm::kNormalized,
         .payload = to_hex(digest_of(DigestAlgorithm::kSha256, body)),
         .time = SystemClock().now()},
        &head);
    http::Response response;
    auto exchange = dynamodb.begin(std::move(head));
    if (!exchange) {
      response = std::move(exchange).error();
    } else if (auto written = (*exchange)->write(body); !written) {
      response = std::move(written).error();
    } else {
      response = (*exchange)->finish();
    }
    std::string answer;
    if (auto* const text = std::get_if<std::string>(&response.body)) answer = std::move(*text);
    if (response.status == 200) return answer;
    return fail(Error::invalid_argument(refusal_text(response.status, answer)));
  };
}

}  // namespace tidemark::server
