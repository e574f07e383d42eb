#include "controller/base/ids.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <limits>
#include <vector>

#include "controller/base/digest.h"
#include "controller/base/error.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxName = 63;
constexpr std::size_t kMaxRefName = 255;
constexpr std::size_t kMaxPath = 1024;
constexpr std::array<std::string_view, 7> kReservedNames{
    "environment", "operations", "releases", "decisions", "projects", "controller", "newest"};

bool IsControl(char character) {
  const auto byte = static_cast<unsigned char>(character);
  return byte < 0x20 || byte == 0x7F;
}

bool HasControl(std::string_view text) {
  return std::any_of(text.begin(), text.end(), IsControl);
}

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

bool HasObjectIdLength(std::string_view text) {
  return text.size() == 40 || text.size() == 64;
}

}  // namespace

std::string FormatPerson(const Person& person) {
  return person.name.empty() ? person.email : fmt::format("{} <{}>", person.name, person.email);
}

std::optional<Person> ParsePerson(std::string_view text) {
  Person person;
  std::string_view email = Trim(text);
  if (!email.empty() && email.back() == '>') {
    const std::size_t open = email.find('<');
    if (open == std::string_view::npos) {
      return std::nullopt;
    }
    person.name = std::string(Trim(email.substr(0, open)));
    email = email.substr(open + 1, email.size() - open - 2);
  }
  const std::size_t at = email.find('@');
  const bool plain = at != std::string_view::npos && at > 0 && at + 1 < email.size() &&
                     email.find_first_of("<> ") == std::string_view::npos &&
                     person.name.find_first_of("<>") == std::string::npos;
  if (!plain || HasControl(text) || !IsUtf8(text)) {
    return std::nullopt;
  }
  person.email = std::string(email);
  return person;
}

bool SamePerson(std::string_view email_a, std::string_view email_b) {
  return !email_a.empty() && ToLower(email_a) == ToLower(email_b);
}

bool IsValidName(std::string_view text) {
  constexpr std::string_view kFirst = "abcdefghijklmnopqrstuvwxyz0123456789";
  constexpr std::string_view kOther = "abcdefghijklmnopqrstuvwxyz0123456789._-";
  return !text.empty() && text.size() <= kMaxName &&
         kFirst.find(text.front()) != std::string_view::npos &&
         text.find_first_not_of(kOther) == std::string_view::npos && !EndsWith(text, ".lock") &&
         text.find("..") == std::string_view::npos && !IsReservedName(text);
}

bool IsReservedName(std::string_view text) {
  return std::find(kReservedNames.begin(), kReservedNames.end(), text) != kReservedNames.end();
}

bool IsObjectId(std::string_view text) {
  return HasObjectIdLength(text) &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool IsZeroObjectId(std::string_view text) {
  return HasObjectIdLength(text) && text.find_first_not_of('0') == std::string_view::npos;
}

bool IsValidRefName(std::string_view text) {
  constexpr std::string_view kPrefix = "refs/";
  if (text.size() > kMaxRefName || text.substr(0, kPrefix.size()) != kPrefix || HasControl(text) ||
      text.find_first_of(" ~^:?*[\\") != std::string_view::npos ||
      text.find("..") != std::string_view::npos || text.find("@{") != std::string_view::npos ||
      text.back() == '.') {
    return false;
  }
  return EveryPart(text, '/', [](std::string_view part) {
    return !part.empty() && part.front() != '.' && !EndsWith(part, ".lock");
  });
}

bool IsSafeRelativePath(std::string_view text) {
  if (text.empty() || text.size() > kMaxPath || HasControl(text) ||
      text.find('\\') != std::string_view::npos) {
    return false;
  }
  return EveryPart(text, '/', [](std::string_view part) {
    return !part.empty() && part != "." && part != ".." && ToLower(part) != ".git";
  });
}

std::optional<std::pair<ProjectName, long>> SplitReleaseName(std::string_view text) {
  const std::size_t dash = text.rfind('-');
  if (dash == std::string_view::npos || !IsValidName(text.substr(0, dash))) {
    return std::nullopt;
  }
  const std::string_view digits = text.substr(dash + 1);
  const auto number = ParseNonNegative(digits);
  if (!number || *number == 0 || digits.front() == '0' ||
      *number > std::numeric_limits<long>::max()) {
    return std::nullopt;
  }
  return std::pair(ProjectName(std::string(text.substr(0, dash))), static_cast<long>(*number));
}

ReleaseName MakeReleaseName(const ProjectName& project, long number) {
  return ReleaseName(fmt::format("{}-{}", project.text(), number));
}

std::string RandomBytes(std::size_t count) {
  std::string bytes(count, '\0');
  std::size_t done = 0;
  while (done < count) {
    const ssize_t got = getrandom(bytes.data() + done, count - done, 0);
    if (got >= 0) {
      done += static_cast<std::size_t>(got);
    } else if (errno != EINTR) {
      throw ErrnoError("reading", "random bytes of the operating system", errno);
    }
  }
  return bytes;
}

std::string NewUuid(TimePoint now) {
  std::string bytes = RandomBytes(16);
  const auto milliseconds = static_cast<std::uint64_t>(now.time_since_epoch().count());
  for (unsigned i = 0; i < 6; ++i) {
    bytes[i] = static_cast<char>(static_cast<unsigned char>(milliseconds >> (40U - 8U * i)));
  }
  bytes[6] = static_cast<char>((static_cast<unsigned char>(bytes[6]) & 0x0FU) | 0x70U);
  bytes[8] = static_cast<char>((static_cast<unsigned char>(bytes[8]) & 0x3FU) | 0x80U);
  std::string text = HexEncode(bytes);
  for (const std::size_t place : {8U, 13U, 18U, 23U}) {
    text.insert(place, 1, '-');
  }
  return text;
}

}  // namespace failgate
