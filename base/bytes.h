// Fixed-width and variable-length integers in byte strings, hexadecimal and base64.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tidemark {

void append_u16_be(std::string* out, std::uint16_t value);
void append_u32_be(std::string* out, std::uint32_t value);
void append_u64_be(std::string* out, std::uint64_t value);
void append_u32_le(std::string* out, std::uint32_t value);
void append_u64_le(std::string* out, std::uint64_t value);
// LEB128: seven bits a byte, low bits first.
void append_varint(std::string* out, std::uint64_t value);

// The fixed-width readers need that many bytes at `bytes`.
std::uint16_t read_u16_be(const char* bytes);
std::uint32_t read_u32_be(const char* bytes);
std::uint64_t read_u64_be(const char* bytes);
std::uint32_t read_u32_le(const char* bytes);
std::uint64_t read_u64_le(const char* bytes);
// Removes a varint from the front of `*in`; nothing, and `*in` unchanged, if there is none.
std::optional<std::uint64_t> take_varint(std::string_view* in);

std::string to_hex(std::string_view bytes);  // lower case
std::optional<std::string> from_hex(std::string_view text);

// Standard alphabet, padded.
std::string base64_encode(std::string_view bytes);
void append_base64(std::string* out, std::string_view bytes);
// Strict: length a multiple of four, padding only at the end, unused bits zero.
std::optional<std::string> base64_decode(std::string_view text);
// What base64_decode accepts, without decoding. Such a text is the only one for its bytes.
bool is_base64(std::string_view text);
// Bytes that `text`, valid padded base64, stands for. Of any other text: never more than it has.
std::size_t base64_decoded_size(std::string_view text);

}  // namespace tidemark
