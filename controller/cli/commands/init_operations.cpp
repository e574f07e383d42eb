#include "controller/cli/commands/init_operations.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>

#include "controller/base/digest.h"
#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/base/ids.h"
#include "controller/base/text.h"
#include "controller/cli/commands/key.h"
#include "controller/cli/exit_code.h"
#include "controller/cli/init_templates.h"
#include "controller/cli/starting_repository.h"
#include "controller/config/server_file.h"
#include "controller/git/repository.h"
#include "controller/git/signing_key.h"

namespace failgate {
namespace {

constexpr const char* kController = "main";
constexpr const char* kServerFileName = "failgate.yaml";
constexpr const char* kSecretName = "example-hook-secret";
constexpr std::size_t kSecretBytes = 32;
// A root controller's steps run as a user of their own: they must be able to come through.
constexpr mode_t kServerFolderMode = 0711;
constexpr mode_t kSecretMode = 0600;
constexpr mode_t kHookMode = 0755;

/// Paths go unquoted into YAML, URLs and a shell script.
bool IsPlainPath(const std::string& path) {
  return IsUtf8(path) && std::all_of(path.begin(), path.end(), [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return byte >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  (c >= '0' && c <= '9') || c == '/' || c == '.' || c == '_' || c == '-' ||
                  c == '+';
         });
}

/// Where everything goes.
struct Layout {
  explicit Layout(const std::filesystem::path& folder)
      : root(folder),
        server(folder / "server"),
        server_file(server / kServerFileName),
        key(server / "signing_key"),
        secret(server / kSecretName),
        data(server / "data"),
        live(server / "live"),
        operations(server / "git" / "operations.git"),
        example(server / "git" / "example.git") {}
  std::filesystem::path root;
  std::filesystem::path server;
  std::filesystem::path server_file;
  std::filesystem::path key;
  std::filesystem::path secret;
  std::filesystem::path data;
  std::filesystem::path live;
  std::filesystem::path operations;
  std::filesystem::path example;
};

std::string Placed(const std::string& text, const Layout& layout, const Person& person) {
  std::string placed = ReplaceAll(text, "/srv/git/operations.git", layout.operations.string());
  placed = ReplaceAll(std::move(placed), "/srv/git/example.git", layout.example.string());
  placed = ReplaceAll(std::move(placed), "/srv/live", layout.live.string());
  placed = ReplaceAll(std::move(placed), "/var/lib/failgate", layout.data.string());
  return person.empty() ? placed : ReplaceAll(std::move(placed), "alice@example.com", person.email);
}

void WriteServerFolder(const Layout& layout, const Person& person) {
  CreateFolders(layout.server, kServerFolderMode);
  // The umask may have taken bits away that the steps' user needs.
  if (chmod(layout.server.c_str(), kServerFolderMode) != 0) {
    throw ErrnoError("opening", layout.server.string(), errno);
  }
  WriteFileDurably(layout.server_file, Placed(InitTemplate("failgate.yaml"), layout, person));
  WriteFileDurably(layout.secret, HexEncode(RandomBytes(kSecretBytes)) + "\n", kSecretMode);
  for (const char* environment : {"dev", "recette", "prod"}) {
    CreateFolders(layout.live / environment);
  }
}

void WriteWorkTree(const Layout& layout, const Person& person, const std::string& signer) {
  constexpr std::string_view kFolder = "operations/";
  for (const EmbeddedFile& file : InitTemplates()) {
    if (file.path.compare(0, kFolder.size(), kFolder) != 0) {
      continue;
    }
    const std::filesystem::path place = layout.root / file.path.substr(kFolder.size());
    CreateFolders(place.parent_path());
    WriteFileDurably(place, Placed(file.content, layout, person));
  }
  WriteFileDurably(layout.root / "allowed_signers", signer + "\n");
  WriteFileDurably(
      layout.root / ".gitignore",
      "# The server file, the key and the first repositories: never committed.\n/server/\n");
}

/// A bare repository whose pushes reach the controller as a forge's would.
void WriteExampleRepository(const Layout& layout, const std::filesystem::path& program) {
  static_cast<void>(Repository::InitBare(layout.example));
  const std::filesystem::path hook = layout.example / "hooks" / "post-receive";
  CreateFolders(hook.parent_path());
  const std::string call = IsPlainPath(program.string()) ? program.string() : "failgate";
  WriteFileDurably(
      hook,
      fmt::format("#!/bin/sh\n"
                  "# Tells the controller of every push, signed as a forge signs its webhooks.\n"
                  "exec {} hook http://127.0.0.1:8484/hooks/example \\\n"
                  "  --secret-file {} --repository {}\n",
                  call,
                  layout.secret.string(),
                  layout.example.string()),
      kHookMode);
}

void PrintNext(const Layout& layout, const Person& person, Terminal& terminal) {
  const std::string config = layout.server_file.string();
  terminal.Line(
      fmt::format("{} is a ladder dev > recette > prod, committed on main", layout.root.string()));
  terminal.Line(fmt::format("{} holds the server file and the signing key; git ignores it",
                            layout.server.string()));
  terminal.Line("next:");
  terminal.Line(fmt::format("  1. failgate serve --config {}", config));
  terminal.Line(fmt::format(
      "  2. export FAILGATE_TOKEN=$(failgate token create {} --role operator --config {})",
      person.empty() ? "alice@example.com" : person.email,
      config));
  terminal.Line(
      fmt::format("  3. git clone {} && failgate init pipeline example, then commit and push it",
                  layout.example.string()));
}

}  // namespace

int RunInitOperations(const InitOperationsOptions& options, CommandContext& context) {
  Terminal& terminal = context.terminal;
  const Layout layout(
      std::filesystem::absolute(options.folder / ".").lexically_normal().parent_path());
  if (!IsPlainPath(layout.root.string())) {
    terminal.Error(
        "the path of DIR may hold letters, digits and / . _ - + only: it goes into URLs and "
        "scripts");
    return kExitUsage;
  }
  const auto status = std::filesystem::symlink_status(layout.root);
  const bool absent = status.type() == std::filesystem::file_type::not_found;
  if (!absent && (status.type() != std::filesystem::file_type::directory ||
                  !std::filesystem::is_empty(layout.root))) {
    terminal.Error(
        fmt::format("{} is there and not empty: name a new folder, nothing is overwritten",
                    layout.root.string()));
    return kExitFailed;
  }
  CreateFolders(layout.root);
  StartingRepository repository(layout.root, context.environment);
  const Person person = repository.UserOfGit();
  WriteServerFolder(layout, person);
  const SigningKey key = SigningKey::Generate(layout.key, fmt::format("failgate {}", kController));
  WriteWorkTree(layout, person, SignerLine(kController, key.PublicLine()));
  const Parsed<ServerFile> server = LoadServerFile(layout.server_file);
  if (!server) {
    terminal.Note(Describe(server.error()));
    return kExitFailed;
  }
  static_cast<void>(Repository::InitBare(layout.operations));
  repository.CommitAndPush(layout.operations, "Lay the ladder dev > recette > prod");
  WriteExampleRepository(layout, context.program);
  PrintNext(layout, person, terminal);
  return kExitDone;
}

}  // namespace failgate
