// What `failgate init` lays down: the files of manifests/init, inside the program.
#pragma once

#include <string>
#include <vector>

#include "controller/base/embedded_file.h"

namespace failgate {

/// Made by cmake/embed.cmake.
const std::vector<EmbeddedFile>& InitTemplates();

/// The content of one of them; a path that is not there is a failed Check.
[[nodiscard]] const std::string& InitTemplate(const std::string& path);

/// Every `from` replaced by `to`.
[[nodiscard]] std::string ReplaceAll(std::string text,
                                     const std::string& from,
                                     const std::string& to);

}  // namespace failgate
