#include "controller/data/run_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/base/text.h"
#include "controller/data/dvc_file.h"
#include "controller/data/dvc_objects.h"
#include "controller/data/lfs_objects.h"
#include "controller/data/tree_findings.h"
#include "controller/git/repository.h"

namespace failgate {
namespace {

constexpr std::size_t kShown = 300;

std::string Shown(const std::string& path) {
  return OneLine(path, kShown);
}

bool MatchesAny(const std::vector<std::string>& globs, const std::string& path) {
  return std::any_of(
      globs.begin(), globs.end(), [&](const std::string& glob) { return GlobMatches(glob, path); });
}

bool IsThere(const std::filesystem::path& path) {
  return std::filesystem::symlink_status(path).type() != std::filesystem::file_type::not_found;
}

}  // namespace

/// One tree in the workspace, of one source.
class RunData::Root {
 public:
  Root(RunData& data, const DataAccess& access, const SourceName& source, std::uint64_t& bytes_left)
      : data_(data), access_(access), source_(source), bytes_left_(bytes_left) {}

  /// `counts` nullptr: every DVC file counts.
  std::optional<Refusal> Fill(const std::filesystem::path& root,
                              const std::vector<std::string>* counts,
                              const std::stop_token& stop) {
    TreeFindings found = LookAtTree(root);
    if (found.refusal) {
      return found.refusal;
    }
    if (auto refusal = FillPointers(root, found.pointers, stop)) {
      return refusal;
    }
    for (const std::string& file : found.dvc_files) {
      if (counts != nullptr && !MatchesAny(*counts, file)) {
        continue;
      }
      if (auto refusal = FillDvcFile(root, file, stop)) {
        return refusal;
      }
    }
    return std::nullopt;
  }

  [[nodiscard]] const std::map<std::string, long long>& objects() const { return objects_; }

 private:
  std::optional<Refusal> FillPointers(const std::filesystem::path& root,
                                      const std::vector<PointerFile>& files,
                                      const std::stop_token& stop) {
    std::vector<LfsPointer> pointers;
    std::set<std::string> seen;
    for (const PointerFile& file : files) {
      if (auto refusal = Take(file.pointer.size)) {
        return refusal;
      }
      if (seen.insert(file.pointer.sha256).second) {
        pointers.push_back(file.pointer);
      }
    }
    LfsObjects lfs(data_.store_, data_.processes_, access_.remote);
    for (const bool again : {false, true}) {
      if (auto refusal = lfs.Bring(pointers, stop)) {
        return Refusal{refusal->code,
                       fmt::format("{}{}: `git lfs push` it to {}, then `failgate run --again`",
                                   refusal->text,
                                   NameOfFirst(root, files, refusal->text),
                                   source_.text())};
      }
      if (PlaceAll(files)) {
        break;
      }
      if (again) {
        throw Error(Remedy::kRetry, "placing data: what was just brought is damaged again");
      }
    }
    for (const LfsPointer& pointer : pointers) {
      objects_[pointer.sha256] = pointer.size;
    }
    return std::nullopt;
  }

  /// " (PATH)" of the file whose object the text names.
  static std::string NameOfFirst(const std::filesystem::path& root,
                                 const std::vector<PointerFile>& files,
                                 const std::string& text) {
    for (const PointerFile& file : files) {
      if (text.find(file.pointer.sha256) != std::string::npos) {
        return fmt::format(" (\"{}\")", Shown(file.path.lexically_relative(root).generic_string()));
      }
    }
    return "";
  }

  bool PlaceAll(const std::vector<PointerFile>& files) {
    return std::all_of(files.begin(), files.end(), [&](const PointerFile& file) {
      return data_.store_.Place(file.pointer.sha256, file.path, file.executable);
    });
  }

  std::optional<Refusal> FillDvcFile(const std::filesystem::path& root,
                                     const std::string& file,
                                     const std::stop_token& stop) {
    const Result<std::vector<DvcOut>> outs =
        ParseDvcFile(ReadFile(root / file, kMaxDvcFileBytes), file);
    if (!outs) {
      return outs.error();
    }
    for (const DvcOut& out : *outs) {
      if (stop.stop_requested()) {
        throw Error(Remedy::kRetry, "placing data: the program ends");
      }
      if (auto refusal = FillOut(root, file, out)) {
        return refusal;
      }
    }
    return std::nullopt;
  }

  std::optional<Refusal> FillOut(const std::filesystem::path& root,
                                 const std::string& file,
                                 const DvcOut& out) {
    const std::filesystem::path place = root / out.path;
    if (IsThere(place)) {
      if (out.from_stage) {
        return std::nullopt;  // `cache: false`: git has the bytes themselves
      }
      return Refusal{
          "data_place_taken",
          fmt::format("{}: \"{}\" is in git already: remove it there (`git rm --cached`)",
                      Shown(file),
                      Shown(out.path))};
    }
    if (!access_.dvc_remote) {
      return Refusal{"data_unreachable",
                     fmt::format("{}: where its bytes are is not known: write `dvc: {{remote: "
                                 "FOLDER}}` for source {} in the server file",
                                 Shown(file),
                                 source_.text())};
    }
    if (out.size && static_cast<std::uint64_t>(*out.size) > bytes_left_) {
      return TooLarge();
    }
    DvcObjects dvc(data_.store_, *access_.dvc_remote);
    for (const bool again : {false, true}) {
      const Result<std::vector<DvcBytes>> brought = dvc.Bring(out);
      if (!brought) {
        return Refusal{brought.error().code,
                       fmt::format("{}: {}: `dvc push` it, then `failgate run --again`",
                                   Shown(file),
                                   brought.error().text)};
      }
      if (auto refusal = again ? std::nullopt : TakeAll(*brought)) {
        return refusal;
      }
      if (PlaceDvc(root, *brought)) {
        break;
      }
      if (again) {
        throw Error(Remedy::kRetry, "placing data: what was just brought is damaged again");
      }
    }
    return std::nullopt;
  }

  bool PlaceDvc(const std::filesystem::path& root, const std::vector<DvcBytes>& files) {
    return std::all_of(files.begin(), files.end(), [&](const DvcBytes& file) {
      CreateFolders((root / file.path).parent_path(), 0755);
      if (!data_.store_.Place(file.sha256, root / file.path, false)) {
        return false;
      }
      objects_[file.sha256] = data_.store_.Size(file.sha256);
      return true;
    });
  }

  /// What was brought counts, whatever the DVC file says of its size.
  std::optional<Refusal> TakeAll(const std::vector<DvcBytes>& files) {
    for (const DvcBytes& file : files) {
      if (auto refusal = Take(data_.store_.Size(file.sha256))) {
        return refusal;
      }
    }
    return std::nullopt;
  }

  std::optional<Refusal> Take(long long bytes) {
    if (static_cast<std::uint64_t>(bytes) > bytes_left_) {
      return TooLarge();
    }
    bytes_left_ -= static_cast<std::uint64_t>(bytes);
    return std::nullopt;
  }

  [[nodiscard]] Refusal TooLarge() const {
    return Refusal{"data_too_large",
                   fmt::format("the data of source {} is larger than a workspace may be: raise "
                               "runner.limits.disk in the server file",
                               source_.text())};
  }

  RunData& data_;
  const DataAccess& access_;
  const SourceName& source_;
  std::uint64_t& bytes_left_;
  std::map<std::string, long long> objects_;  ///< SHA-256 -> size
};

RunData::RunData(std::filesystem::path store,
                 std::filesystem::path mirrors,
                 ProcessRunner& processes,
                 std::map<SourceName, DataAccess> sources)
    : store_(std::move(store)),
      mirrors_(std::move(mirrors)),
      processes_(processes),
      sources_(std::move(sources)) {}

Result<DataObjects> RunData::Place(const DataOrder& order, std::stop_token stop) {
  std::map<std::string, long long> objects;
  std::uint64_t bytes_left = order.max_bytes;
  const auto fill = [&](const SourceName& source,
                        const std::filesystem::path& root,
                        const std::vector<std::string>* counts) -> std::optional<Refusal> {
    const auto access = sources_.find(source);
    if (access == sources_.end()) {
      return Refusal{"data_unreachable",
                     fmt::format("the server file has no source {}: its data cannot be brought",
                                 source.text())};
    }
    Root tree(*this, access->second, source, bytes_left);
    auto refusal = tree.Fill(root, counts, stop);
    objects.insert(tree.objects().begin(), tree.objects().end());
    return refusal;
  };
  if (auto refusal = fill(order.source, order.workspace, &order.paths)) {
    return *refusal;
  }
  for (const PlacedDataSource& placed : order.sources) {
    const std::filesystem::path root = order.workspace / placed.at;
    if (IsThere(root)) {
      return Refusal{
          "data_place_taken",
          fmt::format("source {} goes to \"{}\", which the code has itself: name another place in "
                      "triggers.data.sources",
                      placed.source.text(),
                      Shown(placed.at))};
    }
    ExportLimits limits;
    limits.max_bytes = bytes_left;
    Repository::Open(mirrors_ / (placed.source.text() + ".git"))
        .ExportTree(placed.revision, root, limits);
    if (auto refusal = fill(placed.source, root, nullptr)) {
      return *refusal;
    }
  }
  DataObjects counted;
  counted.count = static_cast<long long>(objects.size());
  for (const auto& object : objects) {
    counted.bytes += object.second;
  }
  return counted;
}

}  // namespace failgate
