// What this server can do beyond DynamoDB, for those who ask for it (--extensions): off, everything is as
// there.
#pragma once

namespace tidemark::api {

struct Extensions {
  bool csv_export = false;  // ExportFormat may be CSV
};

}  // namespace tidemark::api
