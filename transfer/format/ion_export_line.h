// A line of an export in Ion as the line of the same export in DynamoDB JSON, for readers of exports.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tidemark::transfer::format {

// Not thread-safe.
class IonExportLines {
 public:
  IonExportLines();
  ~IonExportLines();

  // `$ion_1_0 {Item:{…}}` becomes `{"Item":{…}}`, and `$ion_1_0 {Record:{Keys:{…},NewImage:{…},…}}` an object
  // with those of its members Keys, OldImage and NewImage that there are; Metadata is left out. Errors:
  // kCorruption.
  Result<std::string> to_json(std::string_view line);

 private:
  struct Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark::transfer::format
