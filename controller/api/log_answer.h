// Part of a log file as an answer: text/plain, at most 1 MiB, and where to go on.
#pragma once

#include <filesystem>
#include <optional>

#include "controller/api/api_routes.h"
#include "controller/base/result.h"

namespace failgate {

/// ?from=, a number of bytes; 422 for anything else.
[[nodiscard]] Result<long long, HttpResponse> ReadFrom(const ApiCall& call);

/// A file that is not there is empty; a link is not followed. `over`: nothing is added to it any
/// more.
[[nodiscard]] HttpResponse LogAnswer(const std::optional<std::filesystem::path>& path,
                                     long long from,
                                     bool over);

}  // namespace failgate
