// A real folder, a real store, and a clock that moves when told: the small world of watches.
#pragma once

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "controller/base/digest.h"
#include "controller/base/durable_file.h"
#include "controller/watch/file_watch.h"
#include "tests/support/fake_clock.h"

namespace failgate {

class WatchWorld : public ::testing::Test {
 protected:
  WatchWorld() {
    settings_.name = "sales";
    settings_.path = folder_.path() / "in";
    settings_.projects = {ProjectName("churn")};
    CreateFolders(settings_.path);
    Restart();
  }
  /// A new life of the program.
  void Restart() {
    watch_.reset();
    store_ = std::make_unique<WatchStore>(database_, clock_);
    data_ = std::make_unique<WatchedBytes>(folder_.path() / "kept");
    watch_ = std::make_unique<FileWatch>(settings_, *store_, *data_, clock_, environment_);
  }
  void Write(const std::string& path, const std::string& bytes) {
    CreateFolders((settings_.path / path).parent_path());
    const FileDescriptor file(
        open((settings_.path / path).c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644));
    WriteAll(file.get(), bytes, path);
  }
  void Rename(const std::string& from, const std::string& to) {
    std::filesystem::rename(settings_.path / from, settings_.path / to);
  }
  /// Time passes, and the watch looks.
  bool Step(Milliseconds later = Milliseconds(0)) {
    clock_.Advance(later);
    return watch_->Step({});
  }
  std::string Version() {
    const auto newest = store_->Newest("sales");
    return newest ? newest->version : "";
  }
  static std::string Of(const std::string& bytes) { return "sha256:" + Sha256Hex(bytes); }
  std::vector<std::string> Paths() {
    std::vector<std::string> paths;
    for (const WatchedFile& file : store_->Files("sales")) paths.push_back(file.path);
    return paths;
  }

  TemporaryFolder folder_;
  FakeClock clock_;
  Database database_{folder_.path() / "failgate.db", DatabaseUser::kServer, clock_};
  WatchSettings settings_;
  EnvironmentLookup environment_ = [](const std::string&) { return std::nullopt; };
  std::unique_ptr<WatchStore> store_;
  std::unique_ptr<WatchedBytes> data_;
  std::unique_ptr<FileWatch> watch_;
};

}  // namespace failgate
