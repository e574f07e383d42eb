// The MLflow server: where it is, how it is reached, whose releases it may hear of.
#include <algorithm>
#include <string>
#include <utility>

#include "controller/base/call_address.h"
#include "controller/base/text.h"
#include "controller/config/section_reader.h"

namespace failgate {
namespace {

/// Empty when the URL can be called.
std::string FaultOfUrl(std::string_view url) {
  const bool http = url.rfind("http://", 0) == 0;
  const std::size_t host = http ? 7 : 8;
  if (!http && url.rfind("https://", 0) != 0) {
    return "must be an http:// or https:// address, such as http://127.0.0.1:5000";
  }
  const bool clean =
      std::all_of(url.begin(), url.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (!clean || url.size() == host || url[host] == '/' ||
      url.find_first_of("?#\"<>\\@") != std::string_view::npos) {
    return "must be an address without credentials, query or fragment";
  }
  return FaultOfCallAddress(url).value_or("");
}

}  // namespace

MlflowSettings ReadMlflow(const YamlNode& node, ReadingContext& context) {
  MlflowSettings mlflow;
  MappingReader reader(node, "mlflow", context.problems);
  mlflow.url = reader.RequiredString("url");
  while (!mlflow.url.empty() && mlflow.url.back() == '/') mlflow.url.pop_back();
  if (const std::string fault = FaultOfUrl(mlflow.url); !mlflow.url.empty() && !fault.empty()) {
    context.problems.Add(*reader.Optional("url"), "mlflow.url: " + fault);
  }
  const YamlNode* token = reader.Optional("token");
  const YamlNode* basic = reader.Optional("basic");
  if (token != nullptr) mlflow.token = ReadSecretReference(*token, "mlflow.token", context);
  if (basic != nullptr) mlflow.basic = ReadSecretReference(*basic, "mlflow.basic", context);
  if (token != nullptr && basic != nullptr) {
    context.problems.Add(*basic, "mlflow: write either a token or basic");
  }
  if ((token != nullptr || basic != nullptr) && mlflow.url.rfind("http://", 0) == 0 &&
      !IsLoopbackUrl(mlflow.url)) {
    context.problems.Add(*reader.Optional("url"),
                         "mlflow.url: credentials would cross the network unencrypted: use "
                         "https://");
  }
  mlflow.ca = OptionalFile(reader, "ca", "mlflow.ca", context);
  mlflow.projects = ReadProjects(reader, "mlflow", context);
  mlflow.webhook = ReadWebhook(reader, "mlflow.webhook", context, SenderKind::kMlflow);
  reader.Finish();
  return mlflow;
}

}  // namespace failgate
