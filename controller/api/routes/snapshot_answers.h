// What several resources need of the promoter's snapshot and of a token's scope.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "controller/api/api_routes.h"
#include "controller/api/services.h"
#include "controller/promotion/ladder_report.h"

namespace failgate {

/// The snapshot, or 503 "not_ready" when the operations repository has not been read yet.
[[nodiscard]] Result<std::shared_ptr<const PromotionSnapshot>, HttpResponse> NeedSnapshot(
    const ApiServices& services);
/// 404 unless a source of the server file has the project, or the snapshot knows it.
[[nodiscard]] std::optional<HttpResponse> RefuseUnknownProject(const ApiServices& services,
                                                               const PromotionSnapshot& snapshot,
                                                               const ProjectName& project);
/// StatusOf, with what targets say of each pair.
[[nodiscard]] std::vector<StatusRow> StatusWithNotices(const ApiServices& services,
                                                       const PromotionSnapshot& snapshot,
                                                       const ProjectName& project);
/// Whether the token may see what belongs to the source: it covers a project of it. Sources that
/// the server file does not have are for tokens without scope.
[[nodiscard]] bool CoversSource(const ApiServices& services,
                                const TokenIdentity& who,
                                const SourceName& source);

}  // namespace failgate
