#include "controller/cli/listening_servers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "controller/base/clock.h"
#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/base/guarded.h"
#include "controller/base/text.h"
#include "controller/http/http_client.h"

namespace failgate {
namespace {

constexpr Milliseconds kProbe{300};
constexpr Milliseconds kAll{5000};
constexpr std::size_t kMostListeners = 200;
constexpr std::size_t kAtOnce = 8;
constexpr std::size_t kMaxAnswer = 65536;
constexpr std::size_t kMaxTable = std::size_t{4} << 20U;
constexpr std::size_t kHexOf4 = 8;
constexpr std::size_t kHexOf6 = 32;
constexpr int kHexadecimal = 16;
constexpr const char* kListening = "0A";
constexpr const char* kLoopback = "127.0.0.1";

using nlohmann::json;

bool IsHex(std::string_view text) {
  return !text.empty() &&
         text.find_first_not_of("0123456789ABCDEFabcdef") == std::string_view::npos;
}

/// "0100007F": four bytes, the last first.
std::string AddressOf4(const std::string& hex) {
  std::array<long, 4> parts{};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    parts[parts.size() - 1 - i] = std::strtol(hex.substr(2 * i, 2).c_str(), nullptr, kHexadecimal);
  }
  return fmt::format("{}.{}.{}.{}", parts[0], parts[1], parts[2], parts[3]);
}

/// nullopt for addresses that are not asked: those of a link, which need its name.
std::optional<std::string> HostOf(const std::string& hex) {
  if (hex.size() == kHexOf4) {
    const std::string address = AddressOf4(hex);
    return address == "0.0.0.0" ? kLoopback : address;
  }
  const bool any = hex.find_first_not_of('0') == std::string::npos;
  if (any) return kLoopback;  // most take both families
  if (hex == std::string(24, '0') + "01000000") return "[::1]";
  if (hex.substr(0, 24) == "0000000000000000FFFF0000") return AddressOf4(hex.substr(24));
  return std::nullopt;
}

void ReadTable(std::string_view table, std::size_t digits, std::map<int, std::string>& found) {
  for (const std::string& line : Split(table, '\n')) {
    std::vector<std::string> words;
    for (const std::string& word : Split(line, ' ')) {
      if (!word.empty()) words.push_back(word);
    }
    if (words.size() < 4 || words[3] != kListening) continue;
    const std::size_t colon = words[1].find(':');
    if (colon != digits || !IsHex(words[1].substr(0, colon)) ||
        !IsHex(words[1].substr(colon + 1))) {
      continue;
    }
    const long port = std::strtol(words[1].substr(colon + 1).c_str(), nullptr, kHexadecimal);
    if (auto host = HostOf(words[1].substr(0, colon)); host && port > 0 && port < 65536) {
      found.emplace(static_cast<int>(port), *std::move(host));
    }
  }
}

bool IsVersion(std::string_view text) {
  return !text.empty() && text.size() < 40 && text.front() >= '0' && text.front() <= '9' &&
         text.find('.') != std::string_view::npos &&
         text.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz.+-") ==
             std::string_view::npos;
}

std::string TextOf(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? OneLine(found->get<std::string>(), 40)
                                                     : std::string();
}

json Asked(const Probe& probe, const char* path) {
  const auto body = probe(path);
  json answer = body ? json::parse(*body, nullptr, false) : json();
  return answer.is_object() ? answer : json::object();
}

std::optional<std::string> Get(const Listener& listener, const std::string& path) {
  ClientRequest request;
  request.url = fmt::format("http://{}:{}{}", listener.host, listener.port, path);
  request.connect_timeout = kProbe;
  request.timeout = kProbe;
  request.max_response_bytes = kMaxAnswer;
  try {
    ClientResponse answer = Fetch(request);
    return answer.status == 200 ? std::optional<std::string>(std::move(answer.body)) : std::nullopt;
  } catch (const Error&) {
    return std::nullopt;  // it speaks something else, or takes its time
  }
}

}  // namespace

std::vector<Listener> ReadListeners(std::string_view tcp, std::string_view tcp6) {
  std::map<int, std::string> found;
  ReadTable(tcp, kHexOf4, found);
  ReadTable(tcp6, kHexOf6, found);
  std::vector<Listener> listeners;
  for (const auto& [port, host] : found) listeners.push_back({host, port});
  return listeners;
}

std::optional<KnownServer> Recognise(const Probe& probe) {
  const auto version = probe("/version");
  const std::string said = version ? std::string(Trim(*version)) : std::string();
  if (IsVersion(said) && Trim(probe("/health").value_or("")) == "OK") {
    return KnownServer{"MLflow", said};
  }
  const json hub = Asked(probe, "/hub/api/");
  if (IsVersion(TextOf(hub, "version"))) return KnownServer{"JupyterHub", TextOf(hub, "version")};
  for (const char* path : {"/api/v2/monitor/health", "/health"}) {
    const json health = Asked(probe, path);
    if (!health.contains("metadatabase") || !health.contains("scheduler")) continue;
    const std::string base = std::string(path) == "/health" ? "/api/v1" : "/api/v2";
    return KnownServer{"Airflow", TextOf(Asked(probe, (base + "/version").c_str()), "version")};
  }
  return std::nullopt;
}

FoundServers FindServers() {
  const auto table = [](const char* path) {
    try {
      return ReadFile(path, kMaxTable);
    } catch (const Error&) {
      return std::string();  // a kernel without this family
    }
  };
  const std::vector<Listener> listeners =
      ReadListeners(table("/proc/net/tcp"), table("/proc/net/tcp6"));
  const std::size_t asked = std::min(listeners.size(), kMostListeners);
  const SteadyTime end = SystemClock().Steady() + kAll;
  std::atomic<std::size_t> next{0};
  std::atomic<std::size_t> done{0};
  Guarded<std::map<std::size_t, KnownServer>> known;
  const auto work = [&] {
    for (std::size_t i = next++; i < asked && SystemClock().Steady() < end; i = next++) {
      const auto server =
          Recognise([&](const std::string& path) { return Get(listeners[i], path); });
      if (server) known.Lock()->emplace(i, *server);
      ++done;
    }
  };
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < std::min(kAtOnce, asked); ++i) threads.emplace_back(work);
  }
  FoundServers found;
  for (const auto& [index, server] : *known.Lock()) {
    found.servers.emplace_back(listeners[index], server);
  }
  found.not_asked = listeners.size() - done;
  return found;
}

}  // namespace failgate
