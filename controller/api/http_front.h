// What all loops of one server share.
#pragma once

#include <atomic>
#include <boost/asio/ssl/context.hpp>
#include <cstdint>
#include <optional>

#include "controller/api/body_budget.h"
#include "controller/api/http_server.h"
#include "controller/api/network.h"

namespace failgate {

/// Relaxed counters: each is right by itself.
struct HttpFrontCounters {
  std::atomic<std::uint64_t> connections{0};
  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::uint64_t> refused{0};
  std::atomic<std::uint64_t> network_refusals{0};
  std::atomic<std::uint64_t> answers_2xx{0};
  std::atomic<std::uint64_t> answers_3xx{0};
  std::atomic<std::uint64_t> answers_4xx{0};
  std::atomic<std::uint64_t> answers_5xx{0};
  std::atomic<std::uint64_t> timeouts{0};
  std::atomic<std::uint64_t> streams{0};
  std::atomic<std::uint64_t> streams_dropped{0};
  std::atomic<std::uint64_t> budget_refusals{0};

  void CountAnswer(int status) {
    auto& counter = status >= 500   ? answers_5xx
                    : status >= 400 ? answers_4xx
                    : status >= 300 ? answers_3xx
                                    : answers_2xx;
    counter.fetch_add(1, std::memory_order_relaxed);
    if (status == 408) {
      timeouts.fetch_add(1, std::memory_order_relaxed);
    }
  }
};

/// Outlives the loops; `handler` is called only while they run.
struct HttpFront {
  HttpFront(HttpServerOptions o, RequestHandler& h)
      : options(std::move(o)), handler(h), budget(options.body_budget_bytes) {}
  const HttpServerOptions options;
  RequestHandler& handler;
  BodyBudget budget;
  HttpFrontCounters counters;
  NetworkConnections networks;
  std::optional<boost::asio::ssl::context> tls;
};

}  // namespace failgate
