#include "controller/evidence/test_names.h"

#include <gtest/gtest.h>

namespace failgate {
namespace {

TEST(TestNames, FollowGivenWhenThenInEveryUsualSpelling) {
  for (const char* name : {"given_a_customer_when_scored_then_a_probability",
                           "test_given_x_when_y_then_z",
                           "Given a customer When scored Then a probability",
                           "given-a-when-b-then-c",
                           "givenACustomerWhenScoredThenAProbability",
                           "testGivenAWhenBThenC",
                           "given_é_when_ü_then_ö",
                           "given_when_when_x_then_then",
                           "given_a_when_b_then_c[param-1]"}) {
    EXPECT_TRUE(IsGivenWhenThen(name)) << name;
  }
}

TEST(TestNames, FollowItNotWithAGapOrAnotherOrder) {
  for (const char* name : {"",
                           "given",
                           "test_login",
                           "given_when_then",
                           "given_a_when_then_c",
                           "given_when_b_then_c",
                           "given_a_when_b_then",
                           "given_a_when_b_then_",
                           "given_a_then_c_when_b",
                           "when_b_then_c",
                           "a_given_b_when_c_then_d",
                           "given_a_whenever_b_then_c",
                           "giventhat_a_when_b_then_c"}) {
    EXPECT_FALSE(IsGivenWhenThen(name)) << name;
  }
}

TEST(TestNames, SayThatTheyCallRealSystems) {
  EXPECT_TRUE(SaysRealCall("test_real_call_to_the_bank"));
  EXPECT_TRUE(SaysRealCall("given_a_bank_when_asked_with_real_calls_then_it_answers"));
  EXPECT_TRUE(SaysRealCall("testRealCallToTheBank"));
  EXPECT_TRUE(SaysRealCall("test_real_call[eur]"));
  EXPECT_TRUE(SaysRealCall("realCall()"));
  EXPECT_FALSE(SaysRealCall("test_makes_no_real_calls"));
  EXPECT_FALSE(SaysRealCall("works without real calls"));
  EXPECT_FALSE(SaysRealCall("test_call_to_the_bank"));
  EXPECT_FALSE(SaysRealCall("test_really_call"));
  EXPECT_FALSE(SaysRealCall("test_real_phone_call"));
  EXPECT_FALSE(SaysRealCall(""));
}

}  // namespace
}  // namespace failgate
