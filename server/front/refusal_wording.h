// Refusals in the shapes of DynamoDB and S3: every answer of theirs has an id by which its sender can ask
// about it.
#pragma once

#include "base/random.h"
#include "server/http/refusal.h"

namespace tidemark::server {

// For a listener where nothing but S3 is, or everything: then the target tells whom a request is for, as far
// as it can be read, and what cannot be read is answered as DynamoDB does. `random`, for the ids, must
// outlive it.
RefusalWording word_refusals(bool is_s3_alone, Random& random);

}  // namespace tidemark::server
