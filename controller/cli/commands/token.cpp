#include "controller/cli/commands/token.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include "controller/api/json.h"
#include "controller/base/durable_file.h"
#include "controller/base/text.h"
#include "controller/cli/exit_code.h"
#include "controller/cli/folder_owner.h"
#include "controller/cli/server_settings.h"
#include "controller/cli/table.h"
#include "controller/store/database.h"
#include "controller/store/token_store.h"

namespace failgate {
namespace {

constexpr mode_t kDataFolderMode = 0700;

/// Who runs this program, as the log names it: "alice", or "root" with who became root by sudo.
std::string HostUser(const CommandContext& context) {
  constexpr std::size_t kBuffer = 16384;
  std::vector<char> buffer(kBuffer);
  struct passwd entry = {};
  struct passwd* found = nullptr;
  const uid_t user = getuid();
  if (getpwuid_r(user, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) {
    return fmt::format("uid {}", user);
  }
  const auto before = context.environment("SUDO_USER");
  return user == 0 && before && !before->empty()
             ? fmt::format("{} (by sudo of {})", entry.pw_name, OneLine(*before, 100))
             : std::string(entry.pw_name);
}

/// The database of this server file, whether the server runs or not.
Database OpenDatabase(const ServerFile& server) {
  CreateFolders(server.data_dir, kDataFolderMode);
  return Database(server.data_dir / kDatabaseFileName, DatabaseUser::kGuest);
}

/// nullopt after naming the project that is none.
std::optional<std::vector<std::string>> ReadProjects(const std::string& text,
                                                     const ServerFile& server,
                                                     Terminal& terminal) {
  std::vector<std::string> projects;
  if (text.empty()) {
    return projects;
  }
  for (const std::string& part : Split(text, ',')) {
    const std::string name(Trim(part));
    if (server.SourceOf(ProjectName(name)) == nullptr) {
      terminal.Error(
          fmt::format("--projects: \"{}\" is no project of {}", name, server.file.string()));
      return std::nullopt;
    }
    projects.push_back(name);
  }
  return projects;
}

}  // namespace

int RunTokenCreate(const TokenCreateOptions& options, CommandContext& context) {
  Terminal& terminal = context.terminal;
  const auto person = ParsePerson(options.person);
  if (!person) {
    terminal.Error("PERSON must be an e-mail address, or \"Name <address>\"");
    return kExitUsage;
  }
  const auto role = ParseRole(options.role);
  if (!role) {
    terminal.Error("--role must be viewer, developer, approver or operator");
    return kExitUsage;
  }
  std::optional<TimePoint> expires;
  if (!options.expires.empty()) {
    const auto duration = ParseDuration(options.expires);
    if (!duration) {
      terminal.Error("--expires must be a duration such as 90d or 12h");
      return kExitUsage;
    }
    expires = context.clock.Now() + *duration;
  }
  const auto server = ReadServerSettings(options.config, terminal);
  if (!server) {
    return kExitUsage;
  }
  const auto projects = ReadProjects(options.projects, *server, terminal);
  if (!projects) {
    return kExitUsage;
  }
  const std::string by = HostUser(context);
  const FolderOwner owner(server->data_dir);
  Database database = OpenDatabase(*server);
  const TokenStore::Created created =
      TokenStore(database, context.clock).Create(*person, *role, *projects, expires, by);
  terminal.Line(created.token.Reveal());
  terminal.Note(
      fmt::format("token {} for {}, role {}{}: it is shown only now; put it into FAILGATE_TOKEN",
                  created.id,
                  FormatPerson(*person),
                  Word(*role),
                  expires ? ", until " + FormatTime(*expires) : ""));
  return kExitDone;
}

int RunTokenList(const TokenListOptions& options, CommandContext& context) {
  const auto server = ReadServerSettings(options.config, context.terminal);
  if (!server) {
    return kExitUsage;
  }
  const FolderOwner owner(server->data_dir);
  Database database = OpenDatabase(*server);
  const std::vector<TokenRecord> tokens = TokenStore(database, context.clock).List();
  if (options.json) {
    context.terminal.Json(TokensJson(tokens));
    return kExitDone;
  }
  Table table({"TOKEN", "PERSON", "ROLE", "PROJECTS", "CREATED", "EXPIRES", "REVOKED"});
  for (const TokenRecord& token : tokens) {
    const TokenIdentity& identity = token.identity;
    table.Add({identity.id,
               FormatPerson(identity.person),
               std::string(Word(identity.role)),
               identity.projects.empty() ? "all" : Join(identity.projects, ","),
               FormatTime(token.created),
               token.expires ? FormatTime(*token.expires) : "never",
               token.revoked ? FormatTime(*token.revoked) : ""});
  }
  if (table.empty()) {
    context.terminal.Line("no tokens: failgate token create makes one");
  } else {
    table.Print(context.terminal);
  }
  return kExitDone;
}

int RunTokenRevoke(const TokenRevokeOptions& options, CommandContext& context) {
  const auto server = ReadServerSettings(options.config, context.terminal);
  if (!server) {
    return kExitUsage;
  }
  const FolderOwner owner(server->data_dir);
  Database database = OpenDatabase(*server);
  if (!TokenStore(database, context.clock).Revoke(options.id, HostUser(context))) {
    context.terminal.Error(
        fmt::format("there is no token {}: failgate token list names them", options.id));
    return kExitFailed;
  }
  context.terminal.Line(fmt::format("token {} is revoked", options.id));
  return kExitDone;
}

}  // namespace failgate
