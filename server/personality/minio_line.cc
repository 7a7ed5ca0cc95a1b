// `server DIR --address :9000 --console-address :9001` and MinIO's variables.
// docs/coming-from-minio.md says which of them are obeyed.
#include <algorithm>
#include <array>
#include <string>

#include "server/personality/foreign_line.h"
#include "server/personality/line_reader.h"

namespace tidemark::server {
namespace {

constexpr ForeignFlag kFlags[] = {
    {.name = "address", .takes_value = true},
    {.name = "console-address", .takes_value = true},
    {.name = "certs-dir", .takes_value = true, .alias = "S"},
    {.name = "json"},
    {.name = "quiet"},
    {.name = "anonymous"},
    {.name = "help", .alias = "h"},
};

constexpr const char* kUsage =
    "usage: tidemark server DIR [--address :9000] [--json]\n"
    "Serves S3 alone, as MinIO, and keeps the data in DIR/tidemark-data. The variables MINIO_ADDRESS,\n"
    "MINIO_VOLUMES, MINIO_DOMAIN, MINIO_REGION, MINIO_SITE_REGION and MINIO_REGION_NAME are obeyed, and\n"
    "Tidemark's own. --console-address, --quiet and --anonymous are accepted and without effect.\n";

}  // namespace

Result<ForeignLine> read_minio_line(const std::vector<std::string>& arguments, const Environment& environment,
                                    std::string_view) {
  ASSIGN_OR_RETURN(const ForeignWords words, read_words(arguments, kFlags, "server: "));
  if (words.flags.contains("help")) return ForeignLine(std::string(kUsage));
  std::vector<std::string> directories = words.others;
  if (directories.empty()) {
    if (const auto volumes = variable(environment, "MINIO_VOLUMES")) directories.push_back(*volumes);
  }
  if (directories.size() != 1 || directories.front().find("...") != std::string::npos) {
    return fail(Error::invalid_argument("server: one directory is needed: tidemark server DIR"));
  }
  if (words.flags.contains("certs-dir")) {
    return fail(Error::invalid_argument(
        "server: --certs-dir is not read; give TIDEMARK_TLS_CERT and TIDEMARK_TLS_KEY"));
  }
  ForeignStart start{.arguments = {"serve", "--personality", "minio", "--s3-port", "off", "--data-dir",
                                   directories.front() + "/tidemark-data"}};
  const auto given = words.flags.find("address");
  const std::string address =
      given != words.flags.end() ? given->second : variable(environment, "MINIO_ADDRESS").value_or(":9000");
  ASSIGN_OR_RETURN(const std::vector<std::string> flags,
                   flags_of_address(address, given != words.flags.end() ? "--address" : "MINIO_ADDRESS"));
  start.arguments.insert(start.arguments.end(), flags.begin(), flags.end());
  static constexpr std::array kRegions = {"MINIO_SITE_REGION", "MINIO_REGION", "MINIO_REGION_NAME"};
  for (const char* const name : kRegions) {
    const auto region = variable(environment, name);
    if (!region) continue;
    add_default(&start.arguments, environment, "--region", *region);
    break;
  }
  if (const auto domain = variable(environment, "MINIO_DOMAIN")) {
    add_default(&start.arguments, environment, "--s3-domain", *domain);
  }
  if (words.flags.contains("json")) add_default(&start.arguments, environment, "--log-format", "json");
  return ForeignLine(std::move(start));
}

}  // namespace tidemark::server
