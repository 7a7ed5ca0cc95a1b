// The table of the settings of `tidemark serve`. To add one: its row in serve_settings.cc, and its member in
// ServeConfig with the default. Flag, variable, key in the file, --help and docs/configuration.md follow from
// the row.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>

#include "base/net/s3_endpoint.h"
#include "server/command_line/serve_config.h"
#include "server/command_line/setting.h"

namespace tidemark::server {

// What was asked for: a configuration, and what comes into it only when everything is known (serve_rules.h).
struct ServeWishes {
  ServeConfig config;
  bool realistic = false;
  // The S3 services elsewhere: all buckets, or those named; and who this server is there.
  std::optional<S3Address> s3_endpoint;
  std::map<std::string, S3Address> buckets;
  S3Endpoint foreign;  // how all of them are spoken to; its address and identity do not matter
  std::optional<std::string> foreign_region;
  std::optional<std::string> foreign_credentials;  // a file
  std::string foreign_profile;                     // empty: the first
};

// Known before the others: a start that fails is told of in the form that it asks for.
inline constexpr Setting kLogFormatSetting = {
    "log-format", "FORMAT", "text or json: one object a line, also for a start that fails (default text)"};

// Each setting once.
std::span<const SettingRow<ServeWishes>> serve_rows();

// The same as the table of docs/configuration.md.
std::string serve_reference_markdown();

}  // namespace tidemark::server
