#include "controller/cli/server_settings.h"

namespace failgate {

std::optional<ServerFile> ReadServerSettings(const std::filesystem::path& file,
                                             Terminal& terminal) {
  Parsed<ServerFile> server = LoadServerFile(file);
  if (!server) {
    terminal.Note(Describe(server.error()));
    return std::nullopt;
  }
  return std::move(server).value();
}

}  // namespace failgate
