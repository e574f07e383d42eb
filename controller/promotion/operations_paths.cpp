#include "controller/promotion/operations_paths.h"

#include <fmt/format.h>

#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::string_view kEnvironments = "environments";
constexpr std::string_view kDesired = "desired";
constexpr std::string_view kApprovals = "approvals";

struct FileName {
  std::string stem;
  std::string ending;  ///< "yaml", "yml" or empty
};

FileName SplitFileName(const std::string& name) {
  for (const char* ending : {".yaml", ".yml"}) {
    const std::size_t length = std::string_view(ending).size();
    if (name.size() > length && ToLower(name.substr(name.size() - length)) == ending) {
      return {name.substr(0, name.size() - length), ToLower(name.substr(name.size() - length + 1))};
    }
  }
  return {name, ""};
}

/// Equal but for two neighbouring letters; NearestWord is too generous for names people chose
/// freely.
bool IsSlipOf(std::string_view word, std::string_view target) {
  constexpr std::size_t kSlip = 2;
  while (!word.empty() && !target.empty() && word.front() == target.front()) {
    word.remove_prefix(1);
    target.remove_prefix(1);
  }
  while (!word.empty() && !target.empty() && word.back() == target.back()) {
    word.remove_suffix(1);
    target.remove_suffix(1);
  }
  return word.size() <= kSlip && target.size() <= kSlip;
}

OperationsPath Misplaced(std::string text) {
  OperationsPath path;
  path.kind = OperationsPathKind::kMisplaced;
  path.text = std::move(text);
  return path;
}

/// environments/E/FILE and desired/E/FILE.
OperationsPath ClassifyInFolder(const std::vector<std::string>& parts) {
  const std::string& folder = parts[0];
  const std::string& environment = parts[1];
  const FileName file = SplitFileName(parts[2]);
  const bool in_environments = folder == kEnvironments;
  if (file.ending.empty()) return {};
  const bool is_floor = in_environments && file.stem == "environment";
  const bool good_ending = parts[2] == file.stem + ".yaml";
  if (!good_ending) {
    // Other programs' files (a playbook site.yml) may lie beside ours under environments/.
    if (in_environments && !is_floor) return {};
    return Misplaced(fmt::format("is not read: call it {}/{}/{}.yaml",
                                 folder,
                                 OneLine(environment, 80),
                                 OneLine(file.stem, 80)));
  }
  if (!IsValidName(environment)) {
    return Misplaced(
        fmt::format("is not read: \"{}\" is no name of an environment", OneLine(environment, 80)));
  }
  OperationsPath path;
  path.environment = EnvironmentName(environment);
  if (is_floor) {
    path.kind = OperationsPathKind::kEnvironment;
    return path;
  }
  if (!IsValidName(file.stem)) {
    return Misplaced(
        fmt::format("is not read: \"{}\" is no name of a project", OneLine(file.stem, 80)));
  }
  path.kind = in_environments ? OperationsPathKind::kProject : OperationsPathKind::kDesired;
  path.project = ProjectName(file.stem);
  return path;
}

/// approvals/…
OperationsPath ClassifyApproval(const std::vector<std::string>& parts) {
  constexpr std::string_view kYaml = ".yaml";
  constexpr std::string_view kSig = ".sig";
  std::string_view name = parts.back();
  const auto cut = [&name](std::string_view ending) {
    const bool ends =
        name.size() > ending.size() && name.substr(name.size() - ending.size()) == ending;
    name = name.substr(0, name.size() - (ends ? ending.size() : 0));
    return ends;
  };
  const bool is_signature = cut(kSig);
  const bool is_yaml = cut(kYaml);
  if (!is_signature && !is_yaml && SplitFileName(parts.back()).ending.empty()) return {};
  const auto person = ParsePerson(name);
  if (parts.size() != 4 || !is_yaml || !IsValidName(parts[1]) || !SplitReleaseName(parts[2]) ||
      !person || !person->name.empty() || person->email != name) {
    return Misplaced(
        "is not read: approvals lie at approvals/ENVIRONMENT/RELEASE/EMAIL.yaml, each with "
        "EMAIL.yaml.sig beside it");
  }
  OperationsPath path;
  path.kind = is_signature ? OperationsPathKind::kSignature : OperationsPathKind::kApproval;
  path.environment = EnvironmentName(parts[1]);
  path.release = ReleaseName(parts[2]);
  path.project = SplitReleaseName(parts[2])->first;
  path.email = std::string(name);
  return path;
}

}  // namespace

OperationsPath ClassifyPath(const std::string& path) {
  const std::vector<std::string> parts = Split(path, '/');
  const std::string& top = parts.front();
  const bool is_yaml = !SplitFileName(parts.back()).ending.empty();
  if (path == "people_signers") {
    OperationsPath people;
    people.kind = OperationsPathKind::kPeople;
    return people;
  }
  if (parts.back() == "policy.sig" && parts.size() > 1) {
    return Misplaced("is not read: the owner's signature lies at the root, as policy.sig");
  }
  if (parts.size() > 1 && top == kApprovals) {
    return ClassifyApproval(parts);
  }
  if (top == kEnvironments || top == kDesired) {
    if (parts.size() == 3) return ClassifyInFolder(parts);
    const bool shallow = parts.size() == 2 && is_yaml;
    const bool deep = parts.size() > 3 && is_yaml && top == kDesired;
    if (shallow || deep) {
      return Misplaced(fmt::format("is not read: files lie at {}/ENVIRONMENT/{}.yaml",
                                   top,
                                   top == kDesired ? "PROJECT" : "environment"));
    }
    return {};
  }
  if (parts.size() > 1 && is_yaml) {
    for (const std::string_view folder : {kEnvironments, kDesired, kApprovals}) {
      if (IsSlipOf(ToLower(top), folder)) {
        return Misplaced(fmt::format("is not read: did you mean {}/…?", folder));
      }
    }
  }
  return {};
}

}  // namespace failgate
