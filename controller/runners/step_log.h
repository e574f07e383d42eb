// The log file of one step: live, bounded, free of secrets and of control characters.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "controller/base/durable_file.h"

namespace failgate {

/// Writes whole lines as they come. A line is held back until its end so that a secret cut in two
/// by a pipe is still seen whole; very long lines are written piece by piece with an overlap. Not
/// thread-safe.
class StepLog {
 public:
  /// Replaces the file. Throws Error.
  StepLog(const std::filesystem::path& path, std::size_t max_bytes);

  /// Takes bytes of any kind. After max_bytes one line says that output was cut, the rest is
  /// dropped.
  void Append(std::string_view bytes);
  /// Writes what is held back. Call once at the end.
  void Finish();

  [[nodiscard]] long long bytes() const { return static_cast<long long>(written_); }
  [[nodiscard]] bool truncated() const { return truncated_; }
  /// The last line written that is not blank, redacted and escaped.
  [[nodiscard]] const std::string& last_line() const { return last_line_; }

 private:
  void WriteSafely(std::string_view raw);
  void WriteLines(std::string_view redacted);

  FileDescriptor file_;
  std::string name_;
  std::size_t max_bytes_;
  std::size_t written_ = 0;
  bool truncated_ = false;
  std::string held_;
  std::string last_line_;
};

/// Control characters but newline and tab escaped; CR before a newline dropped, other CRs become
/// newlines.
[[nodiscard]] std::string SafeLogText(std::string_view text);

/// The last line of a log that is not blank, at most 200 characters; empty when there is none.
[[nodiscard]] std::string LastLogLine(const std::filesystem::path& log);

}  // namespace failgate
