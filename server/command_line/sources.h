// Where settings come from: the flags of a command, variables of the environment, the file that --config
// names. A flag goes before a variable, a variable before the file.
#pragma once

#include <CLI/CLI.hpp>
#include <span>

#include "base/result.h"
#include "server/command_line/setting.h"
#include "server/environment.h"

namespace tidemark::server {

// The setting that names the file. Every command that has settings has it.
inline constexpr Setting kConfigSetting = {
    "config", "FILE", "Read settings from FILE: lines of name = value, named as the flags"};

// What a command reads, and what its file may hold beside it: one file serves all commands.
struct KnownSettings {
  std::span<const Setting> own;
  std::span<const Setting> in_file;
};

// Makes flags of them, with their variables in the help.
void add_flags(CLI::App* command, std::span<const Setting> settings);

// What was given for the command's own settings, once CLI11 has parsed them. Variables that are empty, or
// that an orchestrator made (is_service_link), count as unset. Errors: kInvalidArgument, one line, for a flag
// that is given twice and is no list, and for a file that cannot be read or holds what is no setting.
Result<GivenSettings> gather(const CLI::App& command, const KnownSettings& known,
                             const Environment& environment);

// The same as far as it goes: what is wrong is passed over.
GivenSettings gather_what_can_be_read(const CLI::App& command, const KnownSettings& known,
                                      const Environment& environment);

}  // namespace tidemark::server
