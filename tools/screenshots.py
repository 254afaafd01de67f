"""Pictures of the main pages, wide and narrow, in both languages, from the simulated company into tmp/screenshots."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "benches"))
from company import BIHUAN, company_home, server  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

#: A question of each kind that the simulated company has an answer to.
QUESTIONS = {
    "trend": "kind: trend\nmeasure: people\nperiod: {last: 56d}",
    "trend-by": "kind: trend\nmeasure: accounts\nevery: week\nby: account.tier\nperiod: {last: 84d}",
    "funnel": "kind: funnel\nsteps: [signed_in, dashboard_viewed, report_created, report_exported]\nperiod: {last: 56d}",
    "retention": "kind: retention\nevery: week\nperiods: 8\nperiod: {last: 84d}",
    "stickiness": "kind: stickiness\nperiod: {last: 28d}",
    "lifecycle": "kind: lifecycle\nunit: account\nevery: week\nperiod: {last: 84d}",
    "path": "kind: path\nfrom: signed_in\nsteps: 5\nperiod: {last: 28d}",
    "process": "kind: process\nunit: account\nevents: {events: [project_created, member_invited, report_created, "
    "report_exported]}\nshow: follows\nperiod: {last: 84d}",
    "attribution": "kind: attribution\nunit: account\ntouch: {events: [dashboard_viewed, comment_added]}\n"
    "conversion: report_exported\nmodel: position\nwithin: 14d\nperiod: {last: 56d}",
    "experiment": "kind: experiment\nexperiment: report-page",
    "segment": "kind: segment\nunit: account\nsegment: account.tier == 'S'\ncompare: rest",
    "survival": "kind: survival\nunit: account\nstart: contract\nend: contract\nby: account.tier",
    "cluster": "kind: cluster\nunit: account\nmeasures: [m.active_people, m.active_days, m.features]",
    "tree": "kind: tree\nunit: account\ndid: account.stage == 'lost'\ncolumns: [account.size, account.tier, account.industry]",
    "revenue": "kind: revenue\nevery: month\nperiod: {last: 365d}",
    "tickets": "kind: tickets\nby: priority",
    "health": "kind: health",
}
PAGES = {
    "workbench": "/",
    "customers": "/accounts/",
    "customer": "/accounts/5/",
    "events": "/events/",
    "health-model": "/health/",
    "experiments": "/experiments/",
    "new-experiment": "/experiments/new/",
    "experiment-running": "/experiments/of/guided-start/",
    "experiment-stopped": "/experiments/of/report-page/",
    "metrics": "/metrics/",
    "all-metrics": "/metrics/all/",
    "metric": "/metrics/of/events/",
    "products": "/products/",
    "product": "/products/1/",
    "signals": "/signals/",
    "annotations": "/annotations/",
    "segments": "/segments/",
    "new-segment": "/segments/new/",
    "questions": "/questions/",
    "dashboards": "/dashboards/",
    "contracts": "/contracts/",
    "tickets": "/tickets/",
    "jobs": "/jobs/",
} | {f"explore-{name}": f"/explore/?{urlencode({'q': text})}" for name, text in QUESTIONS.items()}
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
                    page.screenshot(path=target / f"{name}-{size}-{language}.png", full_page=True)
        browser.close()
    print(
        f"{len(list(target.glob('*.png')))} pictures in {target.relative_to(ROOT)}, {bad} page(s) did not answer"
    )
    return bad


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
