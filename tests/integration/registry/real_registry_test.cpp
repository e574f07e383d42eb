// Debian's docker-registry on the loopback: an image is pushed, its notification comes in, and the
// tag is resolved at that registry.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "controller/base/digest.h"
#include "controller/http/http_client.h"
#include "controller/sync/syncer.h"
#include "tests/integration/api/api_world.h"
#include "tests/support/running_program.h"

namespace failgate {
namespace {

constexpr const char* kRegistry = "/usr/bin/docker-registry";
constexpr const char* kProof = "Bearer s3cret-of-the-registry";
constexpr const char* kManifest = "application/vnd.oci.image.manifest.v1+json";

std::string DigestOf(const std::string& bytes) {
  return "sha256:" + Sha256Hex(bytes);
}

class RealRegistry : public testing::Test {
 protected:
  RealRegistry() {
    WriteFileDurably(folder_.path() / "hook", kProof, 0600);
    world_ = std::make_unique<ApiWorld>(
        50000, std::vector<SourceSettings>(), IntakeLimits(), HttpServerOptions(), Sources("x"));
  }
  void SetUp() override {
    if (!std::filesystem::exists(kRegistry)) {
      GTEST_SKIP() << "there is no docker-registry: scripts/setup test installs it";
    }
    const auto config = folder_.path() / "registry.yml";
    WriteFileDurably(config,
                     fmt::format("version: 0.1\n"
                                 "storage: {{filesystem: {{rootdirectory: {}}}}}\n"
                                 "http: {{addr: '127.0.0.1:0', secret: of-the-test}}\n"
                                 "notifications:\n"
                                 "  endpoints:\n"
                                 "    - name: failgate\n"
                                 "      url: http://127.0.0.1:{}/hooks/image\n"
                                 "      headers: {{Authorization: ['{}']}}\n"
                                 "      timeout: 10s\n"
                                 "      threshold: 100\n"
                                 "      backoff: 1s\n",
                                 (folder_.path() / "storage").string(),
                                 world_->server->port(),
                                 kProof));
    registry_.emplace(std::vector<std::string>{kRegistry, "serve", config.string()},
                      folder_.path());
    const auto port = registry_->AwaitNumber("listening on 127.0.0.1:");
    ASSERT_TRUE(port) << registry_->output();
    host_ = fmt::format("127.0.0.1:{}", *port);
  }

  std::vector<ImageSourceSettings> Sources(const std::string& registry) const {
    ImageSourceSettings source;
    source.name = SourceName("image");
    source.image = ImageName{registry, "ml/churn"};
    source.projects = {ProjectName("churn")};
    source.webhook =
        WebhookSettings{"distribution", {SecretReference{"", folder_.path() / "hook"}}};
    return {source};
  }

  ClientResponse Send(const std::string& method,
                      const std::string& url,
                      const std::string& type,
                      const std::string& body) {
    ClientRequest request;
    request.method = method;
    request.url = url;
    request.headers = {{"Content-Type", type}};
    request.body = body;
    return Fetch(request);
  }
  nlohmann::json PushBlob(const std::string& bytes, const std::string& type) {
    const auto begun =
        Send("POST", "http://" + host_ + "/v2/ml/churn/blobs/uploads/", "text/plain", "");
    EXPECT_EQ(begun.status, 202) << begun.body;
    const std::string place = begun.Header("Location").value_or("");
    const auto put = Send(
        "PUT", place + "&digest=sha256%3A" + Sha256Hex(bytes), "application/octet-stream", bytes);
    EXPECT_EQ(put.status, 201) << put.body;
    return {{"mediaType", type}, {"digest", DigestOf(bytes)}, {"size", bytes.size()}};
  }
  /// Its digest.
  std::string PushImage(const std::string& tag, const std::string& layer) {
    const nlohmann::json manifest = {
        {"schemaVersion", 2},
        {"mediaType", kManifest},
        {"config",
         PushBlob(R"({"architecture":"amd64","os":"linux","rootfs":{"type":"layers"}})",
                  "application/vnd.oci.image.config.v1+json")},
        {"layers",
         nlohmann::json::array({PushBlob(layer, "application/vnd.oci.image.layer.v1.tar")})}};
    const std::string bytes = manifest.dump();
    const auto put =
        Send("PUT", "http://" + host_ + "/v2/ml/churn/manifests/" + tag, kManifest, bytes);
    EXPECT_EQ(put.status, 201) << put.body;
    return DigestOf(bytes);
  }
  /// The first delivery that is queued; those about layers are ignored ones.
  DeliveryRecord AwaitDelivery() {
    DeliveryFilter queued;
    queued.status = DeliveryStatus::kQueued;
    while (world_->inbox.List(queued).empty()) {
      std::this_thread::yield();
    }
    return world_->inbox.List(queued).front();
  }

  TemporaryFolder folder_;
  std::unique_ptr<ApiWorld> world_;
  std::optional<RunningProgram> registry_;
  std::string host_;
};

TEST_F(RealRegistry, TellsOfAPushAndSaysWhatTheTagIs) {
  const std::string digest = PushImage("v1", "the only layer");
  const DeliveryRecord delivery = AwaitDelivery();
  EXPECT_EQ(delivery.source.text(), "image");
  ASSERT_EQ(delivery.refs.size(), 1U);
  EXPECT_EQ(delivery.refs[0].ref, "v1");

  EventQueue events(world_->database, world_->clock);
  HeadStore heads(world_->database, world_->clock);
  ScheduleStore schedules(world_->database);
  ImageStore tags(world_->database, world_->clock);
  ProcessRunner processes;
  const EnvironmentLookup nothing = [](const std::string&) { return std::nullopt; };
  ImageSync images(Sources(host_), tags, nothing, world_->clock);
  Syncer syncer({events,
                 world_->inbox,
                 heads,
                 world_->runs,
                 world_->steps,
                 schedules,
                 processes,
                 world_->clock,
                 nothing,
                 folder_.path(),
                 &images},
                {});
  syncer.Step();
  EXPECT_EQ(tags.Digests(SourceName("image")), (ImageDigests{{"v1", digest}}));
  const auto done = world_->inbox.Show(delivery.id);
  ASSERT_EQ(done->status, DeliveryStatus::kDone);
  const auto outcome = nlohmann::json::parse(done->outcome_json);
  EXPECT_EQ(outcome.at("images").at(0).at("tag"), "v1");
  EXPECT_EQ(outcome.at("images").at(0).at("digest"), digest);

  const std::string moved = PushImage("v1", "another layer");
  ASSERT_NE(moved, digest);
  ASSERT_TRUE(syncer.SyncNow(SourceName("image")));
  syncer.Step();
  EXPECT_EQ(tags.Digests(SourceName("image")), (ImageDigests{{"v1", moved}}));
}

}  // namespace
}  // namespace failgate
