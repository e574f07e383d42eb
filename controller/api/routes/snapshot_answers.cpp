#include "controller/api/routes/snapshot_answers.h"

#include <algorithm>

#include "controller/api/answers.h"

namespace failgate {

Result<std::shared_ptr<const PromotionSnapshot>, HttpResponse> NeedSnapshot(
    const ApiServices& services) {
  std::shared_ptr<const PromotionSnapshot> snapshot = services.snapshot();
  if (snapshot == nullptr) {
    const std::string trouble = services.trouble();
    return BusyAnswer("not_ready",
                      "the operations repository has not been read yet" +
                          (trouble.empty() ? std::string() : ": " + trouble));
  }
  return snapshot;
}

std::optional<HttpResponse> RefuseUnknownProject(const ApiServices& services,
                                                 const PromotionSnapshot& snapshot,
                                                 const ProjectName& project) {
  const std::vector<ProjectName> known = ProjectsOf(snapshot);
  if (services.config.SourceOf(project) != nullptr ||
      std::find(known.begin(), known.end(), project) != known.end()) {
    return std::nullopt;
  }
  return NoSuch("project " + project.text());
}

std::vector<StatusRow> StatusWithNotices(const ApiServices& services,
                                         const PromotionSnapshot& snapshot,
                                         const ProjectName& project) {
  std::vector<StatusRow> rows = StatusOf(snapshot, project);
  if (services.notice) {
    for (StatusRow& row : rows) {
      row.notice = services.notice(row.environment, row.project);
    }
  }
  return rows;
}

bool CoversSource(const ApiServices& services, const TokenIdentity& who, const SourceName& source) {
  if (who.projects.empty()) {
    return true;
  }
  const std::vector<ProjectName>* projects = services.config.ProjectsOf(source);
  return projects != nullptr &&
         std::any_of(projects->begin(), projects->end(), [&](const ProjectName& project) {
           return who.Covers(project);
         });
}

}  // namespace failgate
