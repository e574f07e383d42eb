#include "controller/api/connection_loop.h"

#include <pthread.h>

#include <algorithm>
#include <exception>
#include <iterator>
#include <utility>
#include <vector>

#include "controller/api/network.h"
#include "controller/api/response_head.h"
#include "controller/base/log.h"
#include "controller/base/short_slices.h"

namespace failgate {
namespace {

// One read each, of a few dozen KiB: a tenth of the loop's time.
constexpr std::size_t kDrainsPerTurn = 32;
constexpr Milliseconds kDrainTurn{5};
// What came at once is handled before the turn ends, but under load there is always one more: the
// writer shall write those while the next ones are read.
constexpr std::chrono::microseconds kLongestTurn{50};

Milliseconds TickPeriod(const HttpServerOptions& options) {
  const Milliseconds shortest = std::min({options.head_deadline,
                                          options.request_deadline,
                                          options.idle_deadline,
                                          options.linger_deadline,
                                          options.stop_deadline});
  return std::clamp(shortest / 4, Milliseconds(5), Milliseconds(250));
}

// Out of memory in a transport step: that connection's deadline ends it, the others go on.
void LogFailure(const std::exception& error) {
  log::Error("an HTTP connection failed", {{"error", error.what()}});
}

}  // namespace

ConnectionLoop::ConnectionLoop(std::shared_ptr<HttpFront> front, std::size_t max_connections)
    : front_(std::move(front)),
      max_connections_(max_connections),
      tick_period_(TickPeriod(front_->options)),
      work_(context_.get_executor()),
      tick_(context_),
      drain_turn_(context_) {}

ConnectionLoop::~ConnectionLoop() {
  Join();
}

void ConnectionLoop::Start() {
  ArmTick();
  thread_ = std::thread([this] { Run(); });
  pthread_setname_np(thread_.native_handle(), "http");
}

void ConnectionLoop::Run() {
  AskForShortSlices();
  while (true) {
    try {
      context_.run();
      return;
    } catch (const std::exception& error) {
      LogFailure(error);
    }
  }
}

void ConnectionLoop::Stop() {
  Post([this] { BeginStop(); });
}

void ConnectionLoop::Join() {
  if (thread_.joinable()) {
    thread_.join();
  }
  // Late answers must not wait in a queue that nobody runs: they own streams, and those own the
  // loop.
  *open_.Lock() = false;
  context_.restart();
  context_.poll();
}

void ConnectionLoop::BeginStop() {
  if (stopping_) {
    return;
  }
  stopping_ = true;
  stop_at_ = Now() + front_->options.stop_deadline;
  CloseAll(HttpConnection::Phase::kIdle);
  CloseAll(HttpConnection::Phase::kHead);
  for (const HttpConnection::Phase phase :
       {HttpConnection::Phase::kBody, HttpConnection::Phase::kBusy}) {
    const List busy = ListOf(phase);
    for (const auto& connection : busy) {
      connection->Drain();
    }
  }
  EndWhenEmpty();
}

void ConnectionLoop::EndWhenEmpty() {
  if (stopping_ && size() == 0) {
    tick_.cancel();
    work_.reset();
  }
}

void ConnectionLoop::CloseAll(HttpConnection::Phase phase) {
  const List all = ListOf(phase);
  for (const auto& connection : all) {
    connection->Close();
  }
}

void ConnectionLoop::Adopt(boost::asio::ip::tcp::socket socket) {
  HttpFrontCounters& counters = front_->counters;
  boost::system::error_code ec;
  const std::string address = socket.remote_endpoint(ec).address().to_string();
  if (ec) {
    return;  // gone already
  }
  const std::string network = NetworkOf(address);
  const std::size_t of_network = front_->networks.Count(network);
  if (stopping_ || (size() >= max_connections_ && !Evict(""))) {
    counters.refused.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  if (of_network >= front_->options.max_connections_per_network) {
    counters.network_refusals.fetch_add(1, std::memory_order_relaxed);
    if (!Evict(network)) {
      return;
    }
  }
  std::shared_ptr<HttpConnection> connection = MakeConnection(std::move(socket), *this);
  connection->address = address;
  connection->network = network;
  List& idle = ListOf(HttpConnection::Phase::kIdle);
  connection->place = idle.insert(idle.end(), connection);
  connection->deadline = Now() + front_->options.idle_deadline;
  size_.fetch_add(1, std::memory_order_relaxed);
  counters.connections.fetch_add(1, std::memory_order_relaxed);
  front_->networks.Add(network);
  connection->Start();
}

SteadyTime ConnectionLoop::BeginOf(const HttpConnection& connection) const {
  const HttpServerOptions& options = front_->options;
  switch (connection.phase) {
    case HttpConnection::Phase::kIdle:
      return connection.deadline - options.idle_deadline;
    case HttpConnection::Phase::kHead:
      return connection.deadline - options.head_deadline;
    case HttpConnection::Phase::kBody:
      return connection.deadline - options.request_deadline;
    case HttpConnection::Phase::kBusy:
      break;  // waits for us, and has deadlines of many kinds
  }
  return SteadyTime::max();
}

bool ConnectionLoop::IsStalled(const HttpConnection& body, SteadyTime now) const {
  return now - BeginOf(body) >= front_->options.body_patience;
}

std::shared_ptr<HttpConnection> ConnectionLoop::FirstOf(HttpConnection::Phase phase,
                                                        const std::string& network,
                                                        SteadyTime before) {
  for (const auto& each : ListOf(phase)) {
    if (BeginOf(*each) >= before) {
      break;  // the rest came later
    }
    if (network.empty() || each->network == network) {
      return each;
    }
  }
  return nullptr;
}

bool ConnectionLoop::Evict(const std::string& network) {
  const SteadyTime ever = SteadyTime::max();
  std::shared_ptr<HttpConnection> oldest = FirstOf(HttpConnection::Phase::kIdle, network, ever);
  const SteadyTime idle = oldest == nullptr ? ever : BeginOf(*oldest);
  if (auto head = FirstOf(HttpConnection::Phase::kHead, network, idle)) {
    oldest = std::move(head);
  }
  if (oldest == nullptr) {
    oldest = FirstOf(HttpConnection::Phase::kBody, network, ever);
    if (oldest == nullptr || !IsStalled(*oldest, Now())) {
      return false;
    }
  }
  front_->counters.refused.fetch_add(1, std::memory_order_relaxed);
  oldest->Close();
  return true;
}

bool ConnectionLoop::EndStalledBody(const HttpConnection& asker) {
  const SteadyTime now = Now();
  for (const auto& each : ListOf(HttpConnection::Phase::kBody)) {
    if (!IsStalled(*each, now)) {
      break;
    }
    if (each.get() != &asker) {
      const std::shared_ptr<HttpConnection> oldest = each;
      oldest->GiveWay();
      return true;
    }
  }
  return false;
}

void ConnectionLoop::Move(HttpConnection& connection,
                          HttpConnection::Phase phase,
                          SteadyTime deadline) {
  List& to = ListOf(phase);
  to.splice(to.end(), ListOf(connection.phase), connection.place);
  connection.phase = phase;
  connection.deadline = deadline;
}

void ConnectionLoop::Remove(HttpConnection& connection) {
  front_->networks.Remove(connection.network);
  ListOf(connection.phase).erase(connection.place);
  size_.fetch_sub(1, std::memory_order_relaxed);
  front_->counters.connections.fetch_sub(1, std::memory_order_relaxed);
  EndWhenEmpty();
}

void ConnectionLoop::Answer(LateAnswer answer) {
  if (context_.get_executor().running_in_this_thread()) {
    Deliver(answer);
    return;
  }
  std::vector<LateAnswer> one;
  one.push_back(std::move(answer));
  Answer(std::move(one));
}

void ConnectionLoop::Answer(std::vector<LateAnswer> more) {
  auto answers = answers_.Lock();
  if (answers->empty()) {
    // Before the first is in the list: should memory run out here, the list holds none without a
    // turn.
    Post([this] { DeliverAnswers(); });
  }
  answers->insert(
      answers->end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

void ConnectionLoop::DeliverAnswers() {
  std::vector<LateAnswer> answers;
  answers_.Lock()->swap(answers);
  for (LateAnswer& answer : answers) {
    try {
      Deliver(answer);
    } catch (const std::exception& error) {
      LogFailure(error);
    }
  }
}

void ConnectionLoop::Deliver(LateAnswer& answer) {
  if (const std::shared_ptr<HttpConnection> alive = answer.connection.lock()) {
    alive->Deliver(answer.exchange, std::move(answer.response));
  }
}

void ConnectionLoop::DrainInTurn(std::shared_ptr<HttpConnection> connection) {
  draining_.push_back(std::move(connection));
  if (draining_.size() > 1) {
    return;  // the turn is set already
  }
  drain_turn_.expires_after(kDrainTurn);
  drain_turn_.async_wait([this](const boost::system::error_code&) { DrainSome(); });
}

void ConnectionLoop::DrainSome() {
  std::deque<std::shared_ptr<HttpConnection>> turn;
  turn.swap(draining_);
  for (std::size_t i = 0; i < kDrainsPerTurn && !turn.empty(); ++i) {
    turn.front()->DrainOnce();
    turn.pop_front();
  }
  for (auto& connection : turn) {
    DrainInTurn(std::move(connection));
  }
}

void ConnectionLoop::WillEndTurn() {
  if (!turn_ends_) {
    boost::asio::post(context_, [this] { EndTurn(); });
    turn_ends_ = true;
  }
}

void ConnectionLoop::EndTurn() {
  const SteadyTime latest = Now() + kLongestTurn;
  try {
    while (Now() < latest && context_.poll_one() > 0) {
    }
  } catch (const std::exception& error) {
    LogFailure(error);
  }
  turn_ends_ = false;
  front_->handler.EndTurn();
}

void ConnectionLoop::ArmTick() {
  tick_.expires_after(tick_period_);
  tick_.async_wait([this](const boost::system::error_code& ec) {
    if (!ec) {
      Tick();
    }
  });
}

void ConnectionLoop::Tick() {
  const SteadyTime now = Now();
  ExpireDue(HttpConnection::Phase::kIdle, now);
  ExpireDue(HttpConnection::Phase::kHead, now);
  ExpireDue(HttpConnection::Phase::kBody, now);
  ExpireDue(HttpConnection::Phase::kBusy, now);
  if (now >= stop_at_) {
    CloseAll(HttpConnection::Phase::kBody);
    CloseAll(HttpConnection::Phase::kBusy);
  }
  if (!(stopping_ && size() == 0)) {
    ArmTick();
  }
}

void ConnectionLoop::ExpireDue(HttpConnection::Phase phase, SteadyTime now) {
  std::vector<std::shared_ptr<HttpConnection>> due;
  for (const auto& connection : ListOf(phase)) {
    if (connection->deadline <= now) {
      due.push_back(connection);
    } else if (phase == HttpConnection::Phase::kIdle) {
      break;  // all idle ones wait equally long: the rest came later
    }
  }
  for (const auto& connection : due) {
    connection->Expire();
  }
}

std::string_view ConnectionLoop::HttpDate() {
  const SteadyTime now = Now();
  if (now >= date_until_) {
    date_ = FormatHttpDate(SystemClock().Now());
    date_until_ = now + std::chrono::seconds(1);
  }
  return date_;
}

}  // namespace failgate
