// The promise behind 202: what was answered is there after a kill at any moment, and there once.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <set>

#include "controller/store/token_store.h"
#include "tests/unit/store/store_world.h"

namespace failgate {
namespace {

// Accepts deliveries round.0, round.1, ... and writes each acknowledged id to the pipe, until
// killed.
[[noreturn]] void AcceptUntilKilled(const std::filesystem::path& folder, int round, int pipe_end) {
  try {
    Database database(folder / "failgate.db");
    Inbox::Options options;
    options.segment_bytes = 64 * 1024;
    Inbox inbox(database, folder / "bodies", options);
    for (int batch = 0;; ++batch) {
      for (int i = 0; i < 5; ++i) {
        const std::string id = std::to_string(round) + "." + std::to_string(batch * 5 + i);
        inbox.Accept(PushDelivery(id, "body of " + id, SystemClock().Now()),
                     [pipe_end, id](const AcceptOutcome& outcome) {
                       if (outcome.kind != AcceptOutcome::Kind::kQueued) return;
                       const std::string line = id + "\n";
                       static_cast<void>(!::write(pipe_end, line.data(), line.size()));
                     });
      }
      inbox.Step();
      if (batch % 7 == 0) database.Checkpoint();
    }
  } catch (...) {
    ::_exit(1);
  }
}

// Kills the child after it acknowledged about `lines` deliveries; answers the ids it acknowledged.
std::set<std::string> KillAfter(const std::filesystem::path& folder, int round, int lines) {
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error("pipe");
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    AcceptUntilKilled(folder, round, ends[1]);
  }
  ::close(ends[1]);
  std::string text;
  bool killed = false;
  char buffer[256];
  for (;;) {
    const ssize_t got = ::read(ends[0], buffer, sizeof(buffer));
    if (got <= 0) break;
    text.append(buffer, static_cast<std::size_t>(got));
    if (!killed && std::count(text.begin(), text.end(), '\n') >= lines) {
      killed = ::kill(child, SIGKILL) == 0;
    }
  }
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself";
  std::set<std::string> ids;
  std::size_t begin = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
    ids.insert(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return ids;
}

TEST(InboxCrash, given_kills_at_any_moment_when_reopened_then_every_answer_is_kept_once) {
  const TemporaryFolder folder;
  std::set<std::string> acknowledged;
  for (int round = 0; round < 12; ++round) {
    acknowledged.merge(KillAfter(folder.path(), round, 1 + round * 9));
  }
  Database database(folder.path() / "failgate.db");
  EXPECT_FALSE(database.was_set_aside());
  Inbox inbox(database, folder.path() / "bodies", Inbox::Options());
  inbox.Recover();
  std::map<std::string, int> found;
  for (const QueuedDelivery& queued : inbox.TakeQueued(100000)) {
    const std::string delivery_id = inbox.Show(queued.id).value().delivery_id;
    ++found[delivery_id];
    EXPECT_EQ(inbox.Body(queued.id), "body of " + delivery_id);
  }
  for (const std::string& id : acknowledged) EXPECT_EQ(found[id], 1) << id;
  for (const auto& [id, count] : found) EXPECT_EQ(count, 1) << id;
  EXPECT_GE(acknowledged.size(), 500U);
}

TEST(TwoProcesses, given_a_running_server_when_the_cli_makes_a_token_then_both_see_it) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "failgate.db";
  Database server(path);
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    try {
      Database guest(path, DatabaseUser::kGuest);
      const TokenStore::Created created = TokenStore(guest).Create(
          Person{"Alice", "alice@example.com"}, Role::kViewer, {}, std::nullopt);
      const std::string& token = created.token.Reveal();
      static_cast<void>(!::write(ends[1], token.data(), token.size()));
      ::_exit(0);
    } catch (...) {
      ::_exit(1);
    }
  }
  Values meta(server);
  for (int i = 0; i < 200; ++i) meta.Set("key", std::to_string(i));
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  std::string token(46, '\0');
  ASSERT_EQ(::read(ends[0], token.data(), token.size()), 46);
  ::close(ends[0]);
  ::close(ends[1]);
  EXPECT_TRUE(TokenStore(server).Authenticate(token, SystemClock().Now()).has_value());
}

TEST(TwoProcesses, given_no_database_when_many_open_it_at_once_then_all_can_write) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "failgate.db";
  std::vector<pid_t> children;
  // The children wait for the pipe's end, so that they open the database in the same moment.
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  for (int i = 0; i < 6; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(ends[1]);
      char byte = 0;
      static_cast<void>(!::read(ends[0], &byte, 1));
      try {
        Database database(path, DatabaseUser::kGuest);
        Values(database).Set("child" + std::to_string(i), "here");
        ::_exit(0);
      } catch (...) {
        ::_exit(1);
      }
    }
    children.push_back(child);
  }
  ::close(ends[0]);
  ::close(ends[1]);
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
  Database database(path);
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(Values(database).Get("child" + std::to_string(i)), "here");
  }
}

}  // namespace
}  // namespace failgate
