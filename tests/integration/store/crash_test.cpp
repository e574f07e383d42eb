// The promise behind 202: what was answered is there after a kill at any moment, and there once.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>
#include <thread>

#include "controller/store/token_store.h"
#include "tests/unit/store/store_world.h"

namespace failgate {
namespace {

[[noreturn]] void EndOfItself(const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  ::_exit(1);
}

NewDelivery Numbered(const std::string& id) {
  return PushDelivery(id, "body of " + id, SystemClock().Now());
}

// What the other threads of the program do with an inbox meanwhile: rows are made, and every third
// delivery is handled.
void IndexAndHandle(Database& database, Inbox& inbox, const std::stop_token& stop) {
  for (int turn = 0; !stop.stop_requested(); ++turn) {
    static_cast<void>(inbox.Index());
    if (turn % 3 == 0) {
      for (const QueuedDelivery& taken : inbox.TakeQueued(4)) inbox.MarkDone({{{taken.id}, "{}"}});
    }
    if (turn % 50 == 0) database.Checkpoint();
  }
}

// Accepts deliveries round.0, round.1, ... and writes each acknowledged id to the pipe, until
// killed.
[[noreturn]] void AcceptUntilKilled(const std::filesystem::path& folder, int round, int pipe_end) {
  try {
    Database database(folder / "failgate.db");
    Inbox::Options options;
    options.segment_bytes = 16 * 1024;
    options.max_unindexed = 200;
    Inbox inbox(database, folder / "bodies", options);
    inbox.Recover();
    const std::jthread others([&](const std::stop_token& stop) {
      try {
        IndexAndHandle(database, inbox, stop);
      } catch (const std::exception& error) {
        EndOfItself(error);
      }
    });
    for (int batch = 0;; ++batch) {
      for (int i = 0; i < 5; ++i) {
        const std::string id = std::to_string(round) + "." + std::to_string(batch * 5 + i);
        inbox.Accept(Numbered(id), [pipe_end, id](const AcceptOutcome& outcome) {
          if (outcome.kind != AcceptOutcome::Kind::kQueued) return;
          const std::string line = id + "\n";
          static_cast<void>(!::write(pipe_end, line.data(), line.size()));
        });
      }
      inbox.Step();
    }
  } catch (const std::exception& error) {
    EndOfItself(error);
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

std::set<std::string> KillAgainAndAgain(const std::filesystem::path& folder, int rounds) {
  std::set<std::string> acknowledged;
  for (int round = 0; round < rounds; ++round) {
    acknowledged.merge(KillAfter(folder, round, 1 + round * 9));
  }
  return acknowledged;
}

// Whatever stands in the inbox stands there once and whole, and all that was acknowledged does.
void ExpectEachOnce(Inbox& inbox, const std::set<std::string>& acknowledged) {
  DeliveryFilter all;
  all.limit = 1000000;
  std::map<std::string, int> found;
  for (const DeliveryRecord& record : inbox.List(all)) {
    ++found[record.delivery_id];
    EXPECT_EQ(inbox.Body(record.id), "body of " + record.delivery_id);
    const AcceptOutcome again = AcceptOne(inbox, Numbered(record.delivery_id));
    EXPECT_EQ(again.kind, AcceptOutcome::Kind::kDuplicate);
    EXPECT_EQ(again.id, record.id);
  }
  for (const std::string& id : acknowledged) EXPECT_EQ(found[id], 1) << id;
  for (const auto& [id, count] : found) EXPECT_EQ(count, 1) << id;
}

TEST(InboxCrash, given_kills_at_any_moment_when_reopened_then_every_answer_is_kept_once) {
  const TemporaryFolder folder;
  const std::set<std::string> acknowledged = KillAgainAndAgain(folder.path(), 12);
  Database database(folder.path() / "failgate.db");
  EXPECT_FALSE(database.was_set_aside());
  Inbox inbox(database, folder.path() / "bodies", Inbox::Options());
  inbox.Recover();
  ExpectEachOnce(inbox, acknowledged);
  EXPECT_EQ(inbox.Statistics().all.processing, 0);
  EXPECT_GE(acknowledged.size(), 500U);
}

TEST(InboxCrash, given_kills_and_a_deleted_database_when_reopened_then_the_journal_has_them_all) {
  const TemporaryFolder folder;
  const std::set<std::string> acknowledged = KillAgainAndAgain(folder.path(), 6);
  for (const char* part : {"", "-wal", "-shm"}) {
    std::filesystem::remove(folder.path() / ("failgate.db" + std::string(part)));
  }
  Database database(folder.path() / "failgate.db");
  Inbox inbox(database, folder.path() / "bodies", Inbox::Options());
  ExpectEachOnce(inbox, acknowledged);
}

TEST(InboxCrash, given_a_torn_end_of_the_journal_when_reopened_then_every_answer_is_kept_once) {
  const TemporaryFolder folder;
  const std::set<std::string> acknowledged = KillAgainAndAgain(folder.path(), 4);
  std::filesystem::path last;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path() / "bodies")) {
    last = std::max(last, entry.path());
  }
  // As if the power had failed in the middle of a batch that nobody was answered for.
  const std::string bytes = ReadFile(last);
  const std::size_t end = bytes.find_last_not_of('\0') + 1;
  WriteFileDurably(last, bytes.substr(0, end) + bytes.substr(32, 200) + std::string(5000, '\0'));
  Database database(folder.path() / "failgate.db");
  Inbox inbox(database, folder.path() / "bodies", Inbox::Options());
  inbox.Recover();
  ExpectEachOnce(inbox, acknowledged);
  EXPECT_EQ(AcceptOne(inbox, Numbered("later")).kind, AcceptOutcome::Kind::kQueued);
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
