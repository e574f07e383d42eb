#include "controller/mlflow/mlflow_caller.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/mlflow/mlflow_registry.h"
#include "tests/unit/mlflow/fake_mlflow.h"

namespace failgate {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const EnvironmentLookup kEnvironment = [](const std::string& name) {
  return name == "MLFLOW_SECRET" ? std::optional<std::string>("s3cret-of-mlflow") : std::nullopt;
};

/// What Version() throws when the server gives this answer.
Error ErrorOf(const ClientResponse& answer) {
  MlflowSettings settings;
  settings.url = "http://127.0.0.1:5000";
  const MlflowCaller caller(settings, kEnvironment, [&](const ClientRequest&) { return answer; });
  try {
    static_cast<void>(caller.Get("runs/get"));
  } catch (const Error& error) {
    return error;
  }
  return Error(Remedy::kRetry, "nothing was thrown");
}

TEST(MlflowCaller, SendsTheTokenOrThePassword) {
  FakeMlflow fake;
  MlflowSettings settings;
  settings.url = "http://127.0.0.1:5000/base";
  const MlflowCaller caller(settings, kEnvironment, fake.Sender());
  EXPECT_EQ(caller.Version(), "3.1.0");
  EXPECT_EQ(fake.authorization, "");
  settings.token = SecretReference{"MLFLOW_SECRET", {}};
  EXPECT_EQ(caller.Version(), "3.1.0");
  EXPECT_EQ(fake.authorization, "Bearer s3cret-of-mlflow");
  settings.token.reset();
  settings.basic = SecretReference{"MLFLOW_SECRET", {}};
  EXPECT_EQ(caller.Version(), "3.1.0");
  EXPECT_EQ(fake.authorization, "Basic czNjcmV0LW9mLW1sZmxvdw==");
}

TEST(MlflowCaller, SaysWhichSecretCannotBeRead) {
  FakeMlflow fake;
  MlflowSettings settings;
  settings.url = "http://127.0.0.1:5000";
  settings.token = SecretReference{"NO_SUCH", {}};
  const MlflowCaller caller(settings, kEnvironment, fake.Sender());
  EXPECT_THROW(static_cast<void>(caller.Version()), Error);
  EXPECT_TRUE(fake.calls.empty());
}

TEST(MlflowCaller, TellsFaultsApart) {
  const Error refused = ErrorOf({401, {}, "You are not authenticated"});
  EXPECT_EQ(refused.remedy(), Remedy::kNeedsChange);
  EXPECT_THAT(refused.what(), HasSubstr("check token or basic"));
  EXPECT_THAT(ErrorOf({403, {}, "Invalid Host header - possible DNS rebinding"}).what(),
              HasSubstr("--allowed-hosts"));
  EXPECT_EQ(ErrorOf({503, {}, ""}).remedy(), Remedy::kRetry);
  EXPECT_EQ(ErrorOf({429, {}, ""}).remedy(), Remedy::kRetry);
  EXPECT_EQ(ErrorOf(MlflowError(500, "INTERNAL_ERROR", "x")).remedy(), Remedy::kRetry);
  EXPECT_THAT(ErrorOf({404, {}, "<html>"}).what(), HasSubstr("check mlflow.url"));
  EXPECT_THAT(ErrorOf({302, {}, ""}).what(), HasSubstr("is not the API of MLflow"));
  EXPECT_THAT(ErrorOf(MlflowError(404, "ENDPOINT_NOT_FOUND", "x")).what(),
              HasSubstr("is not the API of MLflow"));
  EXPECT_THAT(ErrorOf(MlflowError(503, "X", "a\nb\x1b[31m")).what(), Not(HasSubstr("\n")));
}

TEST(MlflowCaller, TakesBothAnswersForAnAliasThatIsNotSet) {
  FakeMlflow fake;
  MlflowSettings settings;
  settings.url = "http://127.0.0.1:5000";
  const MlflowCaller caller(settings, kEnvironment, fake.Sender());
  const MlflowRegistry registry(caller);
  EXPECT_FALSE(registry.Alias("churn", "champion")) << "no such model";
  static_cast<void>(registry.Model("churn", {}));
  for (const bool is_404 : {false, true}) {
    fake.missing_alias_is_404 = is_404;
    EXPECT_FALSE(registry.Alias("churn", "champion"));
  }
  fake.instead = [](const std::string&) {
    return MlflowError(400, "INVALID_PARAMETER_VALUE", "Registered model name cannot be empty.");
  };
  EXPECT_THROW(static_cast<void>(registry.Alias("churn", "champion")), Error);
}

}  // namespace
}  // namespace failgate
