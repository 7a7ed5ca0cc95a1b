// `tidemark`: reads the command line and does what it says.
#include <exception>
#include <string>
#include <thread>
#include <vector>

#include "base/log.h"
#include "server/command_line/command_line.h"
#include "server/environment.h"
#include "server/personality/foreign_line.h"
#include "server/program/complain.h"
#include "server/program/process.h"
#include "server/program/run_command.h"

int main(int argc, char** argv) {
  using namespace tidemark;
  log::Format format = log::Format::kText;
  server::open_standard_streams();
  try {
    const std::vector<std::string> arguments =
        server::own_arguments(argc > 0 ? argv[0] : "", std::vector<std::string>(argv + 1, argv + argc));
    const server::Environment environment = server::process_environment();
    format = server::asked_log_format(arguments, environment);
    const auto command =
        server::parse_command_line(arguments, environment, std::thread::hardware_concurrency());
    if (!command) return server::complain(command.error().message, format, server::kExitUsage);
    return server::run_command(*command, format);
  } catch (const std::exception& exception) {
    return server::complain(exception.what(), format, server::kExitFailure);
  }
}
