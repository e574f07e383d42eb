#!/bin/sh
# After a deployment: what lies where it is used is what was released.
set -e
mkdir -p out
if cmp "$FAILGATE_PATH/model.joblib" "$FAILGATE_CANDIDATE/model.joblib"; then
  case='<testcase classname="smoke" name="given_a_deployment_when_compared_then_the_model_is_the_released_one"/>'
else
  case='<testcase classname="smoke" name="given_a_deployment_when_compared_then_the_model_is_the_released_one"><failure/></testcase>'
fi
printf '<testsuite name="smoke" tests="1">%s</testsuite>\n' "$case" > out/smoke.xml
