// What a request is about, for its line in the log. Each of these does nothing when no note was asked for, or
// when there will be no such line.
#pragma once

#include "s3emu/rest/core/request.h"

namespace tidemark::s3emu {

// Bucket and key. With the head, so that a request whose body never ends has a line with them, too.
void note_begun(const S3Request& request);
// The key that a form has named.
void note_key(const S3Request& request);
// At the end: error and cause; then what else the log tells of an answer of that status.
void note_refused(const S3Request& request, const S3Error& error);
void note_answered(const S3Request& request, int status);

}  // namespace tidemark::s3emu
