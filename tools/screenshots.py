"""Pictures of the main pages, wide and narrow, in both languages, from the simulated company into tmp/screenshots."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "benches"))
from company import BIHUAN, company_home, server  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

PAGES = {
    "workbench": "/",
    "customers": "/accounts/",
    "customer": "/accounts/5/",
    "events": "/events/",
    "health-model": "/health/",
    "experiments": "/experiments/",
    "new-experiment": "/experiments/new/",
    "product": "/products/1/",
    "signals": "/signals/",
    "contracts": "/contracts/",
    "tickets": "/tickets/",
    "jobs": "/jobs/",
}
SIZES = {"wide": (1440, 900), "narrow": (390, 844)}
LANGUAGES = ("zh-hans", "en")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def main() -> int:
    """The number of pages that did not answer 200."""
    home = company_home(accounts=300, events=1_200_000)
    target = ROOT / "tmp" / "screenshots"
    target.mkdir(parents=True, exist_ok=True)
    env = {**os.environ, "BIHUAN_HOME": str(home)}
    link = subprocess.run(
        [BIHUAN, "user", "link", "admin"], env=env, text=True, check=True, capture_output=True
    )
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    bad = 0
    with server(home) as port, sync_playwright() as play:
        base = f"http://127.0.0.1:{port}"
        browser = play.chromium.launch(executable_path=chromium, args=FLAGS)
        context = browser.new_context()
        page = context.new_page()
        page.goto(base + link.stdout.strip())
        page.click("button[type=submit]")
        for language in LANGUAGES:
            context.add_cookies([{"name": "django_language", "value": language, "url": base}])
            for size, (width, height) in SIZES.items():
                page.set_viewport_size({"width": width, "height": height})
                for name, path in PAGES.items():
                    answer = page.goto(base + path)
                    page.wait_for_load_state("networkidle")
                    bad += answer is None or answer.status != 200
                    page.screenshot(path=target / f"{name}-{size}-{language}.png")
        browser.close()
    print(
        f"{len(list(target.glob('*.png')))} pictures in {target.relative_to(ROOT)}, {bad} page(s) did not answer"
    )
    return bad


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
