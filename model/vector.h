// Vectors of 32-bit floating-point numbers: taken out of items, written back, compared.
//
// Their form in memory and on disk is `float:f32le` times the number of dimensions, without anything else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "model/table_schema.h"

namespace tidemark::model {

inline constexpr std::uint32_t kVectorDimensionsMax = 4'096;
inline constexpr std::size_t kBytesPerDimension = 4;

std::string_view distance_function_name(DistanceFunction function);  // `COSINE`

// Appends the number that stands in the text of a DynamoDB number. False, and nothing appended, when it is
// none, or beyond what 32 bits hold; digits that they do not hold are rounded away.
bool append_float(std::string* floats, std::string_view number);

// Appends the vector that an attribute value, canonical text, holds. False, and `*floats` as it was, when it
// is no list of exactly so many numbers.
bool append_vector(std::string* floats, std::string_view value_text, std::uint32_t dimensions);

// Appends the attribute value, canonical text, that stands for a vector: the shortest decimal numbers that
// are read as the same floats.
void append_vector_text(std::string* out, std::string_view floats);

// How far two vectors of one length are apart: the cosine distance, 0 to 2, the Euclidean distance, or the
// dot product, which is larger the nearer they are. A vector of zeros has no direction: its cosine distance
// to any vector is 1.
double vector_score(DistanceFunction function, std::string_view a, std::string_view b);

// Whether a vector of the one score is nearer than one of the other.
bool is_nearer(DistanceFunction function, double score, double other);

}  // namespace tidemark::model
