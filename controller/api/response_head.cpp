#include "controller/api/response_head.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace failgate {
namespace {

// Of every answer: nobody keeps it, frames it, or takes it for a page.
constexpr std::string_view kSafetyFields =
    "X-Content-Type-Options: nosniff\r\n"
    "Cache-Control: no-store\r\n"
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"
    "Referrer-Policy: no-referrer\r\n";

bool IsPlain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte != 0x7f;
  });
}

void AppendField(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

std::string SerializeResponseHead(const HttpResponse& response,
                                  const ResponseFraming& framing,
                                  std::string_view http_date) {
  std::string out;
  out.reserve(512);
  out.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  out.append(ReasonPhrase(response.status)).append("\r\n");
  AppendField(out, "Date", http_date);
  if (!response.content_type.empty()) {
    AppendField(out, "Content-Type", response.content_type);
  }
  out.append(kSafetyFields);
  if (framing.content_length && response.status != 204 && response.status != 304) {
    AppendField(out, "Content-Length", std::to_string(*framing.content_length));
  }
  for (const auto& [name, value] : response.headers) {
    AppendField(out, name, value);
  }
  if (!framing.keep_alive) {
    AppendField(out, "Connection", "close");
  } else if (!framing.http_1_1) {
    AppendField(out, "Connection", "keep-alive");
  }
  out.append("\r\n");
  return out;
}

bool IsSendable(const HttpResponse& response) {
  return response.status >= 200 && response.status <= 599 && IsPlain(response.content_type) &&
         std::all_of(response.headers.begin(), response.headers.end(), [](const auto& field) {
           return !field.first.empty() && IsPlain(field.first) && IsPlain(field.second) &&
                  field.first.find_first_of(": ") == std::string::npos;
         });
}

std::string FormatHttpDate(TimePoint time) {
  static constexpr std::array<std::string_view, 7> kDays = {
      "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<std::string_view, 12> kMonths = {
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto day = std::chrono::floor<std::chrono::days>(seconds);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(seconds - day);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                     kDays.at(std::chrono::weekday(day).c_encoding()),
                     static_cast<unsigned>(date.day()),
                     kMonths.at(static_cast<unsigned>(date.month()) - 1),
                     static_cast<int>(date.year()),
                     clock.hours().count(),
                     clock.minutes().count(),
                     clock.seconds().count());
}

}  // namespace failgate
