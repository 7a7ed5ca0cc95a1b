// LocalStack's variables, as its configuration reference lists them. docs/coming-from-localstack.md says
// which of them are obeyed.
#include <string>

#include "server/personality/foreign_line.h"
#include "server/personality/line_reader.h"

namespace tidemark::server {
namespace {

constexpr const char* kUsage =
    "usage: tidemark localstack\n"
    "Serves on port 4566 as LocalStack, and prints `Ready.` It obeys GATEWAY_LISTEN, EDGE_PORT, "
    "EDGE_BIND_HOST,\n"
    "PERSISTENCE, DEFAULT_REGION, DEBUG, LS_LOG, EAGER_SERVICE_LOADING, EXTRA_CORS_ALLOWED_ORIGINS,\n"
    "DISABLE_CORS_CHECKS, DYNAMODB_SHARE_DB and DYNAMODB_DELAY_TRANSIENT_STATUSES, each also with "
    "LOCALSTACK_\n"
    "in front, and Tidemark's own variables.\n";

constexpr ForeignFlag kFlags[] = {{.name = "help"}, {.name = "version"}};

class LocalStackVariables {
 public:
  explicit LocalStackVariables(const Environment& environment) : environment_(environment) {}

  [[nodiscard]] std::optional<std::string> find(const std::string& name) const {
    if (auto value = variable(environment_, "LOCALSTACK_" + name)) return value;
    return variable(environment_, name);
  }
  [[nodiscard]] bool is_on(const std::string& name) const { return is_true(find(name).value_or("")); }

 private:
  const Environment& environment_;
};

// The first address of GATEWAY_LISTEN, or what older versions called it.
Result<std::vector<std::string>> address_flags(const LocalStackVariables& variables) {
  if (const auto listen = variables.find("GATEWAY_LISTEN")) {
    return flags_of_address(std::string_view(*listen).substr(0, listen->find(',')), "GATEWAY_LISTEN");
  }
  std::string address = variables.find("EDGE_BIND_HOST").value_or("");
  address += ':';
  address += variables.find("EDGE_PORT").value_or("4566");
  return flags_of_address(address, "EDGE_PORT");
}

// Empty: the variable says nothing that we know.
std::string log_level(const LocalStackVariables& variables) {
  std::string named = variables.find("LS_LOG").value_or("");
  if (named.starts_with("trace") || named == "debug") return "debug";
  if (named == "info" || named == "error") return named;
  if (named == "warn" || named == "warning") return "warn";
  return variables.is_on("DEBUG") ? "debug" : "";
}

}  // namespace

Result<ForeignLine> read_localstack_line(const std::vector<std::string>& arguments,
                                         const Environment& environment, std::string_view version) {
  ASSIGN_OR_RETURN(const ForeignWords words, read_words(arguments, kFlags, ""));
  if (words.flags.contains("help")) return ForeignLine(std::string(kUsage));
  if (words.flags.contains("version")) {
    return ForeignLine("tidemark " + std::string(version) + ", as LocalStack\n");
  }
  // `localstack start` is how its own command is used.
  for (const std::string& word : words.others) {
    if (word != "start") return fail(Error::invalid_argument("localstack: '" + word + "' is not an option"));
  }
  const LocalStackVariables variables(environment);
  ForeignStart start{.arguments = {"serve", "--personality", "localstack"},
                     .loads_eagerly = variables.is_on("EAGER_SERVICE_LOADING")};
  ASSIGN_OR_RETURN(const std::vector<std::string> address, address_flags(variables));
  start.arguments.insert(start.arguments.end(), address.begin(), address.end());
  const auto add = [&](std::string_view flag, std::string_view value) {
    add_default(&start.arguments, environment, flag, value);
  };
  add("--s3-port", "off");
  if (variables.is_on("PERSISTENCE")) {
    add("--data-dir", "/var/lib/localstack/tidemark");
  } else if (!variable(environment, "TIDEMARK_DATA_DIR")) {
    add("--in-memory", "");
  }
  if (const auto region = variables.find("DEFAULT_REGION")) add("--region", *region);
  if (const std::string level = log_level(variables); !level.empty()) add("--log-level", level);
  if (variables.is_on("DISABLE_CORS_CHECKS")) {
    add("--cors-allow", "*");
  } else if (const auto origins = variables.find("EXTRA_CORS_ALLOWED_ORIGINS")) {
    add("--cors-allow", *origins);
  }
  if (variables.is_on("DYNAMODB_SHARE_DB")) add("--spaces", "one");
  if (variables.is_on("DYNAMODB_DELAY_TRANSIENT_STATUSES")) add("--delay-transient-statuses", "");
  return ForeignLine(std::move(start));
}

}  // namespace tidemark::server
