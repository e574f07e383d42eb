// Any bytes as the server file: settings inside their bounds, or problems with places.
#include "controller/config/server_file.h"
#include "tests/fuzz/require.h"

namespace failgate {
namespace {

void FuzzServerFile(std::string_view text) {
  const Parsed<ServerFile> parsed = ParseServerFile(text, "/etc/failgate/server.yaml");
  if (!parsed) {
    Require(!parsed.error().empty());
    return;
  }
  Require(IsValidName(parsed->controller) && parsed->data_dir.is_absolute());
  Require(parsed->listen.port >= 0 && parsed->listen.port <= 65535);
  Require(parsed->operations.signing_key.is_absolute());
  Require(parsed->runner.parallel > 0 && parsed->limits.max_connections > 0);
  for (const SourceSettings& source : parsed->sources) {
    Require(IsValidName(source.name.text()) && !source.projects.empty());
    Require(parsed->FindSource(source.name) == &source);
    for (const ProjectName& project : source.projects) {
      const SourceSettings* code = parsed->SourceOf(project);
      Require(code != nullptr && (code == &source) == (source.kind == SourceKind::kCode));
    }
    Require(!source.webhook || !source.webhook->secrets.empty());
  }
  for (const auto& root : parsed->targets.directory_roots) {
    Require(root.is_absolute());
  }
}

}  // namespace
}  // namespace failgate

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  failgate::FuzzServerFile(failgate::TextOf(data, size));
  return 0;
}
