// What can go wrong inside the engine, as a value. The wire-level errors of DynamoDB and S3 are made from
// these in one place each (api/core/error.h, s3emu/s3_error.h).
#pragma once

#include <string>
#include <utility>

namespace tidemark {

enum class ErrorCode {
  kInvalidArgument,  // the caller asked for something that cannot be
  kNotFound,
  kAlreadyExists,
  kConflict,     // another writer won
  kCorruption,   // bytes on disk are not what was written
  kIo,           // the operating system refused
  kNoSpace,      // the disk is full
  kUnavailable,  // shutting down, or not now
};

struct Error {
  ErrorCode code = ErrorCode::kIo;
  std::string message;  // for the log and for people: names the file, key or number concerned

  static Error invalid_argument(std::string message) {
    return {ErrorCode::kInvalidArgument, std::move(message)};
  }
  static Error not_found(std::string message) { return {ErrorCode::kNotFound, std::move(message)}; }
  static Error already_exists(std::string message) { return {ErrorCode::kAlreadyExists, std::move(message)}; }
  static Error conflict(std::string message) { return {ErrorCode::kConflict, std::move(message)}; }
  static Error corruption(std::string message) { return {ErrorCode::kCorruption, std::move(message)}; }
  static Error io(std::string message) { return {ErrorCode::kIo, std::move(message)}; }
  static Error no_space(std::string message) { return {ErrorCode::kNoSpace, std::move(message)}; }
  static Error unavailable(std::string message) { return {ErrorCode::kUnavailable, std::move(message)}; }
};

}  // namespace tidemark
