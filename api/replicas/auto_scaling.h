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

enum class ScaledUnits { kRead, kWrite };

// Under which name a replica keeps the settings for these units (storage::Replica::auto_scaling), of the
// table itself or of a global secondary index. The names are stored: they never change.
std::string auto_scaling_key(ScaledUnits units, std::string_view index_name = {});

// Changes what a replica has under that name (auto_scaling_key()), if the request has the member.
// What it leaves out stays as it was. Errors: ValidationException.
ApiResult<void> apply_auto_scaling(const Input& input, std::string_view member, const std::string& what,
                                   storage::Replica* replica);

// The member with the settings under that name, if there are any.
void render_auto_scaling(const storage::Replica& replica, std::string_view what, std::string_view member,
                         JsonWriter& json);
// Both members of an index's description with its settings, if there are any.
void render_index_auto_scaling(const storage::Replica& replica, std::string_view index_name,
                               JsonWriter& json);

}  // namespace tidemark::api
