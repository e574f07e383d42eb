// What a child gets: program, folder, environment, input, descriptors, limits, user.
#include "controller/process/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <future>
#include <optional>
#include <string>
#include <thread>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"

namespace failgate {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

ProcessSpec Shell(const std::string& script) {
  ProcessSpec spec;
  spec.argv = {"/bin/sh", "-c", script};
  spec.env = {{"PATH", "/usr/bin:/bin"}};
  spec.timeout = Milliseconds(20'000);
  return spec;
}

template <typename Act>
std::string ErrorText(Act&& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

class ProcessTest : public testing::Test {
 protected:
  ProcessRunner runner_;
  TemporaryFolder folder_;
};

TEST_F(ProcessTest, KeepsBothStreamsAndTheExitCode) {
  const ProcessResult result = runner_.Run(Shell("echo out; echo err >&2; exit 3"));
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(result.signal, 0);
  EXPECT_EQ(result.stdout_text, "out\n");
  EXPECT_EQ(result.stderr_text, "err\n");
  EXPECT_FALSE(result.Succeeded());
  EXPECT_EQ(DescribeEnd(result, Milliseconds(0)), "exit code 3");
}

TEST_F(ProcessTest, MergesTheStreamsInTheOrderWritten) {
  ProcessSpec spec = Shell("echo 1; echo 2 >&2; echo 3");
  spec.merge_stderr = true;
  const ProcessResult result = runner_.Run(spec);
  EXPECT_EQ(result.stdout_text, "1\n2\n3\n");
  EXPECT_EQ(result.stderr_text, "");
}

TEST_F(ProcessTest, GivesTheChildNothingButItsOwnEnvironment) {
  ASSERT_EQ(setenv("FAILGATE_TEST_CANARY", "leaked", 1), 0);
  ProcessSpec spec;
  spec.argv = {"env"};
  spec.env = {{"PATH", "/usr/bin:/bin"}, {"ONLY", "this one"}};
  const ProcessResult result = runner_.Run(spec);
  EXPECT_EQ(result.stdout_text, "PATH=/usr/bin:/bin\nONLY=this one\n");
}

TEST_F(ProcessTest, PassesArgumentsUntouched) {
  ProcessSpec spec;
  spec.argv = {"/usr/bin/printf", "%s|", "a b", "$HOME", "", "*;`id`"};
  EXPECT_EQ(runner_.Run(spec).stdout_text, "a b|$HOME||*;`id`|");
}

TEST_F(ProcessTest, RunsInTheFolderAsked) {
  ProcessSpec spec = Shell("pwd -P");
  spec.cwd = folder_.path();
  EXPECT_EQ(runner_.Run(spec).stdout_text,
            std::filesystem::canonical(folder_.path()).string() + "\n");
}

TEST_F(ProcessTest, FeedsStandardInputOfAnySizeToReadersThatStopEarly) {
  ProcessSpec spec = Shell("head -c 3");
  spec.stdin_text = "abc" + std::string(1'000'000, 'x');
  EXPECT_EQ(runner_.Run(spec).stdout_text, "abc");
  spec = Shell("wc -c");
  spec.stdin_text = std::string(1'000'000, 'x');
  EXPECT_EQ(runner_.Run(spec).stdout_text, "1000000\n");
  EXPECT_EQ(runner_.Run(Shell("wc -c")).stdout_text, "0\n");
}

TEST_F(ProcessTest, FeedsInputThatIsMadeOnceTheProgramRuns) {
  std::string order;
  ProcessSpec spec = Shell("wc -c");
  spec.on_started = [&](const ProcessIdentity&) { order += "started "; };
  spec.on_input = [&] { order += "fed"; };
  for (const std::size_t size : {std::size_t{0}, std::size_t{100}, std::size_t{5'000'000}}) {
    order.clear();
    spec.make_stdin = [&] {
      order += "made ";
      return std::string(size, 'x');
    };
    EXPECT_EQ(runner_.Run(spec).stdout_text, std::to_string(size) + "\n");
    EXPECT_EQ(order, "started made fed");
  }
}

TEST_F(ProcessTest, AttendsToAChildThatWasStartedBefore) {
  ProcessSpec spec = Shell("echo ready; cat; exit 5");
  spec.make_stdin = [] { return std::string("late"); };
  StartedChild first = runner_.Start(spec);
  StartedChild second = runner_.Start(spec);
  first = std::move(second);
  const ProcessResult result = runner_.Run(spec, std::move(first));
  EXPECT_EQ(result.stdout_text, "ready\nlate");
  EXPECT_EQ(result.exit_code, 5);
  // One that has ended meanwhile is as good.
  spec = Shell("echo done");
  spec.on_started = [](const ProcessIdentity& child) { EXPECT_GT(child.start_ticks, 0); };
  StartedChild ended = runner_.Start(spec);
  EXPECT_EQ(runner_.Run(spec, std::move(ended)).stdout_text, "done\n");
}

TEST_F(ProcessTest, KillsAStartedChildThatNobodyAttendsTo) {
  std::array<int, 2> ends = {-1, -1};
  ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  const FileDescriptor ours(ends[0]);
  FileDescriptor of_child(ends[1]);
  // The other end is open as long as the child lives.
  const auto is_alive = [&ours] {
    pollfd watched{ours.get(), POLLIN, 0};
    return poll(&watched, 1, 0) == 0;
  };
  ProcessSpec spec = Shell("exec sleep 600");
  spec.pass_fds = {{of_child.get(), 3}};
  {
    const StartedChild child = runner_.Start(spec);
    of_child.Close();
    EXPECT_TRUE(is_alive());
  }
  EXPECT_FALSE(is_alive());
}

TEST_F(ProcessTest, LivesWithChildrenThatDoNotReadTheInputMadeForThem) {
  ProcessSpec spec = Shell("head -c 3; exec 0<&-; echo; exit 4");
  spec.make_stdin = [] { return "abc" + std::string(5'000'000, 'x'); };
  const ProcessResult result = runner_.Run(spec);
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_EQ(result.stdout_text, "abc\n");
  // Neither reads nor ends.
  spec = Shell("exec sleep 600");
  spec.make_stdin = [] { return std::string(5'000'000, 'x'); };
  spec.timeout = Milliseconds(300);
  EXPECT_TRUE(runner_.Run(spec).timed_out);
}

TEST_F(ProcessTest, EndsTheChildWhoseInputCannotBeMade) {
  ProcessSpec spec = Shell("cat; sleep 600");
  std::optional<ProcessIdentity> child;
  spec.on_started = [&](const ProcessIdentity& identity) { child = identity; };
  spec.make_stdin = []() -> std::string { throw Error(Remedy::kRetry, "no input today"); };
  EXPECT_THROW((void)runner_.Run(spec), Error);
  ASSERT_TRUE(child.has_value());
  EXPECT_FALSE(IdentifyProcess(child->pid).has_value());
}

TEST_F(ProcessTest, LetsOnlyTheNamedDescriptorsThrough) {
  // Deliberately inheritable: the runner closes what others forgot to mark.
  const FileDescriptor stray(open("/etc/passwd", O_RDONLY));
  const FileDescriptor wanted(open("/etc/hostname", O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(stray.valid());
  ProcessSpec spec = Shell("exec ls /proc/self/fd");
  EXPECT_EQ(runner_.Run(spec).stdout_text, "0\n1\n2\n3\n") << "3 is the folder that ls reads";
  spec = Shell("readlink /proc/self/fd/3 /proc/self/fd/9; test ! -e /proc/self/fd/4");
  spec.pass_fds = {{wanted.get(), 9}, {stray.get(), 3}};
  const ProcessResult result = runner_.Run(spec);
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.stdout_text, "/etc/passwd\n/etc/hostname\n");
}

TEST_F(ProcessTest, SwapsDescriptorsWhoseNumbersCollide) {
  const FileDescriptor first(open("/etc/passwd", O_RDONLY | O_CLOEXEC));
  const FileDescriptor second(open("/etc/hostname", O_RDONLY | O_CLOEXEC));
  ProcessSpec spec =
      Shell(fmt::format("readlink /proc/self/fd/{} /proc/self/fd/{}", second.get(), first.get()));
  spec.pass_fds = {{first.get(), second.get()}, {second.get(), first.get()}};
  EXPECT_EQ(runner_.Run(spec).stdout_text, "/etc/passwd\n/etc/hostname\n");
}

TEST_F(ProcessTest, LimitsTheChildAndNotTheController) {
  ProcessSpec spec = Shell("ulimit -v; ulimit -f; ulimit -n; ulimit -c");
  spec.limits = ResourceLimits{1LL << 30, 1LL << 20, 64, 0};
  EXPECT_EQ(runner_.Run(spec).stdout_text, "1048576\n2048\n64\n0\n");
  struct rlimit ours = {};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &ours), 0);
  EXPECT_NE(ours.rlim_cur, 64U);
}

TEST_F(ProcessTest, AddsNiceness) {
  ProcessSpec spec = Shell("nice");
  spec.nice = 7;
  EXPECT_EQ(runner_.Run(spec).stdout_text, fmt::format("{}\n", getpriority(PRIO_PROCESS, 0) + 7));
}

TEST_F(ProcessTest, LeadsItsOwnSessionWithDefaultSignals) {
  ASSERT_NE(signal(SIGPIPE, SIG_IGN), SIG_ERR);
  const ProcessResult result =
      runner_.Run(Shell("set -- $(cat /proc/$$/stat); echo $(($1 == $5)) $(($1 == $6)); grep "
                        "SigIgn /proc/$$/status"));
  EXPECT_EQ(result.stdout_text, "1 1\nSigIgn:\t0000000000000000\n");
  ASSERT_NE(signal(SIGPIPE, SIG_DFL), SIG_ERR);
}

TEST_F(ProcessTest, ChangesUserAndGroupsOfTheChildAlone) {
  if (geteuid() != 0) {
    ProcessSpec refused = Shell("id");
    refused.user = ProcessUser{65534, 65534};
    EXPECT_THAT(ErrorText([&] { (void)runner_.Run(refused); }), HasSubstr("changing the user"));
    return;
  }
  ProcessSpec spec = Shell("id -u; id -G; grep NoNewPrivs /proc/self/status");
  spec.user = ProcessUser{65534, 65534};
  spec.no_new_privileges = true;
  EXPECT_EQ(runner_.Run(spec).stdout_text, "65534\n65534\nNoNewPrivs:\t1\n");
  EXPECT_EQ(geteuid(), 0U);
}

TEST_F(ProcessTest, SaysWhichProgramIsMissing) {
  ProcessSpec spec;
  spec.argv = {"no-such-program"};
  spec.env = {{"PATH", "/usr/bin:/bin"}};
  EXPECT_THAT(ErrorText([&] { (void)runner_.Run(spec); }),
              AllOf(HasSubstr("no-such-program"), HasSubstr("/usr/bin:/bin")));
  spec.argv = {"/no/such/program"};
  EXPECT_THAT(ErrorText([&] { (void)runner_.Run(spec); }),
              AllOf(HasSubstr("/no/such/program"), HasSubstr("No such file")));
}

TEST_F(ProcessTest, SearchesThePathOfTheChildOnly) {
  ProcessSpec spec;
  spec.argv = {"true"};
  spec.env = {{"PATH", folder_.path().string()}};
  EXPECT_THAT(ErrorText([&] { (void)runner_.Run(spec); }), HasSubstr("no such program"));
}

TEST_F(ProcessTest, RefusesAFolderThatIsNotThere) {
  ProcessSpec spec = Shell("true");
  spec.cwd = folder_.path() / "absent";
  EXPECT_THAT(ErrorText([&] { (void)runner_.Run(spec); }),
              AllOf(HasSubstr("entering the folder"), HasSubstr("absent")));
}

TEST_F(ProcessTest, RefusesAProgramThatMayNotBeExecuted) {
  std::ofstream(folder_.path() / "text") << "no program";
  ProcessSpec spec;
  spec.argv = {(folder_.path() / "text").string()};
  EXPECT_THAT(ErrorText([&] { (void)runner_.Run(spec); }), HasSubstr("Permission denied"));
}

TEST_F(ProcessTest, RefusesNulBytesAndBrokenNames) {
  ProcessSpec spec = Shell("true");
  spec.argv.emplace_back("a\0b", 3);
  EXPECT_THAT(ErrorText([&] { (void)runner_.Run(spec); }), HasSubstr("NUL"));
  spec = Shell("true");
  spec.env.emplace_back("A=B", "c");
  EXPECT_THAT(ErrorText([&] { (void)runner_.Run(spec); }), HasSubstr("no name"));
}

TEST_F(ProcessTest, HoldsTheChildBackUntilItsIdentityIsKnown) {
  int ends[2] = {-1, -1};
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const FileDescriptor held(ends[0]);
  FileDescriptor go(ends[1]);
  std::optional<ProcessIdentity> seen;
  ProcessSpec spec = Shell("read -r word <&3; echo $word $$");
  spec.pass_fds = {{held.get(), 3}};
  spec.on_started = [&](const ProcessIdentity& identity) {
    seen = identity;
    EXPECT_EQ(IdentifyProcess(identity.pid), identity);
    WriteAll(go.get(), "go\n", "a pipe");
    go.Close();
  };
  const ProcessResult result = runner_.Run(spec);
  ASSERT_TRUE(seen.has_value());
  EXPECT_EQ(result.stdout_text, fmt::format("go {}\n", seen->pid));
  EXPECT_EQ(IdentifyProcess(seen->pid), std::nullopt);
}

TEST_F(ProcessTest, RunsManyAtOnce) {
  std::vector<std::future<std::string>> answers;
  for (int i = 0; i < 24; ++i) {
    answers.push_back(std::async(std::launch::async, [this, i] {
      return runner_.Run(Shell(fmt::format("echo {}", i))).stdout_text;
    }));
  }
  for (int i = 0; i < 24; ++i) {
    EXPECT_EQ(answers[static_cast<std::size_t>(i)].get(), fmt::format("{}\n", i));
  }
}

TEST_F(ProcessTest, LeavesNoDescriptorOpen) {
  const auto count = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                         std::filesystem::directory_iterator());
  };
  (void)runner_.Run(Shell("true"));
  const auto before = count();
  ProcessSpec absent;
  absent.argv = {"/no/such/program"};
  for (int i = 0; i < 5; ++i) {
    (void)runner_.Run(Shell("true"));
    EXPECT_THROW((void)runner_.Run(absent), Error);
  }
  EXPECT_EQ(count(), before);
}

}  // namespace
}  // namespace failgate
