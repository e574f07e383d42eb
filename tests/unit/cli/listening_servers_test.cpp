#include "controller/cli/listening_servers.h"

#include <gtest/gtest.h>

#include <map>

namespace failgate {
namespace {

std::optional<KnownServer> Of(const std::map<std::string, std::string>& answers) {
  return Recognise([&](const std::string& path) {
    const auto found = answers.find(path);
    return found == answers.end() ? std::nullopt : std::optional<std::string>(found->second);
  });
}

TEST(Listeners, AreReadOutOfTheKernelsTables) {
  const std::string head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when\n";
  const std::string tcp = head +
                          "   0: 0100007F:1388 00000000:0000 0A 00000000:00000000 00:00000000\n"
                          "   1: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000\n"
                          "   2: 0100007F:1389 0100007F:9C40 01 00000000:00000000 00:00000000\n"
                          "   3: 0700000A:1F40 00000000:0000 0A 00000000:00000000 00:00000000\n"
                          "   4: zz00007F:1F41 00000000:0000 0A\n   5: 0A\n\n";
  const std::string tcp6 =
      head +
      "   0: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A 0\n"
      "   1: 00000000000000000000000001000000:1F91 00000000000000000000000000000000:0000 0A 0\n"
      "   2: 000080FE000000000000000001000000:1F92 00000000000000000000000000000000:0000 0A 0\n"
      "   3: 0000000000000000FFFF00000100007F:1F93 00000000000000000000000000000000:0000 0A 0\n";
  EXPECT_EQ(ReadListeners(tcp, tcp6),
            (std::vector<Listener>{{"127.0.0.1", 5000},
                                   {"10.0.0.7", 8000},
                                   {"127.0.0.1", 8080},
                                   {"[::1]", 8081},
                                   {"127.0.0.1", 8083}}));
  EXPECT_TRUE(ReadListeners("", "").empty());
}

TEST(KnownServers, AreToldByWhatTheyAnswer) {
  const auto mlflow = Of({{"/version", "2.22.5\n"}, {"/health", "OK"}});
  ASSERT_TRUE(mlflow);
  EXPECT_EQ(mlflow->kind + " " + mlflow->version, "MLflow 2.22.5");
  const auto hub = Of({{"/hub/api/", R"({"version": "3.0.0"})"}});
  ASSERT_TRUE(hub);
  EXPECT_EQ(hub->kind + " " + hub->version, "JupyterHub 3.0.0");
  const std::string health =
      R"({"metadatabase": {"status": "healthy"}, "scheduler": {"status": "healthy"}})";
  const auto two = Of({{"/health", health}, {"/api/v1/version", R"({"version": "2.10.0"})"}});
  ASSERT_TRUE(two);
  EXPECT_EQ(two->kind + " " + two->version, "Airflow 2.10.0");
  const auto three = Of({{"/api/v2/monitor/health", health}});
  ASSERT_TRUE(three);
  EXPECT_EQ(three->kind + " " + three->version, "Airflow ");
}

TEST(KnownServers, AreNoOthers) {
  EXPECT_FALSE(Of({}));
  EXPECT_FALSE(Of({{"/version", "<html>"}, {"/health", "OK"}}));
  EXPECT_FALSE(Of({{"/version", "1.2.3"}, {"/health", "fine"}}));
  EXPECT_FALSE(Of({{"/hub/api/", "{\"version\": 3}"}, {"/health", "{\"status\": \"ok\"}"}}));
  EXPECT_FALSE(Of({{"/hub/api/", "{\"version\": \"\\u001b[31m\"}"}}));
}

}  // namespace
}  // namespace failgate
