"""Every template must compile, and hold nothing that the Content-Security-Policy refuses."""

import os
import re
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REFUSED = {
    r"<script(?![^>]*\b(src=|type=\"application/json\"))": "inline script",
    r"\sstyle\s*=": "inline style",
    r"\son[a-z]+\s*=\s*[\"']": "inline handler",
    r"<style\b": "inline style sheet",
    r"(src|href)\s*=\s*[\"'](https?:)?//": "address outside this server",
    r"\|safe\b": "unescaped value",
    r"hx-on": "inline handler",
}


def main() -> int:
    """Problems, printed; their number."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bihuan.config.settings")
    os.environ.setdefault("BIHUAN_HOME", tempfile.mkdtemp())
    import django
    from django.template import TemplateSyntaxError, engines

    django.setup()
    problems, count = [], 0
    for path in sorted((ROOT / "bihuan").glob("**/templates/**/*.html")):
        count += 1
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(ROOT)
        try:
            engines["django"].from_string(text)
        except TemplateSyntaxError as error:
            problems.append(f"{name}: {error}")
        for pattern, what in REFUSED.items():
            for found in re.finditer(pattern, text):
                problems.append(f"{name}:{text.count(chr(10), 0, found.start()) + 1}: {what}")
    for problem in problems:
        print(problem)
    print(f"{count} templates, {len(problems)} problem(s)")
    return len(problems)


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
