"""PyTorch HUD's double: its API, its store of logs and its files, from a made-up world.

``with served(app(World(seed=1, commits=60))) as url:`` answers there what HUD does at
``/api/...``, its log stores at ``/log/...`` and ``/temp_logs/...``.
``World.stories`` is the truth about what went wrong there.
"""
