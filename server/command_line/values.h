// What the values of settings may be, for settings of any kind. Errors of all of them: kInvalidArgument, one
// line that names the source and says what was wanted.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "server/command_line/setting.h"

namespace tidemark::server {

// `--port: 'x' is not a port`; `wanted` says what would be right.
Error bad_value(const Given& given, std::string_view wanted);

Result<std::string> parse_anything(const Given& given);
Result<std::string> parse_host(const Given& given);
Result<std::string> parse_directory(const Given& given);
Result<std::string> parse_file(const Given& given);
Result<std::string> parse_region(const Given& given);
Result<std::string> parse_account_id(const Given& given);  // twelve digits

// true, 1, yes, on; false, 0, no, off; in any case.
Result<bool> parse_switch(const Given& given);
// A decimal number; `what` is how the message calls it.
Result<std::uint64_t> parse_number(const Given& given, std::uint64_t smallest, std::uint64_t largest,
                                   std::string_view what);
Result<std::uint16_t> parse_port(const Given& given);
// Nothing for `off` and for nothing.
Result<std::optional<std::uint16_t>> parse_optional_port(const Given& given);
// `1048576`, `512K`, `100M`, `2G`: powers of 1024.
Result<std::uint64_t> parse_size(const Given& given);
// ISO 8601: `PT10S`, `P2D`.
Result<std::chrono::microseconds> parse_duration(const Given& given);

// Split by commas, in lower case.
std::vector<std::string> split_list(std::string_view text);
Result<std::vector<std::string>> parse_names(const Given& given);
Result<std::vector<std::string>> parse_domains(const Given& given);

Result<log::Level> parse_log_level(const Given& given);
Result<log::Format> parse_log_format(const Given& given);

}  // namespace tidemark::server
