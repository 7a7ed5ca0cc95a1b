// What the command lines of other servers have in common.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "server/personality/foreign_line.h"

namespace tidemark::server {

struct ForeignFlag {
  std::string_view name;  // without dashes
  bool takes_value = false;
  std::string_view alias = {};  // another name
};

struct ForeignWords {
  std::map<std::string, std::string> flags;  // by name; a switch has no value
  std::vector<std::string> others;           // what is no flag
};

// Flags with one dash or two, values behind a blank or `=`. Errors: a flag that is none, which the error
// names, with the nearest there is; a value that is missing; `problem` stands in front.
Result<ForeignWords> read_words(std::span<const std::string> arguments, std::span<const ForeignFlag> known,
                                const std::string& problem);

// `0.0.0.0:9000`, `:9000` or `[::]:9000`, as `--host` (if there is one) and `--port`.
Result<std::vector<std::string>> flags_of_address(std::string_view address, std::string_view source);

// The variable; an empty one, and one that an orchestrator made (base/service_link.h), counts as unset.
std::optional<std::string> variable(const Environment& environment, const std::string& name);

// `1`, `true`, `TRUE`, `on` and the like.
bool is_true(std::string_view text);

// Adds `flag value`, unless the user has set Tidemark's own variable of that flag.
void add_default(std::vector<std::string>* arguments, const Environment& environment, std::string_view flag,
                 std::string_view value);

}  // namespace tidemark::server
