#include "server/command_line/sources.h"

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "base/service_link.h"

namespace tidemark::server {
namespace {

std::string flag_of(const Setting& setting) { return std::string("--") + setting.name; }

std::string joined(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : ",") + item;
  return text;
}

// Nobody can tell which of two was meant.
Result<void> check_given_once(const CLI::App& command, std::span<const Setting> own) {
  for (const Setting& setting : own) {
    const std::string flag = flag_of(setting);
    if (!setting.is_list && command.get_option(flag)->count() > 1) {
      return fail(Error::invalid_argument(flag + " is given more than once"));
    }
  }
  return {};
}

GivenSettings flags_and_variables(const CLI::App& command, std::span<const Setting> own,
                                  const Environment& environment) {
  GivenSettings settings;
  for (const Setting& setting : own) {
    const std::string flag = flag_of(setting);
    const CLI::Option* option = command.get_option(flag);
    if (option->count() > 0) {
      settings[setting.name] = {setting.is_list ? joined(option->results()) : option->results().back(), flag,
                                Rank::kFlag};
      continue;
    }
    const std::string variable = variable_of(setting.name);
    const auto value = environment(variable);
    if (value && !value->empty() && !is_service_link(variable, *value)) {
      settings[setting.name] = {*value, variable, Rank::kVariable};
    }
  }
  return settings;
}

// Settings of the file that are not settled by a stronger source.
Result<void> add_file(const KnownSettings& known, const Given& config, GivenSettings* settings) {
  std::ifstream stream(config.value);
  if (!stream) return fail(Error::invalid_argument(config.source + ": cannot read '" + config.value + "'"));
  std::vector<CLI::ConfigItem> items;
  try {
    items = CLI::ConfigBase().from_config(stream);
  } catch (const std::exception& exception) {
    return fail(Error::invalid_argument(config.value + ": " + exception.what()));
  }
  for (const CLI::ConfigItem& item : items) {
    std::string name = item.name;
    std::replace(name.begin(), name.end(), '_', '-');
    if (name == "++" || name == "--") {
      continue;  // how CLI11 marks begin and end of a section
    }
    const auto is_named = [&](const Setting& setting) { return setting.name == name; };
    const bool is_ours = std::any_of(known.in_file.begin(), known.in_file.end(), is_named);
    const bool is_section_fine = item.parents.empty() || item.parents == std::vector<std::string>{"serve"};
    if (!is_ours || !is_section_fine || name == kConfigSetting.name) {
      return fail(Error::invalid_argument(config.value + ": unknown setting '" + item.fullname() + "'"));
    }
    if (item.inputs.size() != 1) {
      return fail(Error::invalid_argument(config.value + ": " + name + " needs one value"));
    }
    if (std::any_of(known.own.begin(), known.own.end(), is_named)) {
      settings->try_emplace(name, Given{item.inputs.front(), config.value + ": " + name, Rank::kFile});
    }
  }
  return {};
}

Result<void> add_named_file(const KnownSettings& known, GivenSettings* settings) {
  const auto config = settings->find(kConfigSetting.name);
  if (config == settings->end()) return {};
  const Given file = config->second;
  return add_file(known, file, settings);
}

}  // namespace

void add_flags(CLI::App* command, std::span<const Setting> settings) {
  for (const Setting& setting : settings) {
    const std::string help = std::string(setting.help) + " [" + variable_of(setting.name) + "]";
    if (setting.value_name == nullptr) {
      command->add_flag(flag_of(setting), help);
    } else {
      CLI::Option* const option = command->add_option(flag_of(setting), help)->type_name(setting.value_name);
      setting.is_list ? option->take_all() : option->take_last();
    }
  }
}

Result<GivenSettings> gather(const CLI::App& command, const KnownSettings& known,
                             const Environment& environment) {
  RETURN_IF_ERROR(check_given_once(command, known.own));
  GivenSettings settings = flags_and_variables(command, known.own, environment);
  RETURN_IF_ERROR(add_named_file(known, &settings));
  return settings;
}

GivenSettings gather_what_can_be_read(const CLI::App& command, const KnownSettings& known,
                                      const Environment& environment) {
  GivenSettings settings = flags_and_variables(command, known.own, environment);
  (void)add_named_file(known, &settings);
  return settings;
}

}  // namespace tidemark::server
