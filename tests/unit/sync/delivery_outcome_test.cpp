#include "controller/sync/delivery_outcome.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace failgate {
namespace {

TEST(DeliveryOutcome, HasNullForAnEventThatIsNotThere) {
  const auto without = nlohmann::json::parse(DeliveryOutcomeToJson({}));
  EXPECT_TRUE(without.at("event").is_null());
  EXPECT_EQ(without.at("runs"), nlohmann::json::array());
  EXPECT_FALSE(without.contains("ignored_because"));
}

TEST(DeliveryOutcome, NamesTheEventAndItsRuns) {
  const auto json = nlohmann::json::parse(DeliveryOutcomeToJson({"e1", {RunId("r1")}, ""}));
  EXPECT_EQ(json.at("event"), "e1");
  EXPECT_EQ(json.at("runs").at(0), "r1");
}

}  // namespace
}  // namespace failgate
