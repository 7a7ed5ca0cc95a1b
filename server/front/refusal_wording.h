// Refusals in the shapes of DynamoDB and S3: every answer of theirs has an id by which its sender can ask
// about it.
#pragma once

#include <functional>

#include "base/random.h"
#include "server/http/refusal.h"

namespace tidemark::server {

// Whether the page that sent the head, of which there may be a part only, may use the server.
using Admits = std::function<bool(const http::RequestHead& head)>;

// For a listener where nothing but S3 is, or everything: then the target tells whom a request is for, as far
// as it can be read, and what cannot be read is answered as DynamoDB does, which lets pages that may use the
// server read all its answers. `random`, for the ids, must outlive it.
RefusalWording word_refusals(bool is_s3_alone, Random& random, Admits admits);

}  // namespace tidemark::server
