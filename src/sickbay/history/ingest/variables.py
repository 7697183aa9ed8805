"""Variables: what a CI tells the jobs that it runs about their build."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_OF_CI: dict[str, dict[str, tuple[str, ...]]] = {
    "GITHUB_ACTIONS": {
        "commit": ("{GITHUB_SHA}",),
        "branch": ("{GITHUB_HEAD_REF}", "{GITHUB_REF_NAME}"),
        "pipeline": ("{GITHUB_REPOSITORY}",),
        "build": ("{GITHUB_RUN_ID}",),
        "job": ("{GITHUB_JOB}",),
        "attempt": ("{GITHUB_RUN_ATTEMPT}",),
        "url": (
            "{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/actions/runs/{GITHUB_RUN_ID}",
        ),
    },
    "BUILDKITE": {
        "commit": ("{BUILDKITE_COMMIT}",),
        "branch": ("{BUILDKITE_BRANCH}",),
        "pipeline": ("{BUILDKITE_ORGANIZATION_SLUG}/{BUILDKITE_PIPELINE_SLUG}",),
        "build": ("{BUILDKITE_BUILD_NUMBER}",),
        "job": ("{BUILDKITE_STEP_KEY}", "{BUILDKITE_LABEL}"),
        "shard": ("{BUILDKITE_PARALLEL_JOB}",),
        "attempt": ("{BUILDKITE_RETRY_COUNT}+1",),
        "url": ("{BUILDKITE_BUILD_URL}",),
        "title": ("{BUILDKITE_MESSAGE}",),
        "author": ("{BUILDKITE_BUILD_AUTHOR}", "{BUILDKITE_BUILD_CREATOR}"),
        "pull_request": ("{BUILDKITE_PULL_REQUEST}",),
    },
    "GITLAB_CI": {
        "commit": ("{CI_COMMIT_SHA}",),
        "branch": (
            "{CI_MERGE_REQUEST_SOURCE_BRANCH_NAME}",
            "{CI_COMMIT_REF_NAME}",
        ),
        "pipeline": ("{CI_PROJECT_PATH}",),
        "build": ("{CI_PIPELINE_ID}",),
        "job": ("{CI_JOB_NAME}",),
        "shard": ("{CI_NODE_INDEX}",),
        "url": ("{CI_PIPELINE_URL}",),
        "title": ("{CI_COMMIT_TITLE}",),
        "author": ("{CI_COMMIT_AUTHOR}",),
        "pull_request": ("{CI_MERGE_REQUEST_IID}",),
        "committed_at": ("{CI_COMMIT_TIMESTAMP}",),
    },
    "CIRCLECI": {
        "commit": ("{CIRCLE_SHA1}",),
        "branch": ("{CIRCLE_BRANCH}",),
        "pipeline": ("{CIRCLE_PROJECT_USERNAME}/{CIRCLE_PROJECT_REPONAME}",),
        "build": ("{CIRCLE_WORKFLOW_ID}", "{CIRCLE_BUILD_NUM}"),
        "job": ("{CIRCLE_JOB}",),
        "shard": ("{CIRCLE_NODE_INDEX}",),
        "url": ("{CIRCLE_BUILD_URL}",),
    },
    "TF_BUILD": {
        "commit": ("{BUILD_SOURCEVERSION}",),
        "branch": ("{BUILD_SOURCEBRANCHNAME}",),
        "pipeline": ("{BUILD_REPOSITORY_NAME}",),
        "build": ("{BUILD_BUILDID}",),
        "job": ("{SYSTEM_JOBDISPLAYNAME}", "{AGENT_JOBNAME}"),
        "shard": ("{SYSTEM_JOBPOSITIONINPHASE}",),
        "attempt": ("{SYSTEM_JOBATTEMPT}",),
        "title": ("{BUILD_SOURCEVERSIONMESSAGE}",),
    },
    "TRAVIS": {
        "commit": ("{TRAVIS_COMMIT}",),
        "branch": ("{TRAVIS_PULL_REQUEST_BRANCH}", "{TRAVIS_BRANCH}"),
        "pipeline": ("{TRAVIS_REPO_SLUG}",),
        "build": ("{TRAVIS_BUILD_NUMBER}",),
        "job": ("{TRAVIS_JOB_NAME}",),
        "url": ("{TRAVIS_BUILD_WEB_URL}",),
        "title": ("{TRAVIS_COMMIT_MESSAGE}",),
    },
    "JENKINS_URL": {
        "commit": ("{GIT_COMMIT}",),
        "branch": ("{CHANGE_BRANCH}", "{BRANCH_NAME}", "{GIT_BRANCH}"),
        "pipeline": ("{JOB_NAME}",),
        "build": ("{BUILD_NUMBER}",),
        "job": ("{STAGE_NAME}",),
        "url": ("{BUILD_URL}",),
        "pull_request": ("{CHANGE_ID}",),
    },
}
"""For each CI, by the variable that tells it from others: the first that is set."""

_ONE_MORE = "+1"


def told(environ: Mapping[str, str]) -> dict[str, str]:
    """What the CI that this runs in says of the build, by the names of our options."""
    known = {name: value for name, value in environ.items() if value.strip()}
    ci = next((marker for marker in _OF_CI if marker in known), None)
    found = {}
    for name, forms in _OF_CI[ci].items() if ci else ():
        values = (_filled(form, known) for form in forms)
        if value := next(filter(None, values), None):
            found[name] = value
    if "branch" in found:
        found["branch"] = found["branch"].removeprefix("origin/")
    return found


def _filled(form: str, known: Mapping[str, str]) -> str | None:
    """A form with its variables; None where one of them is not set."""
    more = form.endswith(_ONE_MORE)
    try:
        value = form.removesuffix(_ONE_MORE).format_map(known)
    except KeyError:
        return None
    if more:
        return str(int(value) + 1) if value.isdecimal() else None
    return value
