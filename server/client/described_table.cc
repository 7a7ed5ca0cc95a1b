#include "server/client/described_table.h"

#include <string>

#include "base/json_writer.h"

namespace tidemark::server {

Result<json::Value> described_table(const SignedClient& client, std::string_view table,
                                    json::Document* document) {
  std::string request;
  JsonWriter json(&request);
  json.begin_object();
  json.member("TableName", table);
  json.end_object();
  ASSIGN_OR_RETURN(const std::string answer, client.call("DescribeTable", request));
  const auto root = document->parse(answer);
  const auto described = root && root->is_object() ? root->find("Table") : std::nullopt;
  if (!described || !described->is_object()) {
    return fail(Error::unavailable("the server describes no table"));
  }
  return *described;
}

}  // namespace tidemark::server
