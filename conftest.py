"""Root of the test run: every test lives in a folder of its own; the cast is at hand everywhere."""

import os
import tempfile

os.environ.setdefault("BIHUAN_HOME", tempfile.mkdtemp(prefix="bihuan-test-"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bihuan.config.settings")

pytest_plugins = ["tests.cast"]
