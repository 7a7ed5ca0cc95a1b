// Settings of tables that are kept, described and changed by the service's rules, but have no effect here.
#pragma once

#include "api/core/operation.h"

namespace tidemark::api {

Operation describe_contributor_insights();
Operation update_contributor_insights();
Operation list_contributor_insights();

Operation enable_kinesis_streaming_destination();
Operation disable_kinesis_streaming_destination();
Operation update_kinesis_streaming_destination();
Operation describe_kinesis_streaming_destination();

}  // namespace tidemark::api
