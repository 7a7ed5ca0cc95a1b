// What settings of `tidemark serve` say together: which exclude or need each other, and what follows from
// several of them.
#pragma once

#include "base/result.h"
#include "server/command_line/serve_settings.h"
#include "server/command_line/setting.h"
#include "server/environment.h"

namespace tidemark::server {

// `wishes` as apply_rows() left them; `settings`: what they were made of, for who gave what where. The
// environment has the keys for a seed and for S3 services elsewhere. Errors: kInvalidArgument, one line that
// names the source.
Result<ServeConfig> settle(ServeWishes wishes, const GivenSettings& settings, const Environment& environment);

}  // namespace tidemark::server
