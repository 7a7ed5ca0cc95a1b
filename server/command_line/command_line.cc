#include "server/command_line/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <optional>
#include <span>
#include <utility>
#include <variant>

#include "api/front/operation_list.h"
#include "base/nearest.h"
#include "server/command_line/asking_commands.h"
#include "server/command_line/aws_variables.h"
#include "server/command_line/serve_rules.h"
#include "server/command_line/serve_settings.h"
#include "server/command_line/sources.h"
#include "server/command_line/values.h"
#include "server/personality/foreign_line.h"
#include "server/version.h"

namespace tidemark::server {
namespace {

// How far a flag may be from the one that was meant.
constexpr std::size_t kSlipsMax = 3;

// Which server the other commands ask.
constexpr SettingRow<ServerAddress> kAddressRows[] = {
    {{"host", "ADDRESS",
      "Where the server listens (default: AWS_ENDPOINT_URL_DYNAMODB or AWS_ENDPOINT_URL, 127.0.0.1)"},
     put_value<ServerAddress, parse_host, &ServerAddress::host>},
    {{"port", "PORT", "Its port (default: the same, 8000)"},
     put_value<ServerAddress, parse_port, &ServerAddress::port>},
    {kConfigSetting, nullptr},
};

constexpr const char* kFooter =
    "Every setting of serve can also be given as an environment variable (TIDEMARK_PORT for --port, "
    "TIDEMARK_DATA_DIR\nfor --data-dir and so on; an empty one counts as unset) or in the file that --config "
    "or TIDEMARK_CONFIG names.\nA flag comes before a variable, a variable before the file, the file before "
    "the default.\nSwitches take true or false: --fsync=false, TIDEMARK_FSYNC=true.\n\nWhen the server is "
    "ready it prints one line of JSON to standard output. SIGTERM and SIGINT end it after the\nrequests in "
    "progress. Exit status: 0 ended as asked, 1 could not start or is not healthy, 2 wrong usage.";

std::span<const SettingRow<ServerAddress>> address_rows() { return kAddressRows; }

std::vector<Setting> serve_settings() { return settings_of(serve_rows()); }
std::vector<Setting> address_settings() { return settings_of(address_rows()); }

// CLI11 takes an empty value for a missing one.
std::vector<std::string> name_the_empty_port(std::vector<std::string> arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--s3-port=") {
      arguments[i] += "off";
    } else if (arguments[i].empty() && i > 0 && arguments[i - 1] == "--s3-port") {
      arguments[i] = "off";
    }
  }
  return arguments;
}

// For the help: read_foreign_line() takes them before they come here.
void add_foreign_names(CLI::App* app) {
  app->add_subcommand("dynamodb-local", "Serve as DynamoDB Local, with its options: -port 8000 -inMemory");
  app->add_subcommand("localstack", "Serve as LocalStack, with its variables, on port 4566");
  app->add_subcommand("server", "Serve S3 as MinIO does: server DIR --address :9000");
}

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

// `serve, clock or jobs`
std::string names_of_commands(const CLI::App& app) {
  const std::vector<const CLI::App*> commands = app.get_subcommands([](const CLI::App*) { return true; });
  std::string names;
  for (const CLI::App* command : commands) {
    const bool is_last = command == commands.back();
    names += (names.empty() ? "" : is_last ? " or " : ", ") + command->get_name();
  }
  return names;
}

// `; did you mean --port?`, for the first flag that is none and almost one. Empty: there is none such.
std::string meant_flags(const std::vector<std::string>& arguments, const CLI::App& app) {
  const std::vector<CLI::App*> commands = const_cast<CLI::App&>(app).get_subcommands();
  const CLI::App* const command = commands.empty() ? &app : commands.front();
  std::vector<std::string> known;
  for (const CLI::Option* option : command->get_options()) known.push_back(option->get_name());
  for (const std::string& argument : arguments) {
    const std::string flag = argument.substr(0, argument.find('='));
    if (!flag.starts_with("-") || std::find(known.begin(), known.end(), flag) != known.end()) continue;
    const std::string meant = nearest_name(flag, known, kSlipsMax);
    if (!meant.empty()) return "; did you mean " + meant + "?";
  }
  return {};
}

// Reads the arguments; what there is to print, or to complain about, if it is no command.
std::optional<Result<Command>> parse(const std::vector<std::string>& arguments, CLI::App* app) {
  try {
    std::vector<std::string> last_first = name_the_empty_port(arguments);
    std::reverse(last_first.begin(), last_first.end());
    app->parse(std::move(last_first));
  } catch (const CLI::CallForHelp&) {
    const bool is_of_command = !app->get_subcommands().empty();
    return Result<Command>(
        PrintText{app->help("", is_of_command ? CLI::AppFormatMode::Normal : CLI::AppFormatMode::All)});
  } catch (const CLI::CallForVersion&) {
    return Result<Command>(PrintText{std::string("tidemark ") + kVersion + "\n"});
  } catch (const CLI::RequiredError& error) {
    if (!app->get_subcommands().empty())
      return Result<Command>(fail(Error::invalid_argument(one_line(error.what()))));
    const bool has_word = !arguments.empty() && !arguments.front().starts_with('-');
    const std::string problem =
        has_word ? "'" + arguments.front() + "' is not a command" : std::string("a command is missing");
    return Result<Command>(
        fail(Error::invalid_argument(problem + ": " + names_of_commands(*app) + " (see tidemark --help)")));
  } catch (const CLI::ExtrasError& error) {
    return Result<Command>(
        fail(Error::invalid_argument(one_line(error.what()) + meant_flags(arguments, *app))));
  } catch (const CLI::ParseError& error) {
    return Result<Command>(fail(Error::invalid_argument(one_line(error.what()))));
  }
  return std::nullopt;
}

Result<Command> serve_command(const CLI::App& serve, const Environment& environment,
                              unsigned hardware_threads) {
  const std::vector<Setting> known = serve_settings();
  ASSIGN_OR_RETURN(const GivenSettings settings, gather(serve, {known, known}, environment));
  ServeWishes wishes;
  wishes.config.threads = std::clamp(hardware_threads, 1U, 8U);
  RETURN_IF_ERROR(apply_rows(serve_rows(), settings, &wishes));
  ASSIGN_OR_RETURN(ServeConfig config, settle(std::move(wishes), settings, environment));
  return Command(std::move(config));
}

// A health check is for the server beside it, in a container whose variables are for others; the doctor has
// findings about the variables; hand-outs of accounts name the server that they are told.
bool obeys_aws_variables(const CLI::App& command) {
  const std::string& name = command.get_name();
  return name != "healthcheck" && name != "doctor" && name != "accounts";
}

// The file may be that of the server.
Result<ServerAddress> server_address(const CLI::App& command, const Environment& environment) {
  ASSIGN_OR_RETURN(const GivenSettings settings,
                   gather(command, {address_settings(), serve_settings()}, environment));
  ServerAddress server;
  const bool is_given = settings.contains("host") || settings.contains("port");
  if (!is_given && obeys_aws_variables(command)) {
    ASSIGN_OR_RETURN(const auto endpoint, aws_endpoint(environment));
    if (endpoint) server = *endpoint;
  }
  RETURN_IF_ERROR(apply_rows(address_rows(), settings, &server));
  return server;
}

}  // namespace

Result<Command> parse_command_line(const std::vector<std::string>& arguments, const Environment& environment,
                                   unsigned hardware_threads) {
  if (const auto line = read_foreign_line(arguments, environment, kVersion)) {
    RETURN_IF_ERROR(*line);
    if (const auto* text = std::get_if<std::string>(&**line)) return Command(PrintText{*text});
    const auto& start = std::get<ForeignStart>(**line);
    ASSIGN_OR_RETURN(Command command, parse_command_line(start.arguments, environment, hardware_threads));
    std::get<ServeConfig>(command).loads_eagerly = start.loads_eagerly;
    return command;
  }
  CLI::App app(
      "Tidemark: DynamoDB on your own machine, with exports, imports, time travel and an S3 beside it.",
      "tidemark");
  app.set_version_flag("--version", std::string("tidemark ") + kVersion, "Print the version and exit");
  app.footer(kFooter);
  app.require_subcommand(1);
  CLI::App* serve = app.add_subcommand("serve", "Serve until SIGTERM or SIGINT");
  add_flags(serve, serve_settings());
  serve->add_flag("--help-markdown")->description("Print the table of docs/configuration.md and exit");
  add_foreign_names(&app);
  AskingCommands asking(&app, [](CLI::App* command) { add_flags(command, address_settings()); });
  std::string list_form = "text";
  CLI::App* operations = app.add_subcommand("operations", "List the operations of DynamoDB that there are");
  operations->add_option("--form", list_form, "text, json or markdown")
      ->check(CLI::IsMember({"text", "json", "markdown"}));
  if (auto other = parse(arguments, &app)) return *std::move(other);
  if (operations->parsed()) {
    if (list_form == "json") return Command(PrintText{api::operation_list_json()});
    if (list_form == "markdown") return Command(PrintText{api::operation_list_markdown()});
    return Command(PrintText{api::operation_list_text()});
  }
  if (serve->parsed()) {
    if (serve->get_option("--help-markdown")->count() > 0)
      return Command(PrintText{serve_reference_markdown()});
    return serve_command(*serve, environment, hardware_threads);
  }
  ASSIGN_OR_RETURN(ServerAddress server, server_address(*app.get_subcommands().front(), environment));
  return asking.given(std::move(server), environment);
}

log::Format asked_log_format(const std::vector<std::string>& arguments, const Environment& environment) {
  constexpr Setting kAsked[] = {kLogFormatSetting, kConfigSetting};
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  add_flags(&app, kAsked);
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError&) {
    return log::Format::kText;
  }
  // What is wrong with the file is for others to say.
  const std::vector<Setting> in_file = serve_settings();
  const GivenSettings settings = gather_what_can_be_read(app, {kAsked, in_file}, environment);
  const auto given = settings.find(kLogFormatSetting.name);
  if (given == settings.end()) return log::Format::kText;
  return parse_log_format(given->second).value_or(log::Format::kText);
}

std::vector<std::string> setting_variables() {
  std::vector<std::string> names;
  for (const Setting& setting : serve_settings()) names.push_back(variable_of(setting.name));
  for (const Setting& setting : address_settings()) names.push_back(variable_of(setting.name));
  names.emplace_back("TIDEMARK_MASK_KEY");  // of `load`
  return names;
}

}  // namespace tidemark::server
