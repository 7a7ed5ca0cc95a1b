// Searches by vector. Source: DynamoDB API reference, SearchVectors; recorded answers.
#pragma once

#include "api/core/operation.h"

namespace tidemark::api {

Operation search_vectors();

}  // namespace tidemark::api
