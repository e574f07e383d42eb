// A syncer with image sources alone, over a real database.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "controller/base/durable_file.h"
#include "controller/store/body_digest.h"
#include "controller/sync/image_sync.h"
#include "controller/sync/syncer.h"
#include "tests/support/fake_clock.h"

namespace failgate {

struct ImageLife {
  ImageLife(const std::filesystem::path& data,
            const Clock& clock,
            std::vector<ImageSourceSettings> sources,
            ImageSync::Options options)
      : database(data / "failgate.db"),
        events(database, clock),
        inbox(database, data / "bodies", {}, clock),
        heads(database, clock),
        runs(database, clock),
        steps(database, clock),
        schedules(database),
        tags(database, clock),
        images(std::move(sources), tags, NoEnvironment, clock, options),
        syncer({events,
                inbox,
                heads,
                runs,
                steps,
                schedules,
                processes,
                clock,
                NoEnvironment,
                data,
                &images},
               {}) {}
  static std::optional<std::string> NoEnvironment(const std::string& /*name*/) {
    return std::nullopt;
  }

  Database database;
  EventQueue events;
  Inbox inbox;
  HeadStore heads;
  RunStore runs;
  StepStore steps;
  ScheduleStore schedules;
  ImageStore tags;
  ProcessRunner processes;
  ImageSync images;
  Syncer syncer;
};

class ImageWorld : public testing::Test {
 protected:
  static ImageSourceSettings Source(const std::string& name, const std::string& registry) {
    ImageSourceSettings source;
    source.name = SourceName(name);
    source.image = ImageName{registry, "ml/churn"};
    source.projects = {ProjectName("churn")};
    return source;
  }
  SecretReference SecretFile(const std::string& name, const std::string& text) {
    WriteFileDurably(folder_.path() / name, text, 0600);
    return SecretReference{"", folder_.path() / name};
  }
  void Start(std::vector<ImageSourceSettings> sources, ImageSync::Options options = {}) {
    life_ = std::make_unique<ImageLife>(folder_.path(), clock_, std::move(sources), options);
  }
  /// As a poll does.
  void Look() {
    clock_.Advance(std::chrono::minutes(6));
    life_->syncer.Step();
  }
  std::string Deliver(const std::string& id, const std::vector<RefHint>& tags) {
    NewDelivery delivery;
    delivery.source = SourceName("image");
    delivery.provider = "harbor";
    delivery.delivery_id = id;
    delivery.event_name = "PUSH_ARTIFACT";
    delivery.body = "{}";
    delivery.body_digest = DigestOfBody(delivery.body);
    delivery.received_at = clock_.Now();
    delivery.refs = tags;
    AcceptOutcome outcome;
    life_->inbox.Accept(delivery, [&outcome](AcceptOutcome done) { outcome = std::move(done); });
    (void)life_->inbox.Step();
    return outcome.id;
  }
  nlohmann::json OutcomeOf(const std::string& delivery) {
    const auto record = life_->inbox.Show(delivery);
    EXPECT_EQ(record->status, DeliveryStatus::kDone);
    return nlohmann::json::parse(record->outcome_json.empty() ? "{}" : record->outcome_json);
  }
  ImageDigests Tags(const std::string& name = "image") {
    return life_->tags.Digests(SourceName(name));
  }
  SourceStatus StatusOf(const std::string& name = "image") {
    for (const SourceStatus& status : life_->syncer.Status()) {
      if (status.source.text() == name) {
        return status;
      }
    }
    return {};
  }

  TemporaryFolder folder_;
  FakeClock clock_;
  std::unique_ptr<ImageLife> life_;
};

}  // namespace failgate
