#include "controller/runners/step_log.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>

#include "controller/base/error.h"
#include "controller/base/secret.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxHeldBytes = std::size_t{64} << 10U;
// Longer than any secret in any encoding that Redact knows.
constexpr std::size_t kOverlapBytes = std::size_t{16} << 10U;
constexpr std::string_view kCutMark =
    "… output truncated: the step wrote more than its log may hold\n";

/// The largest position up to `wanted` that does not cut a UTF-8 character.
std::size_t CharacterStart(std::string_view text, std::size_t wanted) {
  std::size_t at = wanted;
  for (int back = 0; back < 3 && at > 0; ++back) {
    if ((static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U) return at;
    --at;
  }
  return (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U ? at : wanted;
}

}  // namespace

std::string SafeLogText(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  std::size_t from = 0;
  while (from < text.size()) {
    const std::size_t end = text.find_first_of("\n\t\r", from);
    safe += EscapeControls(text.substr(from, end == std::string_view::npos ? end : end - from));
    if (end == std::string_view::npos) break;
    const bool dropped = text[end] == '\r' && end + 1 < text.size() && text[end + 1] == '\n';
    if (!dropped) safe += text[end] == '\t' ? '\t' : '\n';
    from = end + 1;
  }
  return safe;
}

StepLog::StepLog(const std::filesystem::path& path, std::size_t max_bytes)
    : file_(open(
          path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640)),
      name_(path.string()),
      max_bytes_(max_bytes) {
  if (!file_.valid()) throw ErrnoError("create", name_, errno);
}

void StepLog::Append(std::string_view bytes) {
  if (truncated_) return;
  held_ += bytes;
  const std::size_t line_end = held_.rfind('\n');
  if (line_end != std::string::npos) {
    const std::string lines = held_.substr(0, line_end + 1);
    held_.erase(0, line_end + 1);
    WriteSafely(lines);
  }
  if (held_.size() > kMaxHeldBytes) {
    // Redacted text may be redacted again; what is kept can still complete a secret.
    held_ = Redact(held_);
    if (held_.size() <= kOverlapBytes) return;
    const std::size_t cut = CharacterStart(held_, held_.size() - kOverlapBytes);
    WriteLines(SafeLogText(std::string_view(held_).substr(0, cut)));
    held_.erase(0, cut);
  }
}

void StepLog::Finish() {
  if (!held_.empty() && !truncated_) {
    held_ += '\n';
    WriteSafely(held_);
  }
  held_.clear();
}

void StepLog::WriteSafely(std::string_view raw) {
  WriteLines(SafeLogText(Redact(raw)));
}

void StepLog::WriteLines(std::string_view redacted) {
  if (truncated_ || redacted.empty()) return;
  std::string_view piece = redacted;
  const std::size_t room = max_bytes_ - written_;
  if (piece.size() > room) {
    truncated_ = true;
    const std::size_t line_end = piece.substr(0, room).rfind('\n');
    piece = piece.substr(
        0, line_end == std::string_view::npos ? CharacterStart(piece, room) : line_end + 1);
  }
  WriteAll(file_.get(), piece, name_);
  written_ += piece.size();
  const std::string_view trimmed = Trim(piece);
  if (!trimmed.empty()) {
    last_line_ = OneLine(Trim(trimmed.substr(trimmed.rfind('\n') + 1)));
  }
  if (truncated_) {
    if (!piece.empty() && piece.back() != '\n') WriteAll(file_.get(), "\n", name_);
    WriteAll(file_.get(), kCutMark, name_);
    held_.clear();
    held_.shrink_to_fit();
  }
}

std::string LastLogLine(const std::filesystem::path& log) {
  const std::string text = ReadFileIfPresent(log).value_or("");
  std::string last;
  for (const std::string& line : Split(text, '\n')) {
    if (!Trim(line).empty()) last = std::string(Trim(line));
  }
  return OneLine(last, 200);
}

}  // namespace failgate
