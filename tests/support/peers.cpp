#include "tests/support/peers.h"

#include <fmt/format.h>
#include <poll.h>

#include <cstdlib>

#include "controller/base/error.h"
#include "controller/http/http_client.h"
#include "controller/process/process.h"

namespace failgate {
namespace {

/// A busy machine takes a minute.
constexpr int kLooks = 900;
constexpr int kPauseMilliseconds = 200;

bool Answers(const std::string& url, const std::string& path = "/health") {
  ClientRequest request;
  request.url = url + path;
  try {
    return Fetch(request).status == 200;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

std::filesystem::path PeerFolder(const std::string& name) {
  const char* folder = std::getenv("FAILGATE_PEERS");
  const char* home = std::getenv("HOME");
  const std::filesystem::path peers =
      folder != nullptr
          ? std::filesystem::path(folder)
          : std::filesystem::path(home != nullptr ? home : "/root") / ".cache/failgate-peers";
  return peers / name;
}

std::string MissingPeer(const std::string& name) {
  return std::filesystem::exists(PeerFolder(name) / "installed")
             ? std::string()
             : fmt::format("there is no {}: scripts/setup peers installs it",
                           PeerFolder(name).string());
}

MotoPeer::MotoPeer(const std::filesystem::path& folder) {
  const int port = RecentlyFreePort();
  url_ = fmt::format("http://127.0.0.1:{}", port);
  program_.emplace(std::vector<std::string>{"/usr/bin/env",
                                            "MOTO_S3_DEFAULT_MAX_KEYS=3",
                                            (PeerFolder("moto") / "bin/python").string(),
                                            "-m",
                                            "moto.server",
                                            "-H",
                                            "127.0.0.1",
                                            "-p",
                                            std::to_string(port)},
                   folder);
  for (int look = 0; look < kLooks && !Answers(url_, "/moto-api/"); ++look) {
    ::poll(nullptr, 0, kPauseMilliseconds);
  }
  if (!Answers(url_, "/moto-api/")) {
    throw Error(Remedy::kNeedsChange, "moto: " + program_->output());
  }
}

void MotoPeer::Send(const std::string& method,
                    const std::string& path,
                    const std::string& bytes) const {
  ClientRequest request;
  request.method = method;
  request.url = url_ + "/" + path;
  request.body = bytes;
  // Whose request it is must be said, though nobody checks it.
  request.headers = {{"authorization",
                      "AWS4-HMAC-SHA256 Credential=writer/20260101/us-east-1/s3/aws4_request, "
                      "SignedHeaders=host, Signature=0"}};
  const ClientResponse response = Fetch(request);
  if (response.status / 100 != 2) {
    throw Error(Remedy::kNeedsChange,
                fmt::format("moto: {} {}: {} {}", method, path, response.status, response.body));
  }
}

void MotoPeer::Put(const std::string& path, const std::string& bytes) const {
  Send("PUT", path, bytes);
}

void MotoPeer::Delete(const std::string& path) const {
  Send("DELETE", path, "");
}

void MotoPeer::CheckAccess(bool check) const {
  Send("POST", "moto-api/reset-auth", check ? "0" : "inf");
}

std::pair<std::string, std::string> MotoPeer::AddPerson(const std::string& name,
                                                        const std::string& action,
                                                        const std::string& resources) const {
  ProcessRunner runner;
  ProcessSpec spec;
  spec.argv = {(PeerFolder("moto") / "bin/python").string(),
               "-c",
               "import boto3, json, sys\n"
               "url, name, action, resources = sys.argv[1:]\n"
               "iam = boto3.client('iam', endpoint_url=url, region_name='us-east-1',\n"
               "    aws_access_key_id='x', aws_secret_access_key='x')\n"
               "iam.create_user(UserName=name)\n"
               "policy = {'Version': '2012-10-17', 'Statement':\n"
               "    {'Effect': 'Allow', 'Action': action, 'Resource': resources.split(',')}}\n"
               "iam.put_user_policy(UserName=name, PolicyName='p',\n"
               "    PolicyDocument=json.dumps(policy))\n"
               "key = iam.create_access_key(UserName=name)['AccessKey']\n"
               "print(key['AccessKeyId'], key['SecretAccessKey'], end='')\n",
               url_,
               name,
               action,
               resources};
  spec.env = {{"PATH", "/usr/bin:/bin"}, {"PYTHONDONTWRITEBYTECODE", "1"}};
  spec.timeout = std::chrono::minutes(1);
  const ProcessResult result = runner.Run(spec);
  const std::size_t blank = result.stdout_text.find(' ');
  if (!result.Succeeded() || blank == std::string::npos) {
    throw Error(Remedy::kNeedsChange, "moto: " + result.stderr_text);
  }
  return {result.stdout_text.substr(0, blank), result.stdout_text.substr(blank + 1)};
}

MlflowPeer::MlflowPeer(const std::string& name, const std::filesystem::path& folder) : name_(name) {
  const int port = RecentlyFreePort();
  url_ = fmt::format("http://127.0.0.1:{}", port);
  // gunicorn: MLflow 3's own choice asks for numpy and pandas at its start. No jobs for the same
  // reason. Webhooks may go to this machine, and are looked up each time.
  program_.emplace(std::vector<std::string>{"/usr/bin/env",
                                            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false",
                                            "MLFLOW_WEBHOOK_ALLOWED_SCHEMES=http",
                                            "MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS=true",
                                            "MLFLOW_WEBHOOK_CACHE_TTL=0",
                                            (PeerFolder(name) / "bin/python").string(),
                                            "-m",
                                            "mlflow",
                                            "server",
                                            "--host",
                                            "127.0.0.1",
                                            "--port",
                                            std::to_string(port),
                                            "--workers",
                                            "1",
                                            "--gunicorn-opts",
                                            "--timeout 120",
                                            "--backend-store-uri",
                                            fmt::format("sqlite:///{}/mlflow.db", folder.string()),
                                            "--artifacts-destination",
                                            (folder / "artifacts").string()},
                   folder);
}

void MlflowPeer::Await() const {
  for (int look = 0; look < kLooks && !Answers(url_); ++look) {
    ::poll(nullptr, 0, kPauseMilliseconds);
  }
  if (!Answers(url_)) throw Error(Remedy::kNeedsChange, name_ + ": " + program_->output());
}

}  // namespace failgate
