#include "controller/base/result.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <new>
#include <system_error>

namespace failgate {
namespace {

TEST(Problem, IsDescribedWithItsPlace) {
  EXPECT_EQ(Describe(Problem{"a.yaml", 3, 5, "wrong"}), "a.yaml:3:5: wrong");
  EXPECT_EQ(Describe(Problem{"a.yaml", 0, 0, "wrong"}), "a.yaml: wrong");
  EXPECT_EQ(Describe(Problems{{"a", 1, 2, "x"}, {"b", 0, 0, "y"}}), "a:1:2: x\nb: y");
  EXPECT_EQ(Describe(Problems{}), "");
}

TEST(Result, HoldsAValueOrAReason) {
  const Result<int> good(7);
  EXPECT_TRUE(good);
  EXPECT_EQ(*good, 7);
  EXPECT_THROW(static_cast<void>(good.error()), Error);
  const Result<int> bad(Refusal{"busy", "try later"});
  EXPECT_FALSE(bad.has_value());
  EXPECT_EQ(bad.error().code, "busy");
  EXPECT_THROW(static_cast<void>(bad.value()), Error);
}

template <typename Exception>
Error Wrapped(const Exception& exception) {
  try {
    try {
      throw exception;
    } catch (...) {
      RethrowWithContext("promoting churn");
    }
  } catch (const Error& error) {
    return error;
  }
}

TEST(Error, KeepsItsRemedyWhenContextIsAdded) {
  const Error error = Wrapped(Error(Remedy::kRetry, "pushing main: refused"));
  EXPECT_EQ(error.remedy(), Remedy::kRetry);
  EXPECT_STREQ(error.what(), "promoting churn: pushing main: refused");
}

TEST(Error, GivesOtherExceptionsARemedy) {
  EXPECT_EQ(Wrapped(std::bad_alloc()).remedy(), Remedy::kRetry);
  EXPECT_EQ(Wrapped(std::system_error(std::make_error_code(std::errc::io_error))).remedy(),
            Remedy::kRetry);
  EXPECT_EQ(Wrapped(std::runtime_error("x")).remedy(), Remedy::kNeedsChange);
}

TEST(Error, OfErrnoSaysWhatMayCureIt) {
  EXPECT_EQ(ErrnoError("writing", "x", ENOSPC).remedy(), Remedy::kRetry);
  EXPECT_EQ(ErrnoError("writing", "x", EACCES).remedy(), Remedy::kNeedsChange);
  EXPECT_STREQ(ErrnoError("writing", "x", EACCES).what(), "writing x: Permission denied");
}

TEST(Check, ThrowsOnlyWhenBroken) {
  EXPECT_NO_THROW(Check(true, "fine"));
  EXPECT_THROW(Check(false, "broken"), Error);
}

}  // namespace
}  // namespace failgate
