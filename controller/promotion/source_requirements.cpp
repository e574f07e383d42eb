#include "controller/promotion/source_requirements.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>

#include "controller/base/digest.h"
#include "controller/base/error.h"
#include "controller/base/log.h"
#include "controller/base/text.h"
#include "controller/git/repository.h"
#include "controller/promotion/python_imports.h"
#include "controller/promotion/requirement_files.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxRemembered = 100;
constexpr std::size_t kMaxTreeFiles = 200'000;
constexpr std::size_t kMaxPythonFiles = 5'000;
constexpr std::size_t kMaxFile = std::size_t{2} << 20U;
constexpr std::size_t kMaxTogether = std::size_t{64} << 20U;

bool IsPython(const TreeEntry& entry) {
  const std::string& name = entry.name;
  return name.size() > 3 && name.compare(name.size() - 3, 3, ".py") == 0 &&
         (entry.kind == TreeEntryKind::kFile || entry.kind == TreeEntryKind::kExecutable);
}

/// The modules and packages that lie in the source itself.
class OwnModules {
 public:
  void Add(const std::string& python_file) {
    modules_.insert(python_file.substr(0, python_file.size() - 3));
    for (std::size_t slash = python_file.rfind('/'); slash != std::string::npos;
         slash = slash == 0 ? std::string::npos : python_file.rfind('/', slash - 1)) {
      modules_.insert(python_file.substr(0, slash));
    }
  }
  /// At the root, in src, beside the file that imports it or in a folder above that.
  [[nodiscard]] bool Has(const std::string& import, std::string from) const {
    const std::string top = import.substr(0, import.find('.'));
    if (modules_.count(top) > 0 || modules_.count("src/" + top) > 0) return true;
    while (true) {
      const std::size_t slash = from.rfind('/');
      if (slash == std::string::npos) return false;
      from.resize(slash);
      if (modules_.count(from + "/" + top) > 0) return true;
    }
  }

 private:
  std::set<std::string> modules_;
};

class Judge {
 public:
  Judge(const Repository& repository, const CommitId& revision, const RequirementsGate& gate)
      : repository_(repository), revision_(revision), gate_(gate) {}

  RequirementsFact Look() {
    fact_.known = true;
    ReadFiles();
    std::vector<TreeEntry> files;
    for (TreeEntry& entry : repository_.FindFiles(revision_, "", kMaxTreeFiles)) {
      if (!IsPython(entry)) continue;
      own_.Add(entry.name);
      files.push_back(std::move(entry));
    }
    std::sort(files.begin(), files.end(), [](const TreeEntry& a, const TreeEntry& b) {
      return a.name < b.name;
    });
    for (const TreeEntry& file : files) LookAt(file);
    std::stable_sort(
        fact_.findings.begin(), fact_.findings.end(), [](const auto& a, const auto& b) {
          return std::tie(a.path, a.line) < std::tie(b.path, b.line);
        });
    return std::move(fact_);
  }

 private:
  void Add(std::string path, long long line, std::string import, std::string problem) {
    ++fact_.problems;
    if (fact_.findings.size() < kMaxRequirementFindings) {
      fact_.findings.push_back({std::move(path), line, std::move(import), OneLine(problem, 200)});
    }
  }

  /// nullopt also for one that is too large.
  std::optional<std::string> ReadText(const std::string& path) const {
    try {
      return repository_.ReadFile(revision_, path, kMaxFile);
    } catch (const Error&) {
      return std::nullopt;
    }
  }

  std::set<std::string> Distributions(const std::string& file) {
    const Requirements read =
        ReadRequirements(file, [this](const std::string& path) { return ReadText(path); });
    for (const auto& problem : read.problems) Add(OneLine(problem.where, 200), 0, "", problem.what);
    return read.distributions;
  }

  void ReadFiles() {
    std::set<std::string> all;
    for (const RequirementSet& set : gate_.sets) {
      sets_.push_back(Distributions(set.file));
      all.insert(sets_.back().begin(), sets_.back().end());
    }
    for (const std::string& file : gate_.dev) dev_.merge(Distributions(file));
    for (const std::string& name : dev_) {
      if (all.count(name) == 0) fact_.dev_only.push_back(name);
    }
  }

  void LookAt(const TreeEntry& file) {
    for (std::size_t i = 0; i < gate_.sets.size(); ++i) {
      const auto& paths = gate_.sets[i].paths;
      const bool covers = std::any_of(paths.begin(), paths.end(), [&](const std::string& path) {
        return GlobMatches(path, file.name);
      });
      if (covers) return LookInto(file, i);
    }
    ++fact_.uncovered;
    if (fact_.uncovered_example.empty()) fact_.uncovered_example = OneLine(file.name, 200);
  }

  void LookInto(const TreeEntry& file, std::size_t set) {
    ++fact_.files;
    if (fact_.files > static_cast<long long>(kMaxPythonFiles) || read_ > kMaxTogether) {
      return Add(OneLine(file.name, 200), 0, "", "there is more Python than is read");
    }
    std::string text;
    try {
      text = repository_.ReadBlob(file.id, kMaxFile);
    } catch (const Error& error) {
      return Add(OneLine(file.name, 200), 0, "", fmt::format("cannot be read: {}", error.what()));
    }
    read_ += text.size();
    const auto imports = ScanPythonImports(text);
    if (!imports)
      return Add(OneLine(file.name, 200), 0, "", "cannot be read: " + imports.error().text);
    for (const PythonImport& import : *imports) Resolve(file.name, import, set);
  }

  void Resolve(const std::string& file, const PythonImport& import, std::size_t set) {
    if (IsStandardModule(import.name.substr(0, import.name.find('.'))) ||
        own_.Has(import.name, file)) {
      return;
    }
    ++fact_.imports;
    if (Provides(sets_[set], gate_.names, import.name)) return;
    const std::string& wanted = gate_.sets[set].file;
    Add(OneLine(file, 200),
        import.line,
        OneLine(import.name, 80),
        Provides(dev_, gate_.names, import.name)
            ? fmt::format("only dev offers it, {} does not", wanted)
            : fmt::format("{} does not offer it", wanted));
  }

  const Repository& repository_;
  const CommitId& revision_;
  const RequirementsGate& gate_;
  RequirementsFact fact_;
  OwnModules own_;
  std::vector<std::set<std::string>> sets_;
  std::set<std::string> dev_;
  std::size_t read_ = 0;
};

/// What of the gate decides how a source is read.
std::string ReadingOf(const RequirementsGate& gate) {
  std::string text;
  for (const RequirementSet& set : gate.sets) {
    text += Join(set.paths, "\n") + "\n\n" + set.file + "\n\n";
  }
  text += Join(gate.dev, "\n") + "\n\n";
  for (const auto& [import, name] : gate.names) text += import + "\n" + name + "\n";
  return Sha256Hex(text);
}

}  // namespace

RequirementsFact RequirementsAt(const std::filesystem::path& mirror,
                                const CommitId& revision,
                                const RequirementsGate& gate) {
  try {
    if (!std::filesystem::exists(mirror / "HEAD")) return {};
    const Repository repository = Repository::Open(mirror);
    if (!repository.HasCommit(revision)) return {};
    return Judge(repository, revision, gate).Look();
  } catch (const Error& error) {
    // A broken mirror is its source's trouble and is fetched anew; here it means "not known".
    log::Warning("the imports of a revision cannot be told", {{"error", error.what()}});
    return {};
  }
}

const RequirementsFact& SourceRequirements::At(const std::filesystem::path& mirror,
                                               const CommitId& revision,
                                               const RequirementsGate& gate) {
  const Key key{mirror.string(), revision, ReadingOf(gate)};
  if (const auto known = known_.find(key); known != known_.end()) return known->second;
  RequirementsFact fact = RequirementsAt(mirror, revision, gate);
  if (!fact.known) return not_known_;
  if (known_.size() >= kMaxRemembered) known_.clear();
  return known_[key] = std::move(fact);
}

}  // namespace failgate
