#include "controller/cli/commands/doctor.h"
#include "controller/cli/commands/init_operations.h"
#include "controller/cli/commands/init_pipeline.h"
#include "controller/cli/commands/plan.h"
#include "controller/cli/commands/validate.h"
#include "controller/cli/registration.h"

namespace failgate {
namespace {

void RegisterInit(Registration& registration) {
  CLI::App* init = registration.app.add_subcommand("init", "Lay down first files");
  init->require_subcommand(1);
  CLI::App* operations = init->add_subcommand(
      "operations", "A ladder dev > recette > prod, a server file and the signing key");
  const auto tree = std::make_shared<InitOperationsOptions>();
  AddPath(operations, "DIR", tree->folder, "a new folder", true);
  Bind(registration, operations, tree, RunInitOperations);
  CLI::App* pipeline = init->add_subcommand("pipeline", "A failgate.yaml for the language found");
  const auto file = std::make_shared<InitPipelineOptions>();
  AddPath(pipeline, "DIR", file->folder, "the project's work tree", true);
  pipeline->add_option("--project", file->project, "its name (default: the folder's)");
  Bind(registration, pipeline, file, RunInitPipeline);
}

void RegisterDaemon(Registration& registration) {
  CLI::App* serve = registration.app.add_subcommand("serve", "Run the controller");
  const auto server = std::make_shared<ServeOptions>();
  AddPath(serve, "--config", server->config, "the server file", true);
  serve->callback([&registration, server] {
    registration.chosen = [&registration, server] { return registration.context.serve(*server); };
  });
  CLI::App* demo = registration.app.add_subcommand("demo", "See it work, on this machine");
  const auto story = std::make_shared<DemoOptions>();
  AddPath(demo, "--dir", story->folder, "where (default: a temporary folder)", false);
  demo->add_option("--port", story->port, "of the server (default: any free one)")
      ->check(CLI::Range(0, 65535));
  demo->add_flag("--once", story->once, "end after the story");
  demo->callback([&registration, story] {
    registration.chosen = [&registration, story] { return registration.context.demo(*story); };
  });
}

void RegisterChecks(Registration& registration) {
  CLI::App* validate = registration.app.add_subcommand(
      "validate", "Find every problem in pipelines, server files and operations repositories");
  const auto paths = std::make_shared<ValidateOptions>();
  validate
      ->add_option_function<std::vector<std::string>>(
          "PATH",
          [paths](const std::vector<std::string>& values) {
            paths->paths.assign(values.begin(), values.end());
          },
          "files and folders")
      ->required();
  AddOutput(validate, paths->json);
  Bind(registration, validate, paths, RunValidate);
  CLI::App* doctor =
      registration.app.add_subcommand("doctor", "Find what stands in the way on this machine");
  const auto machine = std::make_shared<DoctorOptions>();
  AddOptionalPath(doctor, "--config", machine->config, "the server file");
  AddOutput(doctor, machine->json);
  Bind(registration, doctor, machine, RunDoctor);
  CLI::App* plan = registration.app.add_subcommand("plan", "What a push would run; runs nothing");
  const auto push = std::make_shared<PlanOptions>();
  AddPath(plan, "--repo", push->repository, "a clone of the source (default: here)", false);
  plan->add_option("--revision", push->revision, "default: HEAD");
  plan->add_option("--branch", push->branch, "as if pushed there");
  plan->add_option("--file", push->files, "as if a push changed just this file; may be repeated")
      ->expected(1)
      ->take_all();
  AddOptionalPath(plan,
                  "--operations",
                  push->operations,
                  "a clone of the operations repository: also what its environments would say");
  AddOutput(plan, push->json);
  Bind(registration, plan, push, RunPlanCommand);
}

}  // namespace

void RegisterStartingCommands(Registration& registration) {
  RegisterInit(registration);
  RegisterDaemon(registration);
  RegisterChecks(registration);
}

}  // namespace failgate
