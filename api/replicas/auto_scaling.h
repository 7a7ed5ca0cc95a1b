// Settings of the auto scaling of replicas: kept and described. Nothing is scaled.
// Source: DynamoDB API reference, AutoScalingSettingsUpdate and AutoScalingSettingsDescription.
#pragma once

#include <string>
#include <string_view>

#include "api/core/error.h"
#include "api/core/input.h"
#include "api/core/shape.h"
#include "base/json_writer.h"
#include "storage/replica.h"

namespace tidemark::api {

// An AutoScalingSettingsUpdate.
Shape auto_scaling_update();

// Changes what a replica has under that name (storage::Replica::auto_scaling), if the request has the member.
// What it leaves out stays as it was. Errors: ValidationException.
ApiResult<void> apply_auto_scaling(const Input& input, std::string_view member, const std::string& what,
                                   storage::Replica* replica);

// The member with the settings under that name, if there are any.
void render_auto_scaling(const storage::Replica& replica, std::string_view what, std::string_view member,
                         JsonWriter& json);

}  // namespace tidemark::api
