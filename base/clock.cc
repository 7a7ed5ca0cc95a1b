#include "base/clock.h"

#include <chrono>

namespace tidemark {
namespace {

struct CivilTime {
  int year;
  unsigned month, day, weekday;
  unsigned hour, minute, second, millisecond;
};

CivilTime civil_time(Timestamp time) {
  using namespace std::chrono;
  const sys_time<microseconds> moment{microseconds{time.micros}};
  const auto day = floor<days>(moment);
  const year_month_day date{day};
  const hh_mm_ss<milliseconds> clock{floor<milliseconds>(moment - day)};
  return {.year = static_cast<int>(date.year()),
          .month = static_cast<unsigned>(date.month()),
          .day = static_cast<unsigned>(date.day()),
          .weekday = weekday{day}.c_encoding(),
          .hour = static_cast<unsigned>(clock.hours().count()),
          .minute = static_cast<unsigned>(clock.minutes().count()),
          .second = static_cast<unsigned>(clock.seconds().count()),
          .millisecond = static_cast<unsigned>(clock.subseconds().count())};
}

void append_digits(std::string* out, unsigned value, std::size_t width) {
  const std::size_t start = out->size();
  out->resize(start + width);
  for (std::size_t i = width; i > 0; --i, value /= 10) {
    (*out)[start + i - 1] = static_cast<char>('0' + value % 10);
  }
}

void append_clock(std::string* out, const CivilTime& time) {
  append_digits(out, time.hour, 2);
  out->push_back(':');
  append_digits(out, time.minute, 2);
  out->push_back(':');
  append_digits(out, time.second, 2);
}

std::string iso_without_zone(const CivilTime& time) {
  std::string out;
  out.reserve(24);
  if (time.year < 0) out.push_back('-');
  append_digits(&out, static_cast<unsigned>(time.year < 0 ? -time.year : time.year),
                time.year > 9'999 ? 5 : 4);
  out.push_back('-');
  append_digits(&out, time.month, 2);
  out.push_back('-');
  append_digits(&out, time.day, 2);
  out.push_back('T');
  append_clock(&out, time);
  return out;
}

}  // namespace

std::string format_iso_millis(Timestamp time) {
  const CivilTime civil = civil_time(time);
  std::string out = iso_without_zone(civil);
  out.push_back('.');
  append_digits(&out, civil.millisecond, 3);
  out.push_back('Z');
  return out;
}

std::string format_iso_seconds(Timestamp time) { return iso_without_zone(civil_time(time)) + "Z"; }

std::string format_http_date(Timestamp time) {
  static constexpr const char* kWeekdays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const CivilTime civil = civil_time(time);
  std::string out = kWeekdays[civil.weekday];
  out.append(", ");
  append_digits(&out, civil.day, 2);
  out.push_back(' ');
  out.append(kMonths[civil.month - 1]);
  out.push_back(' ');
  append_digits(&out, static_cast<unsigned>(civil.year), 4);
  out.push_back(' ');
  append_clock(&out, civil);
  out.append(" GMT");
  return out;
}

Timestamp SystemClock::now() const {
  using namespace std::chrono;
  return {duration_cast<microseconds>(system_clock::now().time_since_epoch()).count()};
}

}  // namespace tidemark
