// One event loop: a thread, its connections, and their deadlines.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <deque>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "controller/api/connection.h"
#include "controller/api/http_front.h"
#include "controller/base/clock.h"
#include "controller/base/guarded.h"

namespace failgate {

/// Shared by the server and by open Responders, which may outlive it: the io_context must not go
/// while somebody may post to it. Functions without a note run on the loop's own thread.
class ConnectionLoop : public std::enable_shared_from_this<ConnectionLoop> {
 public:
  ConnectionLoop(std::shared_ptr<HttpFront> front, std::size_t max_connections);
  ~ConnectionLoop();
  ConnectionLoop(const ConnectionLoop&) = delete;
  ConnectionLoop& operator=(const ConnectionLoop&) = delete;

  /// Starts the thread. Any thread.
  void Start();
  /// Begins to stop; Join returns when nothing is left. Any thread.
  void Stop();
  void Join();

  /// Runs `step` on the loop, at once when called there; drops it when the loop has ended. Any
  /// thread.
  template <typename Step>
  void Dispatch(Step step) {
    if (context_.get_executor().running_in_this_thread()) {
      step();
    } else {
      Post(std::move(step));
    }
  }
  template <typename Step>
  void Post(Step step) {
    auto open = open_.Lock();
    if (*open) {
      boost::asio::post(context_, std::move(step));
    }
  }

  struct LateAnswer {
    std::weak_ptr<HttpConnection> connection;
    std::uint64_t exchange = 0;
    HttpResponse response;
  };
  /// Delivers it on the loop, at once when called there. Those of one moment go in one turn: a wake
  /// each would cost more than the answers. Any thread.
  void Answer(LateAnswer answer);
  void Answer(std::vector<LateAnswer> answers);

  /// Over a cap (of all, of its network) one of those it counts goes: see Evict. None can: this one
  /// is closed.
  void Adopt(boost::asio::ip::tcp::socket socket);
  /// Ends the connection that has been idle or in its head for longest, so that one which just came
  /// has time to ask; else one that has been sending its body for a while. `network`: only of this
  /// one; empty = of any. False when none may go.
  bool Evict(const std::string& network);
  /// Gives back the memory of the body that has been coming in for longest, if for a while already
  /// and not of `asker`.
  bool EndStalledBody(const HttpConnection& asker);
  /// Moves to the end of the list of `phase`, due at `deadline`.
  void Move(HttpConnection& connection, HttpConnection::Phase phase, SteadyTime deadline);
  void Remove(HttpConnection& connection);

  /// Calls DrainOnce soon. Those who keep sending after their answer share a bounded part of the
  /// loop's time, however many they are.
  void DrainInTurn(std::shared_ptr<HttpConnection> connection);

  /// A request was handled: the handler's EndTurn follows when no more of them are ready.
  void WillEndTurn();

  [[nodiscard]] boost::asio::io_context& context() { return context_; }
  [[nodiscard]] HttpFront& front() { return *front_; }
  [[nodiscard]] bool stopping() const { return stopping_; }
  [[nodiscard]] SteadyTime Now() const { return SystemClock().Steady(); }
  /// The Date header of now, made once a second.
  [[nodiscard]] std::string_view HttpDate();
  /// Any thread.
  [[nodiscard]] std::size_t size() const { return size_.load(std::memory_order_relaxed); }

 private:
  using List = std::list<std::shared_ptr<HttpConnection>>;
  List& ListOf(HttpConnection::Phase phase) { return lists_[static_cast<std::size_t>(phase)]; }
  void Run();
  void BeginStop();
  void ArmTick();
  void Tick();
  void ExpireDue(HttpConnection::Phase phase, SteadyTime now);
  void CloseAll(HttpConnection::Phase phase);
  /// Of its phase; in its body, of the request.
  [[nodiscard]] SteadyTime BeginOf(const HttpConnection& connection) const;
  [[nodiscard]] bool IsStalled(const HttpConnection& body, SteadyTime now) const;
  /// The one of `network` (empty = any) that came into this phase first, if `before` that time;
  /// else nullptr.
  std::shared_ptr<HttpConnection> FirstOf(HttpConnection::Phase phase,
                                          const std::string& network,
                                          SteadyTime before);
  void EndWhenEmpty();
  void DrainSome();
  void EndTurn();
  void DeliverAnswers();
  void Deliver(LateAnswer& answer);

  std::shared_ptr<HttpFront> front_;
  const std::size_t max_connections_;
  const Milliseconds tick_period_;
  boost::asio::io_context context_{1};
  Guarded<bool> open_{true};
  Guarded<std::vector<LateAnswer>> answers_;  ///< not empty: a turn for them is posted
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::steady_timer tick_;
  boost::asio::steady_timer drain_turn_;
  std::deque<std::shared_ptr<HttpConnection>> draining_;
  bool turn_ends_ = false;  ///< EndTurn is posted
  std::array<List, HttpConnection::kPhases> lists_;
  std::atomic<std::size_t> size_{0};
  bool stopping_ = false;
  SteadyTime stop_at_ = SteadyTime::max();
  std::string date_;
  SteadyTime date_until_{};
  std::thread thread_;
};

}  // namespace failgate
