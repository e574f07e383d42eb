// Real remotes, real pushes, a real database: the small world of the tests of syncing.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "controller/base/durable_file.h"
#include "controller/store/body_digest.h"
#include "controller/sync/syncer.h"
#include "tests/support/fake_clock.h"
#include "tests/support/git_world.h"

namespace failgate {

/// What one life of the program holds on a data directory.
struct SyncLife {
  SyncLife(const std::filesystem::path& data,
           const Clock& clock,
           std::vector<SourceSettings> sources,
           Syncer::Options options,
           std::vector<WatchSettings> watch_settings = {})
      : database(data / "failgate.db"),
        events(database, clock),
        inbox(database, data / "bodies", {}, clock),
        heads(database, clock),
        runs(database, clock),
        steps(database, clock),
        schedules(database),
        watches(database, clock),
        bytes(data / "watched"),
        watched(std::move(watch_settings), watches, bytes),
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
                nullptr,
                &watches,
                &watched},
               std::move(sources),
               options) {
    inbox.Recover();
    syncer.Recover();
  }
  static std::optional<std::string> NoEnvironment(const std::string&) { return std::nullopt; }

  Database database;
  EventQueue events;
  Inbox inbox;
  HeadStore heads;
  RunStore runs;
  StepStore steps;
  ScheduleStore schedules;
  WatchStore watches;
  WatchedBytes bytes;
  WatchedData watched;
  ProcessRunner processes;
  Syncer syncer;
};

class SyncWorld : public testing::Test {
 protected:
  SyncWorld() : git_(Made(folder_.path() / "git"), "churn") {
    data_ = Made(folder_.path() / "data");
    sources_.push_back(Source("churn", "file://" + git_.origin().string()));
    Restart();
  }
  static std::filesystem::path Made(const std::filesystem::path& folder) {
    CreateFolders(folder);
    return folder;
  }
  static SourceSettings Source(const std::string& name, const std::string& url) {
    SourceSettings source;
    source.name = SourceName(name);
    source.url = url;
    source.projects = {ProjectName(name)};
    return source;
  }
  void Restart() {
    life_.reset();
    life_ = std::make_unique<SyncLife>(data_, clock_, sources_, options_, watch_settings_);
  }
  CommitId Push(const std::map<std::string, std::string>& files,
                const std::string& branch = "main") {
    CommitId id(git_.Commit(files, "change"));
    git_.Push(branch);
    return id;
  }
  /// Looks at the source as a poll would.
  void Look() {
    clock_.Advance(std::chrono::minutes(6));
    life_->syncer.Step();
  }
  /// Newest first.
  std::vector<failgate::Run> Runs() { return life_->runs.List({}); }
  std::string Deliver(const std::string& delivery_id,
                      const std::vector<RefHint>& refs,
                      const std::string& source = "churn") {
    NewDelivery delivery;
    delivery.source = SourceName(source);
    delivery.provider = "github";
    delivery.delivery_id = delivery_id;
    delivery.event_name = "push";
    delivery.body = "{}";
    delivery.body_digest = DigestOfBody(delivery.body);
    delivery.received_at = clock_.Now();
    delivery.refs = refs;
    AcceptOutcome outcome;
    life_->inbox.Accept(delivery, [&outcome](AcceptOutcome done) { outcome = std::move(done); });
    (void)life_->inbox.Step();
    EXPECT_EQ(outcome.kind, AcceptOutcome::Kind::kQueued);
    return outcome.id;
  }
  nlohmann::json OutcomeOf(const std::string& delivery) {
    const auto record = life_->inbox.Show(delivery);
    EXPECT_EQ(record->status, DeliveryStatus::kDone);
    return nlohmann::json::parse(record->outcome_json.empty() ? "{}" : record->outcome_json);
  }
  SourceStatus StatusOf(const std::string& name) {
    for (const SourceStatus& status : life_->syncer.Status()) {
      if (status.source.text() == name) {
        return status;
      }
    }
    return {};
  }

  TemporaryFolder folder_;
  FakeClock clock_;
  GitWorld git_;
  std::filesystem::path data_;
  std::vector<SourceSettings> sources_;
  std::vector<WatchSettings> watch_settings_;
  Syncer::Options options_;
  std::unique_ptr<SyncLife> life_;
};

inline constexpr const char* kPipeline =
    "project: churn\n"
    "triggers:\n"
    "  code: {branches: [main], ignore: [\"docs/**\"]}\n"
    "  data: {paths: [\"data/**\"]}\n"
    "  check: {branches: [\"*\"], until: unit}\n"
    "steps:\n"
    "  - {name: unit, level: unit, run: \"true\"}\n"
    "  - {name: train, level: train, run: \"true\", training: {code: degraded}}\n";

}  // namespace failgate
