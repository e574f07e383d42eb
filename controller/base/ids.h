// Strong types for names and identities that are only text elsewhere.
#pragma once

#include <compare>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "controller/base/clock.h"

namespace failgate {

/// A text with a meaning: two kinds cannot be mixed up. Empty = absent. No validation of its own.
template <typename Tag>
class StrongText {
 public:
  StrongText() = default;
  explicit StrongText(std::string text) : text_(std::move(text)) {}
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool empty() const { return text_.empty(); }
  auto operator<=>(const StrongText&) const =
      default;  // NOLINT(modernize-use-nullptr): clang-tidy 14 errs

 private:
  std::string text_;
};

using SourceName = StrongText<struct SourceTag>;
using ProjectName = StrongText<struct ProjectTag>;
using EnvironmentName = StrongText<struct EnvironmentTag>;
using ReleaseName = StrongText<struct ReleaseTag>;  ///< "churn-42"
using CommitId = StrongText<struct CommitTag>;      ///< 40 (or 64) lower-case hex digits
using ObjectId = StrongText<struct ObjectTag>;      ///< any git object, as CommitId
using RunId = StrongText<struct RunTag>;            ///< UUID version 7
using PersonEmail = StrongText<struct PersonTag>;

/// A person as git writes one. Equality of persons is equality of lower-case e-mail addresses.
struct Person {
  std::string name;
  std::string email;
  bool operator==(const Person&) const = default;
  [[nodiscard]] bool empty() const { return email.empty(); }
};
/// "Alice Martin <alice@example.com>"; "alice@example.com" alone when the name is empty.
[[nodiscard]] std::string FormatPerson(const Person& person);
/// Reads both forms of FormatPerson; nullopt for control characters, '<' '>' inside, or no '@'.
[[nodiscard]] std::optional<Person> ParsePerson(std::string_view text);
[[nodiscard]] bool SamePerson(std::string_view email_a, std::string_view email_b);

/// product.md §6: [a-z0-9][a-z0-9._-]{0,62}, and none of the reserved names, no ".lock" end, no
/// "..".
[[nodiscard]] bool IsValidName(std::string_view text);
[[nodiscard]] bool IsReservedName(std::string_view text);
/// 40 or 64 lower-case hex digits.
[[nodiscard]] bool IsObjectId(std::string_view text);
/// All zeros, 40 or 64 of them: "this ref does not exist".
[[nodiscard]] bool IsZeroObjectId(std::string_view text);
/// A full ref name as git-check-ref-format accepts it ("refs/heads/x"), at most 255 bytes.
[[nodiscard]] bool IsValidRefName(std::string_view text);
/// A path inside a tree or workspace: relative, '/' separated, no "", ".", "..", NUL, backslash,
/// control character, and no ".git" part in any case; at most 1,024 bytes.
[[nodiscard]] bool IsSafeRelativePath(std::string_view text);

/// PROJECT-NUMBER -> (project, number); nullopt when it has not that form.
[[nodiscard]] std::optional<std::pair<ProjectName, long>> SplitReleaseName(std::string_view text);
[[nodiscard]] ReleaseName MakeReleaseName(const ProjectName& project, long number);

/// `count` random bytes from the operating system.
[[nodiscard]] std::string RandomBytes(std::size_t count);
/// UUID version 7 (RFC 9562): sorts by creation time.
[[nodiscard]] std::string NewUuid(TimePoint now);

}  // namespace failgate

template <typename Tag>
struct std::hash<failgate::StrongText<Tag>> {
  std::size_t operator()(const failgate::StrongText<Tag>& value) const {
    return std::hash<std::string>()(value.text());
  }
};
