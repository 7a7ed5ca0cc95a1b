// Who a request is, for those who hear of what it does.
#pragma once

#include "s3emu/rest/core/request.h"
#include "s3emu/store/object_events.h"

namespace tidemark::s3emu {

EventOrigin origin_of(const S3Request& request);

}  // namespace tidemark::s3emu
