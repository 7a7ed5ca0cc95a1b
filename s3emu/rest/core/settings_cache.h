// The settings that requests ask for again and again.
#pragma once

#include "s3emu/rules/cors_rules.h"
#include "s3emu/rules/lifecycle_rules.h"
#include "s3emu/rules/parsed_setting.h"

namespace tidemark::s3emu {

struct SettingsCache {
  ParsedSetting<CorsRules> cors{"cors", parse_cors};
  ParsedSetting<LifecycleRules> lifecycle{"lifecycle", parse_lifecycle};
};

}  // namespace tidemark::s3emu
