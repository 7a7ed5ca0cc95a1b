#include "base/clock.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <iterator>
#include <utility>

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

// Takes `width` digits off the front.
std::optional<unsigned> take_digits(std::string_view* text, std::size_t width) {
  if (text->size() < width) return std::nullopt;
  unsigned value = 0;
  for (const char c : text->substr(0, width)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  text->remove_prefix(width);
  return value;
}

bool take(std::string_view* text, char expected) {
  if (!text->starts_with(expected)) return false;
  text->remove_prefix(1);
  return true;
}

// Microseconds of `.123`, as far as they go; 0 when there is no fraction.
std::optional<std::int64_t> take_fraction(std::string_view* text) {
  if (!take(text, '.')) return 0;
  std::int64_t micros = 0;
  std::int64_t unit = 100'000;
  std::size_t count = 0;
  for (; count < text->size() && (*text)[count] >= '0' && (*text)[count] <= '9'; ++count, unit /= 10) {
    micros += unit * ((*text)[count] - '0');
  }
  if (count == 0) return std::nullopt;
  text->remove_prefix(count);
  return micros;
}

// Seconds that local time is ahead: `Z`, `+01:00` or `-0100`.
std::optional<std::int64_t> take_zone(std::string_view* text) {
  if (take(text, 'Z')) return 0;
  const bool behind = text->starts_with('-');
  if (!behind && !text->starts_with('+')) return std::nullopt;
  text->remove_prefix(1);
  const auto hours = take_digits(text, 2);
  take(text, ':');
  const auto minutes = take_digits(text, 2);
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const std::int64_t seconds = *hours * 3600 + *minutes * 60;
  return behind ? -seconds : seconds;
}

// Microseconds since midnight UTC of `T01:02:03.456Z`.
std::optional<std::int64_t> take_time(std::string_view* text) {
  if (!take(text, 'T')) return std::nullopt;
  const auto hours = take_digits(text, 2);
  if (!hours || *hours > 23 || !take(text, ':')) return std::nullopt;
  const auto minutes = take_digits(text, 2);
  if (!minutes || *minutes > 59 || !take(text, ':')) return std::nullopt;
  const auto seconds = take_digits(text, 2);
  if (!seconds || *seconds > 59) return std::nullopt;
  const auto fraction = take_fraction(text);
  if (!fraction) return std::nullopt;
  const auto zone = take_zone(text);
  if (!zone) return std::nullopt;
  return (*hours * 3600 + *minutes * 60 + *seconds - *zone) * 1'000'000 + *fraction;
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

std::string format_iso_micros(Timestamp time) {
  static constexpr std::int64_t kSecond = 1'000'000;
  std::string out = iso_without_zone(civil_time(time));
  out.push_back('.');
  append_digits(&out, static_cast<unsigned>(((time.micros % kSecond) + kSecond) % kSecond), 6);
  out.push_back('Z');
  return out;
}

std::string format_iso_seconds(Timestamp time) { return iso_without_zone(civil_time(time)) + "Z"; }

std::optional<Timestamp> parse_iso_time(std::string_view text) {
  using namespace std::chrono;
  const auto year_number = take_digits(&text, 4);
  if (!year_number || *year_number == 0 || !take(&text, '-')) return std::nullopt;
  const auto month_number = take_digits(&text, 2);
  if (!month_number || !take(&text, '-')) return std::nullopt;
  const auto day_number = take_digits(&text, 2);
  if (!day_number) return std::nullopt;
  const year_month_day date{year(static_cast<int>(*year_number)), month(*month_number), day(*day_number)};
  if (!date.ok()) return std::nullopt;
  const Timestamp midnight = Timestamp::from_seconds(seconds(sys_days(date).time_since_epoch()).count());
  if (text.empty()) return midnight;
  const auto micros = take_time(&text);
  if (!micros || !text.empty()) return std::nullopt;
  return midnight.plus_micros(*micros);
}

std::optional<Timestamp> parse_moment(std::string_view text) {
  static constexpr std::size_t kSecondDigitsMax = 12;
  static constexpr std::size_t kMicroDigits = 6;
  const std::string_view seconds = text.substr(0, text.find('.'));
  if (seconds.empty() || seconds.size() > kSecondDigitsMax ||
      seconds.find_first_not_of("0123456789") != std::string_view::npos) {
    return parse_iso_time(text);
  }
  std::string fraction;
  if (seconds.size() < text.size()) {
    fraction = text.substr(seconds.size() + 1);
    if (fraction.empty() || fraction.find_first_not_of("0123456789") != std::string::npos) {
      return std::nullopt;
    }
  }
  fraction.resize(kMicroDigits, '0');
  const std::string micros = std::string(seconds) + fraction;
  const Timestamp time{std::stoll(micros)};
  return time <= kLatestTime ? std::optional(time) : std::nullopt;
}

std::optional<std::chrono::microseconds> parse_iso_duration(std::string_view text) {
  struct Unit {
    char name;
    bool is_of_day;  // stands behind `T`
    std::int64_t seconds;
  };
  static constexpr Unit kUnits[] = {
      {'W', false, 7 * 86'400}, {'D', false, 86'400}, {'H', true, 3'600}, {'M', true, 60}, {'S', true, 1}};
  static constexpr std::int64_t kMicrosMax = 1'000LL * 366 * 86'400 * 1'000'000;
  if (!take(&text, 'P') || text.empty() || text == "T") return std::nullopt;
  std::int64_t micros = 0;
  bool is_behind_t = false;
  const Unit* unit = kUnits;
  while (!text.empty()) {
    if (!is_behind_t && take(&text, 'T')) {
      is_behind_t = true;
      if (text.empty()) return std::nullopt;
    }
    static constexpr std::size_t kDigitsMax = 12;
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    if (digits == 0 || digits > kDigitsMax) return std::nullopt;
    std::int64_t count = 0;
    for (const char c : text.substr(0, digits)) count = count * 10 + (c - '0');
    text.remove_prefix(digits);
    const bool has_fraction = text.starts_with('.');
    const auto fraction = take_fraction(&text);
    if (!fraction || text.empty()) return std::nullopt;
    // Each unit once, in this order.
    while (unit != std::end(kUnits) && (unit->name != text.front() || unit->is_of_day != is_behind_t)) ++unit;
    if (unit == std::end(kUnits) || (has_fraction && unit->name != 'S')) return std::nullopt;
    if (count > (kMicrosMax - micros) / (unit->seconds * 1'000'000)) return std::nullopt;
    micros += count * unit->seconds * 1'000'000 + *fraction;
    ++unit;
    text.remove_prefix(1);
  }
  return std::chrono::microseconds{micros};
}

std::string format_iso_duration(std::chrono::microseconds duration) {
  std::string out = duration.count() < 0 ? "-P" : "P";
  std::int64_t micros = duration.count() < 0 ? -duration.count() : duration.count();
  const auto take_unit = [&out, &micros](std::int64_t seconds, char name) {
    const std::int64_t count = micros / (seconds * 1'000'000);
    micros -= count * seconds * 1'000'000;
    if (count > 0) out += std::to_string(count) + name;
  };
  take_unit(86'400, 'D');
  if (micros == 0 && out.size() > 1 && out.back() == 'D') return out;
  out += 'T';
  take_unit(3'600, 'H');
  take_unit(60, 'M');
  if (micros > 0 || out.back() == 'T') {
    out += std::to_string(micros / 1'000'000);
    if (micros % 1'000'000 != 0) {
      std::string fraction = std::to_string(micros % 1'000'000);
      fraction.insert(0, 6 - fraction.size(), '0');
      fraction.erase(fraction.find_last_not_of('0') + 1);
      out += '.' + fraction;
    }
    out += 'S';
  }
  return out;
}

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

std::string format_basic_time(Timestamp time) {
  std::string out;
  for (const char c : format_iso_seconds(time)) {
    if (c != '-' && c != ':') out.push_back(c);
  }
  return out;
}

std::optional<Timestamp> parse_http_date(std::string_view text) {
  const std::string copy(text);
  for (const char* form : {"%a, %d %b %Y %H:%M:%S GMT", "%a, %d %b %Y %H:%M:%S +0000"}) {
    std::tm time{};
    const char* const end = ::strptime(copy.c_str(), form, &time);
    if (end == copy.c_str() + copy.size()) return Timestamp::from_seconds(::timegm(&time));
  }
  return std::nullopt;
}

std::optional<Timestamp> parse_basic_time(std::string_view text) {
  if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z') return std::nullopt;
  std::string iso(text);
  for (const auto& [at, separator] : {std::pair{13, ':'}, {11, ':'}, {6, '-'}, {4, '-'}}) {
    iso.insert(static_cast<std::size_t>(at), 1, separator);
  }
  return parse_iso_time(iso);
}

Timestamp SystemClock::now() const {
  using namespace std::chrono;
  return {duration_cast<microseconds>(system_clock::now().time_since_epoch()).count()};
}

Timestamp BootClock::now() const {
  timespec time{};
  ::clock_gettime(CLOCK_BOOTTIME, &time);
  return {time.tv_sec * 1'000'000 + time.tv_nsec / 1'000};
}

Result<void> MovableClock::check_set(Timestamp time) const { return check_move(now(), time); }

Result<void> check_move(Timestamp now, Timestamp time) {
  if (time < now) {
    return fail(Error::invalid_argument("the clock cannot be set back: it is at " + format_iso_millis(now) +
                                        ", which is after " + format_iso_millis(time)));
  }
  if (time > kLatestTime) {
    return fail(Error::invalid_argument("the clock cannot be set to a time after the year 9999"));
  }
  return {};
}

Result<void> ManualClock::set(Timestamp time) {
  RETURN_IF_ERROR(check_move(now(), time));
  micros_.store(time.micros);
  return {};
}

std::optional<std::chrono::microseconds> ManualClock::real_time_until(Timestamp time) const {
  if (time <= now()) return std::chrono::microseconds{0};
  return std::nullopt;
}

}  // namespace tidemark
