// Compression of answers, as the command line sets it.
#pragma once

namespace tidemark::api {

// Whose answers are compressed, if they accept it. Within one machine compressing takes longer than sending.
enum class CompressAnswers { kNever, kForOtherMachines, kAlways };

}  // namespace tidemark::api
