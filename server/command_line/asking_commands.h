// The commands of `tidemark` that ask a running server: their names, their options, and what they come to.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "server/command_line/command.h"
#include "server/environment.h"

namespace tidemark::server {

class AskingCommands {
 public:
  // Adds all of them to `app`, which must outlive this; `add_address` gives each the options that say which
  // server.
  AskingCommands(CLI::App* app, std::function<void(CLI::App*)> add_address);
  AskingCommands(const AskingCommands&) = delete;
  AskingCommands& operator=(const AskingCommands&) = delete;

  // The one that was given, once `app` has parsed: to be called once. Errors: kInvalidArgument, one line for
  // the user.
  Result<Command> given(ServerAddress server, const Environment& environment);

 private:
  struct Entry {
    CLI::App* app;
    std::function<Result<Command>(ServerAddress, const Environment&)> make;
  };

  // A command that is its configuration, completed by the server's address.
  template <class Config>
  std::pair<CLI::App*, Config*> add(CLI::App* app, const char* name, const char* what);
  void add_healthcheck(CLI::App* app);
  void add_clock(CLI::App* app);
  void add_jobs(CLI::App* app);
  void add_tables(CLI::App* app);
  void add_past(CLI::App* app);
  void add_rewind(CLI::App* app);
  void add_branch(CLI::App* app);
  void add_apply(CLI::App* app);
  void add_load(CLI::App* app);
  void add_dump(CLI::App* app);
  void add_seed(CLI::App* app);
  void add_reset(CLI::App* app);
  void add_status(CLI::App* app);
  void add_doctor(CLI::App* app);
  void add_accounts(CLI::App* app);
  void add_bill(CLI::App* app);

  std::function<void(CLI::App*)> add_address_;
  std::vector<Entry> entries_;
};

}  // namespace tidemark::server
