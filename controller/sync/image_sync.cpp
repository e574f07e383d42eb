#include "controller/sync/image_sync.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "controller/base/error.h"
#include "controller/base/text.h"
#include "controller/registry/registry_client.h"
#include "controller/sync/delivery_outcome.h"

namespace failgate {

ImageSync::ImageSync(std::vector<ImageSourceSettings> sources,
                     ImageStore& store,
                     EnvironmentLookup environment,
                     const Clock& clock)
    : ImageSync(std::move(sources), store, std::move(environment), clock, Options()) {}

ImageSync::ImageSync(std::vector<ImageSourceSettings> sources,
                     ImageStore& store,
                     EnvironmentLookup environment,
                     const Clock& clock,
                     Options options)
    : sources_(std::move(sources)),
      store_(store),
      environment_(std::move(environment)),
      clock_(clock),
      options_(options) {}

const ImageSourceSettings* ImageSync::Find(const SourceName& source) const {
  const auto found =
      std::find_if(sources_.begin(), sources_.end(), [&](const ImageSourceSettings& settings) {
        return settings.name == source;
      });
  return found == sources_.end() ? nullptr : &*found;
}

ImagePass ImageSync::Look(const ImageSourceSettings& source,
                          const std::set<std::string>& tags,
                          const std::stop_token& stop) {
  RegistryClient registry(source, environment_);
  const ImageDigests before = store_.Digests(source.name);
  std::set<std::string> wanted;
  for (std::string& tag :
       tags.empty() ? registry.Tags(stop) : std::vector<std::string>(tags.begin(), tags.end())) {
    if (CountsAsTag(source, tag)) {
      wanted.insert(std::move(tag));
    }
  }
  if (wanted.size() > options_.max_tags) {
    throw Error(Remedy::kNeedsChange,
                fmt::format("{} tags of {} match: narrow `tags` to at most {}",
                            wanted.size(),
                            source.image.text(),
                            options_.max_tags));
  }
  ImagePass pass;
  const SteadyTime until = clock_.Steady() + options_.budget;
  for (const std::string& tag : wanted) {
    if (stop.stop_requested() || clock_.Steady() > until) {
      throw Error(Remedy::kRetry,
                  fmt::format("asking for the tags of {} took too long", source.image.text()));
    }
    if (auto digest = registry.DigestOf(tag)) {
      const auto known = before.find(tag);
      if (known == before.end() || known->second != *digest) {
        pass.changed.insert(tag);
      }
      pass.seen[tag] = *std::move(digest);
    }
  }
  std::vector<std::string> gone;
  for (const auto& entry : before) {
    const bool asked = tags.empty() || wanted.count(entry.first) != 0;
    if (asked && pass.seen.count(entry.first) == 0) {
      gone.push_back(entry.first);
    }
  }
  store_.Change(source.name, pass.seen, gone);
  pass.known = store_.Digests(source.name).size();
  return pass;
}

bool CountsAsTag(const ImageSourceSettings& source, const std::string& tag) {
  return std::any_of(source.tags.begin(), source.tags.end(), [&](const std::string& pattern) {
    return GlobMatches(pattern, tag);
  });
}

std::set<std::string> TagsAskedBy(const std::vector<Event>& events) {
  std::set<std::string> tags;
  for (const Event& event : events) {
    if (!IsImageTag(event.ref)) {
      return {};
    }
    tags.insert(event.ref);
  }
  return tags;
}

std::vector<DeliveryResult> AnswerImageDeliveries(const ImageSourceSettings& source,
                                                  const std::vector<TakenDelivery>& deliveries,
                                                  const ImagePass& pass) {
  std::vector<DeliveryResult> results;
  for (const TakenDelivery& delivery : deliveries) {
    std::set<std::string> tags;
    for (const RefHint& hint : delivery.refs) {
      tags.insert(hint.ref);
    }
    DeliveryOutcome outcome;
    outcome.event = delivery.event;
    std::string ignored = "no tag moved";
    for (const std::string& tag : tags.empty() ? pass.changed : tags) {
      const auto seen = pass.seen.find(tag);
      if (seen != pass.seen.end()) {
        outcome.images.emplace_back(seen->first, seen->second);
      } else if (CountsAsTag(source, tag)) {
        ignored = fmt::format("the registry has no tag \"{}\"", OneLine(tag, 200));
      } else {
        ignored = fmt::format("the tag \"{}\" is not among those that count", OneLine(tag, 200));
      }
    }
    outcome.ignored_because = outcome.images.empty() ? ignored : "";
    results.push_back({{delivery.id}, DeliveryOutcomeToJson(outcome)});
  }
  return results;
}

}  // namespace failgate
