#include "controller/promotion/approval_file.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "controller/base/text.h"
#include "controller/base/yaml_reader.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxText = 1000;
constexpr std::string_view kDigestStart = "sha256:";
constexpr std::size_t kDigestDigits = 64;

bool IsDigest(std::string_view text) {
  return text.size() == kDigestStart.size() + kDigestDigits &&
         text.substr(0, kDigestStart.size()) == kDigestStart &&
         text.find_first_not_of("0123456789abcdef", kDigestStart.size()) == std::string_view::npos;
}

/// The file speaks of what its place says, so that a moved one is no approval of something else.
void ReadBound(MappingReader& reader,
               const char* key,
               const std::string& expected,
               ProblemSink& problems) {
  const std::string value = reader.RequiredString(key);
  const YamlNode* node = reader.node().Find(key);
  if (node != nullptr && !value.empty() && value != expected) {
    problems.Add(*node,
                 fmt::format("{} is {} here, and the file lies at the place of {}",
                             key,
                             OneLine(value, 80),
                             OneLine(expected, 80)));
  }
}

}  // namespace

std::string ApprovalPath(const EnvironmentName& environment,
                         const ReleaseName& release,
                         const std::string& email) {
  return fmt::format("approvals/{}/{}/{}.yaml", environment.text(), release.text(), email);
}

ApprovalFile ReadApprovalFile(const EnvironmentName& environment,
                              const ReleaseName& release,
                              const std::string& email,
                              std::string_view text) {
  ApprovalFile approval;
  approval.path = ApprovalPath(environment, release, email);
  approval.environment = environment;
  approval.release = release;
  approval.email = email;
  const Parsed<YamlNode> root = ParseYaml(text, approval.path);
  if (!root) {
    approval.problems = root.error();
    return approval;
  }
  ProblemSink problems(approval.path);
  MappingReader reader(*root, "the approval", problems);
  ReadBound(reader, "environment", environment.text(), problems);
  ReadBound(reader, "release", release.text(), problems);
  approval.record = reader.RequiredString("record");
  const YamlNode* record = root->Find("record");
  if (record != nullptr && !approval.record.empty() && !IsDigest(approval.record)) {
    problems.Add(*record, "record must be sha256: and 64 hexadecimal digits, as the log writes it");
  }
  reader.Required("verdict");
  approval.rejects = reader.OneOf("verdict", {"approve", "reject"}) == "reject";
  if (const auto expires = reader.String("expires")) {
    approval.expires = ParseTime(*expires);
    if (!approval.expires) {
      problems.Add(*root->Find("expires"), "expires must be a time such as 2026-12-01T09:00:00Z");
    }
  } else if (!approval.rejects) {
    problems.Add(*root, "the approval needs expires, a time such as 2026-12-01T09:00:00Z");
  }
  approval.text = OneLine(reader.String("text").value_or(""), kMaxText);
  reader.Finish();
  approval.problems = problems.Take();
  return approval;
}

std::string WriteApprovalFile(const ApprovalFile& approval) {
  std::string text = fmt::format("environment: {}\nrelease: {}\nrecord: {}\nverdict: {}\n",
                                 approval.environment.text(),
                                 approval.release.text(),
                                 approval.record,
                                 approval.rejects ? "reject" : "approve");
  if (approval.expires) {
    text += fmt::format("expires: {}\n", FormatTime(*approval.expires));
  }
  if (!approval.text.empty()) {
    // A JSON string is a YAML string, whatever is in it.
    text += fmt::format("text: {}\n", nlohmann::json(OneLine(approval.text, kMaxText)).dump());
  }
  return text;
}

}  // namespace failgate
