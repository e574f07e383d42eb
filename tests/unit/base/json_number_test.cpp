#include "controller/base/json_number.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "controller/base/error.h"

namespace failgate {
namespace {

TEST(WholeNumber, ReadsFromZeroToTheGreatest) {
  const auto object = nlohmann::json::parse(R"({"a": 0, "b": 9007199254740991, "c": 7})");
  EXPECT_EQ(WholeNumber(object, "a"), 0);
  EXPECT_EQ(WholeNumber(object, "b"), kMaxJsonNumber);
  EXPECT_EQ(WholeNumber(object, "c", 7), 7);
}

TEST(WholeNumber, RefusesEveryOtherValueAndNamesTheKey) {
  const auto object = nlohmann::json::parse(
      R"({"a": -1, "b": 9007199254740992, "c": 1e30, "d": 1.0, "e": true, "f": "1", "g": null})");
  for (const char* key : {"a", "b", "c", "d", "e", "f", "g", "absent"}) {
    try {
      static_cast<void>(WholeNumber(object, key));
      ADD_FAILURE() << key;
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).find(key), 0U) << error.what();
    }
  }
  EXPECT_THROW(static_cast<void>(WholeNumber(nlohmann::json(7), "a")), Error);
}

}  // namespace
}  // namespace failgate
