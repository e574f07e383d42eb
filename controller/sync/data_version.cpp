#include "controller/sync/data_version.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "controller/base/digest.h"
#include "controller/base/text.h"
#include "controller/data/data_parts.h"
#include "controller/data/dvc_file.h"
#include "controller/data/lfs_pointer.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxFiles = 200'000;
constexpr std::size_t kMaxDataBytes = std::size_t{1} << 30U;
constexpr std::size_t kMaxKnown = 200'000;

bool IsData(const DataTrigger& trigger, const TreeEntry& entry) {
  if (entry.kind != TreeEntryKind::kFile && entry.kind != TreeEntryKind::kExecutable) {
    return false;
  }
  return std::any_of(trigger.paths.begin(), trigger.paths.end(), [&](const std::string& pattern) {
    return GlobMatches(pattern, entry.name);
  });
}

}  // namespace

std::string FormatDataVersion(std::vector<DataFile> files) {
  if (files.empty()) {
    return "";
  }
  const auto digest_of = [](const DataFile& file) {
    return file.other.empty() ? file.sha256 : file.other;
  };
  if (files.size() == 1) {
    const DataFile& file = files.front();
    return fmt::format(
        "{}@{}{}", EscapeDataPath(file.path), file.other.empty() ? "sha256:" : "", digest_of(file));
  }
  std::sort(files.begin(), files.end(), [](const DataFile& a, const DataFile& b) {
    return std::tie(a.path, a.sha256, a.other) < std::tie(b.path, b.sha256, b.other);
  });
  Sha256 digest;
  for (const DataFile& file : files) {
    digest.Update(file.path);
    digest.Update(std::string_view("\0", 1));
    digest.Update(digest_of(file));
    digest.Update("\n");
  }
  return fmt::format("{} files@sha256:{}", files.size(), digest.FinishHex());
}

std::optional<std::string> LfsDigest(std::string_view bytes) {
  const Result<LfsPointer> pointer = ParseLfsPointer(bytes);
  return pointer ? std::optional<std::string>(pointer->sha256) : std::nullopt;
}

DataVersions::DataVersions(const std::vector<SourceSettings>& sources, const HeadStore& heads)
    : heads_(&heads) {
  for (const SourceSettings& source : sources) {
    if (source.kind == SourceKind::kData) {
      sources_.push_back({source.name, "refs/heads/" + source.branch, source.projects});
    }
  }
}

bool DataVersions::IsBound(const BoundSource& source, const ProjectName& project) {
  return std::find(source.projects.begin(), source.projects.end(), project) !=
         source.projects.end();
}

bool DataVersions::HasSources(const ProjectName& project) const {
  return std::any_of(sources_.begin(), sources_.end(), [&](const BoundSource& source) {
    return IsBound(source, project);
  });
}

std::map<SourceName, CommitId> DataVersions::SourcesOf(const ProjectName& project) const {
  std::map<SourceName, CommitId> heads;
  for (const BoundSource& source : sources_) {
    if (!IsBound(source, project)) {
      continue;
    }
    if (const auto head = heads_->Get(source.name, source.ref)) {
      heads[source.name] = *head;
    }
  }
  return heads;
}

std::string DataVersions::DigestOf(const Repository& repository, const ObjectId& blob) {
  {
    auto known = known_.Lock();
    const auto found = known->find(blob);
    if (found != known->end()) {
      return found->second;
    }
  }
  const std::string bytes = repository.ReadBlob(blob, kMaxDataBytes);
  std::string digest = LfsDigest(bytes).value_or("");
  if (digest.empty()) {
    digest = Sha256Hex(bytes);
  }
  auto known = known_.Lock();
  if (known->size() >= kMaxKnown) {
    known->clear();
  }
  (*known)[blob] = digest;
  return digest;
}

Result<std::string> DataVersions::OwnPart(const Repository& repository,
                                          const CommitId& revision,
                                          const DataTrigger& trigger) {
  std::vector<DataFile> files;
  const std::vector<TreeEntry> tree = repository.FindFiles(revision, "", kMaxFiles);
  for (const TreeEntry& entry : tree) {
    if (!IsData(trigger, entry)) {
      continue;
    }
    if (!IsDvcFile(entry.name)) {
      files.push_back({entry.name, DigestOf(repository, entry.id)});
      continue;
    }
    const Result<std::vector<DvcOut>> outs =
        ParseDvcFile(repository.ReadBlob(entry.id, kMaxDvcFileBytes), entry.name);
    if (!outs) {
      return outs.error();
    }
    for (const DvcOut& out : *outs) {
      files.push_back({out.path, "", DigestText(out)});
    }
  }
  return FormatDataVersion(std::move(files));
}

Result<std::string> DataVersions::Of(const Repository& repository,
                                     const CommitId& revision,
                                     const Pipeline& pipeline) {
  std::string own;
  if (pipeline.triggers.data) {
    for (const DataPlace& place : pipeline.triggers.data->sources) {
      const auto bound =
          std::find_if(sources_.begin(), sources_.end(), [&](const BoundSource& source) {
            return source.name == place.source && IsBound(source, pipeline.project);
          });
      if (bound == sources_.end()) {
        return Refusal{"unbound_source",
                       fmt::format("{}: triggers.data.sources names {}: the server file has no "
                                   "source of kind data of that name for project {}",
                                   kPipelineFileName,
                                   place.source.text(),
                                   pipeline.project.text())};
      }
    }
    Result<std::string> part = OwnPart(repository, revision, *pipeline.triggers.data);
    if (!part) {
      return part.error();
    }
    own = std::move(part).value();
  }
  return JoinDataParts(own, SourcesOf(pipeline.project));
}

}  // namespace failgate
