// `checks` of environments/E/P.yaml: programs of the operations repository that look at a release
// before and after it is deployed. How they are written; what they found is in check_facts.h.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "controller/base/yaml_reader.h"

namespace failgate {

struct OperationsCheck {
  std::string name;
  std::string level = "functional";  ///< word of the contract, under which its tests count
  std::string run;                   ///< for the shell, beside the files of the environment
  /// Paths of reports below the folder it runs in; safe and relative.
  std::vector<std::string> tests = {};
  std::vector<std::string> coverage = {};
  std::vector<std::string> metrics = {};
  Milliseconds timeout{600'000};
  bool operator==(const OperationsCheck&) const = default;
};

struct OperationsChecks {
  std::vector<OperationsCheck> before;  ///< each list in file order, names unique
  std::vector<OperationsCheck> after;
  [[nodiscard]] bool empty() const { return before.empty() && after.empty(); }
  bool operator==(const OperationsChecks&) const = default;
};

/// `node` is the value of `checks`; nullptr = none.
[[nodiscard]] OperationsChecks ReadOperationsChecks(const YamlNode* node, ProblemSink& problems);

/// "sha256:…" of everything above: equal digests = run in the same way.
[[nodiscard]] std::string CheckDigest(const OperationsCheck& check);

/// `run` of a check or a command: not empty, at most 64 KiB, without ${{ }}.
[[nodiscard]] std::string ReadProgramText(MappingReader& reader, ProblemSink& problems);
/// `timeout` between 1s and `most`; `otherwise` when absent or a problem.
[[nodiscard]] Milliseconds ReadProgramTimeout(MappingReader& reader,
                                              Milliseconds otherwise,
                                              Milliseconds most,
                                              ProblemSink& problems);

/// Digest of values that says where one ends: lengths come before texts. "sha256:…".
class ProgramDigest {
 public:
  explicit ProgramDigest(std::string kind) : bytes_(std::move(kind)) { bytes_ += '\n'; }
  void Add(std::string_view key, std::string_view value);
  [[nodiscard]] std::string Finish() const;

 private:
  std::string bytes_;
};

}  // namespace failgate
