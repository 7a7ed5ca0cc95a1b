// DynamoDB Local's options, as the DynamoDB developer guide lists them ("DynamoDB local usage notes").
#include <sys/stat.h>

#include <algorithm>
#include <span>

#include "server/personality/foreign_line.h"
#include "server/personality/line_reader.h"

namespace tidemark::server {
namespace {

constexpr ForeignFlag kFlags[] = {
    {.name = "port", .takes_value = true},
    {.name = "inMemory"},
    {.name = "sharedDb"},
    {.name = "dbPath", .takes_value = true},
    {.name = "cors", .takes_value = true},
    {.name = "delayTransientStatuses"},
    {.name = "optimizeDbBeforeStartup"},
    {.name = "disableTelemetry"},
    {.name = "help"},
    {.name = "version"},
};

constexpr const char* kProblem = "Error while parsing options. ";

constexpr const char* kUsage =
    "usage: tidemark dynamodb-local [-port <port>] [-inMemory | -dbPath <dir>] [-sharedDb]\n"
    "            [-cors <origins>] [-delayTransientStatuses] [-optimizeDbBeforeStartup]\n"
    "            [-disableTelemetry] [-help] [-version]\n"
    " -cors <origins>            Web pages that may use the server, split by commas; '*': all\n"
    " -dbPath <dir>              Where to keep the data, in a folder tidemark-data of that directory, which\n"
    "                            exists. Not together with -inMemory\n"
    " -delayTransientStatuses    Let tables and indexes be CREATING, UPDATING and DELETING for a while\n"
    " -disableTelemetry          Without effect: nothing is ever sent\n"
    " -help                      Print this\n"
    " -inMemory                  Keep nothing beyond the end of the process\n"
    " -optimizeDbBeforeStartup   Without effect: nothing needs it. Only together with -dbPath\n"
    " -port <port>               The port, 8000 if it is not given\n"
    " -sharedDb                  One set of tables for all access keys and Regions; without it each pair of\n"
    "                            them has its own\n"
    " -version                   Print the version\n";

// What stands behind the jar, if there is one.
std::span<const std::string> without_java(const std::vector<std::string>& arguments) {
  const auto jar = std::find(arguments.begin(), arguments.end(), "-jar");
  const std::span<const std::string> all = arguments;
  if (arguments.end() - jar < 2) return all;
  return all.subspan(static_cast<std::size_t>(jar - arguments.begin()) + 2);
}

// Pages are named by host there, by origin here.
std::string origins_of(std::string_view hosts) {
  std::string origins;
  for (;;) {
    const std::size_t comma = std::min(hosts.find(','), hosts.size());
    std::string_view host = hosts.substr(0, comma);
    while (host.starts_with(' ')) host.remove_prefix(1);
    while (host.ends_with(' ')) host.remove_suffix(1);
    if (!origins.empty()) origins += ',';
    const bool is_origin = host == "*" || host.find("://") != std::string_view::npos;
    if (is_origin) {
      origins += host;
    } else {
      origins.append("http://").append(host).append(",https://").append(host);
    }
    if (comma == hosts.size()) return origins;
    hosts.remove_prefix(comma + 1);
  }
}

bool is_directory(const std::string& path) {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode);
}

Error problem(const std::string& what) { return Error::invalid_argument(kProblem + what); }

}  // namespace

Result<ForeignLine> read_dynamodb_local_line(const std::vector<std::string>& arguments,
                                             const Environment& environment, std::string_view version) {
  ASSIGN_OR_RETURN(const ForeignWords words, read_words(without_java(arguments), kFlags, kProblem));
  const auto has = [&words](const char* name) { return words.flags.contains(name); };
  if (has("help")) return ForeignLine(std::string(kUsage));
  if (has("version")) return ForeignLine("tidemark " + std::string(version) + ", as DynamoDB Local\n");
  if (!words.others.empty()) return fail(problem("'" + words.others.front() + "' is not an option"));
  if (has("inMemory") && has("dbPath")) return fail(problem("-inMemory and -dbPath exclude each other"));
  if (has("optimizeDbBeforeStartup") && !has("dbPath")) {
    return fail(problem("-optimizeDbBeforeStartup needs -dbPath"));
  }
  ForeignStart start{
      .arguments = {"serve", "--personality", "dynamodb-local", "--spaces", has("sharedDb") ? "one" : "key"}};
  const auto add = [&start](std::initializer_list<std::string> more) {
    start.arguments.insert(start.arguments.end(), more);
  };
  if (has("port")) add({"--port", words.flags.at("port")});
  if (has("inMemory")) add({"--in-memory"});
  if (has("dbPath")) {
    const std::string& directory = words.flags.at("dbPath");
    if (!is_directory(directory))
      return fail(Error::invalid_argument("Invalid directory for database creation."));
    add({"--data-dir", directory + "/tidemark-data"});
  }
  if (has("cors")) add({"--cors-allow", origins_of(words.flags.at("cors"))});
  if (has("delayTransientStatuses")) add({"--delay-transient-statuses"});
  add_default(&start.arguments, environment, "--s3-port", "off");
  return ForeignLine(std::move(start));
}

}  // namespace tidemark::server
