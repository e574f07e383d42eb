#include "controller/deploylog/parallel_audit.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <map>
#include <thread>

#include "controller/base/guarded.h"

namespace failgate {
namespace {

/// Long enough that neighbours share what was read, short enough that all threads have work.
constexpr std::size_t kPortion = 128;
/// How far threads may run ahead of the listener, in portions a thread.
constexpr std::size_t kAhead = 4;

using Portion = std::vector<ExaminedCommit>;

class Examination {
 public:
  Examination(const Repository& repository,
              const std::optional<CommitId>& before,
              const std::vector<CommitId>& commits,
              const AllowedSigners& controllers,
              std::size_t threads)
      : path_(repository.path()),
        before_(before),
        commits_(commits),
        controllers_(controllers),
        portions_((commits.size() + kPortion - 1) / kPortion),
        ahead_(kAhead * threads) {}

  void Work() {
    try {
      CommitAuditor auditor(Repository::Open(path_), controllers_);
      while (const auto number = Next()) {
        Portion portion = Examine(auditor, *number);
        state_.Lock()->ready.emplace(*number, std::move(portion));
        changed_.notify_all();
      }
    } catch (...) {
      state_.Lock()->failure = std::current_exception();
      changed_.notify_all();
    }
  }

  void Listen(const std::function<void(const ExaminedCommit&)>& take) {
    for (std::size_t number = 0; number < portions_; ++number) {
      for (const ExaminedCommit& commit : Await(number)) {
        take(commit);
      }
    }
  }

  void Abandon() {
    state_.Lock()->abandoned = true;
    changed_.notify_all();
  }

 private:
  struct State {
    std::size_t next = 0;
    std::size_t taken = 0;
    bool abandoned = false;
    std::map<std::size_t, Portion> ready;
    std::exception_ptr failure;
  };

  /// nullopt when there is nothing left to do.
  std::optional<std::size_t> Next() {
    auto state = state_.Lock();
    changed_.wait(state.lock(), [&] {
      return state->abandoned || state->failure || state->next < state->taken + ahead_;
    });
    if (state->abandoned || state->failure || state->next == portions_) {
      return std::nullopt;
    }
    return state->next++;
  }

  Portion Examine(CommitAuditor& auditor, std::size_t number) const {
    const std::size_t begin = number * kPortion;
    const std::size_t end = std::min(commits_.size(), begin + kPortion);
    Portion portion;
    portion.reserve(end - begin);
    for (std::size_t i = begin; i < end; ++i) {
      const std::optional<CommitId> previous =
          i == 0 ? before_ : std::optional<CommitId>(commits_[i - 1]);
      portion.push_back(auditor.Examine(previous, commits_[i]));
    }
    return portion;
  }

  Portion Await(std::size_t number) {
    auto state = state_.Lock();
    changed_.wait(state.lock(), [&] { return state->failure || state->ready.count(number) != 0; });
    if (state->failure) {
      std::rethrow_exception(state->failure);
    }
    const auto ready = state->ready.find(number);
    Portion portion = std::move(ready->second);
    state->ready.erase(ready);
    state->taken = number + 1;
    changed_.notify_all();
    return portion;
  }

  std::filesystem::path path_;
  const std::optional<CommitId>& before_;
  const std::vector<CommitId>& commits_;
  const AllowedSigners& controllers_;
  std::size_t portions_;
  std::size_t ahead_;
  Guarded<State> state_;
  std::condition_variable_any changed_;
};

/// Ends the threads whatever the listener throws; joins in its destructor.
class Workers {
 public:
  Workers(Examination& examination, std::size_t threads) : examination_(examination) {
    for (std::size_t i = 0; i < threads; ++i) {
      threads_.emplace_back([&examination] { examination.Work(); });
    }
  }
  ~Workers() { examination_.Abandon(); }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

 private:
  Examination& examination_;
  std::vector<std::jthread> threads_;
};

}  // namespace

void ExamineInOrder(const Repository& repository,
                    const std::optional<CommitId>& before,
                    const std::vector<CommitId>& commits,
                    const AllowedSigners& controllers,
                    std::size_t threads,
                    const std::function<void(const ExaminedCommit&)>& take) {
  const std::size_t useful =
      std::max<std::size_t>(1, std::min(threads, (commits.size() + kPortion - 1) / kPortion));
  Examination examination(repository, before, commits, controllers, useful);
  const Workers workers(examination, useful);
  examination.Listen(take);
}

}  // namespace failgate
