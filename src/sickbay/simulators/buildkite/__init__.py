"""A double of Buildkite: an organization, its builds, jobs, logs and what went wrong.

``sickbay.simulators.buildkite.app:app`` serves a
``sickbay.simulators.buildkite.world.World`` as Buildkite's API, its public pages and
GitHub's API. The same arguments give the same world.
"""
