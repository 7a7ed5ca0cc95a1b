// Configurations of which a bucket has many, told apart by an id: ?analytics, ?inventory, ?metrics and
// ?intelligent-tiering. They are kept and given back; nothing is analysed, listed, measured or moved.
#pragma once

#include <span>

#include "s3emu/rest/settings/bucket_setting.h"

namespace tidemark::s3emu {

struct ListedConfiguration {
  std::string_view param;
  SettingOperation list;
  SettingOperation get;
  SettingOperation put;
  SettingOperation remove;
  std::string_view list_root;  // of the answer to a list
  const XmlElement* shape = nullptr;
};

std::span<const ListedConfiguration> listed_configurations();

}  // namespace tidemark::s3emu
