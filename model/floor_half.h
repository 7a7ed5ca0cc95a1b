// Half of a number, rounded down also below zero: the pair of decimal digits, counted from the point, in
// which the digit with that exponent lies.
#pragma once

namespace tidemark::model {

constexpr int floor_half(int value) { return value >= 0 ? value / 2 : (value - 1) / 2; }

}  // namespace tidemark::model
