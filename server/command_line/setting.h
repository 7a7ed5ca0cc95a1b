// What a setting is, and what somebody gave for it.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tidemark::server {

// A setting has one name, from which follow its flag (--data-dir), its variable (TIDEMARK_DATA_DIR) and its
// key in the file (data-dir).
struct Setting {
  const char* name;
  const char* value_name;  // for the help; nullptr: a switch, which takes true or false
  const char* help;        // with the default, for people
  bool is_list = false;    // may be given several times, and as a list split by commas
};

// `TIDEMARK_DATA_DIR` for `data-dir`
std::string variable_of(std::string_view name);

// Where a setting was given, the weakest first.
enum class Rank { kFile, kVariable, kFlag };

// A setting that somebody gave.
struct Given {
  std::string value;
  std::string source;  // how it is called where it stands: `--port`, `TIDEMARK_PORT`, `my.conf: port`
  Rank rank = Rank::kFlag;
};
// By the names of settings; what nobody gave is not in it.
using GivenSettings = std::map<std::string, Given>;

// A setting and what becomes of its value: a row of a table of settings.
template <class Target>
struct SettingRow {
  Setting setting;
  // Reads the value and puts it where it belongs. Errors: kInvalidArgument, one line that names the source.
  // nullptr: read by the reader of the command line itself.
  Result<void> (*apply)(const Given& given, Target* target);
};

// For rows: `parse`s the value and assigns it to the member that `path` leads to from the target.
template <class Target, auto parse, auto... path>
Result<void> put_value(const Given& given, Target* target) {
  ASSIGN_OR_RETURN(auto value, parse(given));
  ((*target).*....*path) = std::move(value);
  return {};
}

// Applies what was given, in the order of the rows. Errors: the first of theirs.
template <class Target>
Result<void> apply_rows(std::span<const SettingRow<Target>> rows, const GivenSettings& settings,
                        Target* target) {
  for (const SettingRow<Target>& row : rows) {
    const auto given = settings.find(row.setting.name);
    if (given != settings.end() && row.apply != nullptr) RETURN_IF_ERROR(row.apply(given->second, target));
  }
  return {};
}

template <class Target>
std::vector<Setting> settings_of(std::span<const SettingRow<Target>> rows) {
  std::vector<Setting> settings;
  for (const SettingRow<Target>& row : rows) settings.push_back(row.setting);
  return settings;
}

}  // namespace tidemark::server
