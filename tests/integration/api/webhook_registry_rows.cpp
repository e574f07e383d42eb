#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/integration/api/webhook_rows.h"

namespace failgate {
namespace {

using nlohmann::json;

struct RegistryCase {
  int number = 0;
  std::string what;
  RawDelivery request;
  std::string answer;
};

void Add(std::vector<WebhookRow>& rows,
         const TestRegistry& registry,
         const std::vector<RegistryCase>& cases) {
  for (const RegistryCase& one : cases) {
    rows.push_back({one.number,
                    registry.word + ": " + one.what,
                    RawHookAs("POST", HookPathOf(registry, one.request), one.request),
                    {one.answer}});
  }
}

std::string PushWith(const TestRegistry& registry, const std::string& pointer, const json& value) {
  return Changed(HookFixture(registry.push), pointer, value.dump());
}

void AddCommonRows(std::vector<WebhookRow>& rows, const TestRegistry& registry) {
  const std::string body = HookFixture(registry.push);
  const RawDelivery push = Proven(registry, body);
  Add(rows,
      registry,
      {{0, "push", push, "202 queued"},
       {25, "gzip", Plus(push, "Content-Encoding", "gzip"), "415"},
       {26, "text", With(push, "Content-Type", "text/plain"), "415"},
       {37, "no proof", ProvenBy(registry, "", body), "401"},
       {48, "another secret", ProvenBy(registry, registry.other_secret, body), "401"},
       {50, "prefix", ProvenBy(registry, registry.secret.substr(0, 9), body), "401"},
       {93,
        "another address",
        Proven(registry, PushWith(registry, "/callback_url", "http://169.254.169.254/")),
        "202 queued"}});
}

void AddDistributionRows(std::vector<WebhookRow>& rows) {
  const TestRegistry& registry = TestRegistryOf("distribution");
  const std::vector<json> events(10000, json{{"action", "push"}});
  const std::string many = json{{"events", events}}.dump();
  Add(rows,
      registry,
      {{81, "empty", Proven(registry, R"({"events":[]})"), "202 ignored"},
       {81, "null", Proven(registry, R"({"events":null})"), "202 ignored"},
       {81, "no JSON", Proven(registry, "no JSON"), "202 ignored"},
       {81, "many events", Proven(registry, many), "202 ignored"},
       {93,
        "address of the manifest",
        Proven(registry, PushWith(registry, "/events/1/target/url", "http://169.254.169.254/")),
        "202 queued"}});
}

void AddDockerhubRows(std::vector<WebhookRow>& rows) {
  const TestRegistry& hub = TestRegistryOf("dockerhub");
  const RawDelivery push = Proven(hub, HookFixture(hub.push));
  const auto at = [&](const std::string& path) { return RawHookAs("POST", path, push); };
  rows.push_back({52, "token in the query", at("/hooks/dockerhub?" + hub.secret), {"401"}});
  rows.push_back({20, "token and more", at("/hooks/dockerhub/" + hub.secret + "/x"), {"401"}});
  rows.push_back({20, "token of another", at("/hooks/harbor/" + hub.secret), {"404"}});
  rows.push_back({20, "token of nobody", at("/hooks/nobody/" + hub.secret), {"404"}});
  rows.push_back(
      {10, "GET with a token", RawHookAs("GET", "/hooks/dockerhub/" + hub.secret, push), {"405"}});
}

}  // namespace

std::vector<WebhookRow> RegistryRows() {
  std::vector<WebhookRow> rows;
  for (const TestRegistry& registry : TestRegistries()) {
    AddCommonRows(rows, registry);
  }
  AddDistributionRows(rows);
  AddDockerhubRows(rows);
  return rows;
}

}  // namespace failgate
