// What an artifact's bytes are, found when they were stored: plain data for records and decisions.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace failgate {

/// What reading a file with the usual program of its format may do.
enum class LoadSafety {
  kData,     ///< gives data, runs nothing
  kCode,     ///< runs what the file says, or is a program itself
  kUnknown,  ///< cannot be shown
};

/// All files of one artifact that are of one format and one safety.
struct FormatFinding {
  std::string format;  ///< a word of FileFormats()
  LoadSafety safety = LoadSafety::kUnknown;
  long long files = 0;
  std::string example;  ///< path inside a folder, the first by name; empty for a file artifact
  std::string why;      ///< what was seen in that one; one line, may be empty
  bool operator==(const FormatFinding&) const = default;
};

struct ArtifactContents {
  long long files = 0;
  long long bytes =
      0;  ///< of all files; of a zip archive what it says it unpacks to, if that is more
  std::vector<FormatFinding> formats = {};      ///< sorted by format, then safety
  std::vector<std::string> distributions = {};  ///< of Python, that are installed in it; sorted
  bool distributions_cut = false;               ///< there are more
  bool operator==(const ArtifactContents&) const = default;
};

/// One artifact of a release as a gate sees it.
struct ArtifactFact {
  std::string name;
  std::string digest;    ///< "sha256:…" of the stored bytes
  long long size = 0;    ///< of the stored bytes
  std::string declared;  ///< format that the pipeline names; empty = none
  bool folder = false;
  std::optional<ArtifactContents> contents = {};  ///< nullopt: not recorded
  bool operator==(const ArtifactFact&) const = default;
};

/// Words that FormatFinding::format may be, sorted.
[[nodiscard]] const std::vector<std::string>& FileFormats();

/// "data", "code", "unknown".
[[nodiscard]] std::string Word(LoadSafety safety);

}  // namespace failgate
