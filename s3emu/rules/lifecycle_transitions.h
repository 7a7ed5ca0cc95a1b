// What S3 wants of the transitions of a lifecycle rule. Nothing here moves an object: a configuration that S3
// would refuse must not pass its first test here.
#pragma once

#include <string>

#include "s3emu/rules/lifecycle_rules.h"

namespace tidemark::s3emu {

// Judges the Transition and NoncurrentVersionTransition elements of a <Rule>, which fits the shape, beside
// the rest of it: days, dates, the order of storage classes and how long an object stays in each. Errors:
// MalformedXML, InvalidArgument, InvalidRequest.
S3Result<void> check_transitions(pugi::xml_node node, const LifecycleRule& rule);

// Midnight UTC. Errors: InvalidArgument.
S3Result<void> check_lifecycle_date(Timestamp date);

// NewerNoncurrentVersions of `action`, a child of `node`: 1 to 100. Errors: InvalidArgument.
S3Result<void> check_newer_noncurrent(pugi::xml_node node, const std::string& action);

}  // namespace tidemark::s3emu
