"""The page in a real browser: what planners do first, by role and label; no request leaves the machine."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
pytest.importorskip("fastapi", reason="the extra satqn[web] is not installed")

from satqn.server.serve import page_folder  # noqa: E402 - only where its extra is

CHROMIUM = shutil.which("chromium")
ARGUMENTS = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
             "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
    pytest.mark.skipif(page_folder() is None, reason="the page is not installed: pip install ./web"),
]


@pytest.fixture
def address(tmp_path):
    command = [sys.executable, "-m", "satqn", "serve", "--port", "0", "-o", str(tmp_path / "served")]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        yield server.stdout.readline().strip()
    finally:
        server.terminate()
        server.wait(60)


def test_plan_look_change_and_compare(address):
    with playwright.sync_playwright() as machine:
        browser = machine.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.set_default_timeout(240_000)
        asked, faults = [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(address)
        page.get_by_role("button", name="Plan metro-pair").click()
        page.wait_for_function("() => window.satqn && satqn.snapshot().links > 0")
        first = page.evaluate("() => satqn.state().job")
        page.get_by_label("Find", exact=True).fill("Manh")
        page.keyboard.press("Enter")
        assert page.get_by_role("heading", name="Manhattan").is_visible()
        page.get_by_role("button", name="Next slot").click()
        page.wait_for_function("() => satqn.snapshot().slot === 1")
        page.get_by_role("tab", name="Demands").click()
        page.get_by_role("row").nth(1).get_by_role("button").click()
        assert page.get_by_role("heading", name="Why not more").is_visible()
        page.get_by_role("tab", name="Change").click()
        page.get_by_label("Find a key").fill("slot s")
        field = page.get_by_label("time › slot s")
        field.fill("-3")
        field.press("Tab")
        page.get_by_role("button", name="Stop with the best plan so far").wait_for(state="detached")
        page.get_by_role("button", name="Plan again").click()
        page.get_by_text("-3 is too small").wait_for()
        page.get_by_label("time › slot s").fill("1200")
        page.get_by_label("time › slot s").press("Tab")
        page.get_by_role("button", name="Plan again").click()
        page.wait_for_function("old => satqn.state().job !== old", arg=first)
        page.get_by_role("tab", name="Compare").click()
        page.get_by_label("Compare with").select_option(value=first)
        page.get_by_text("more here", exact=True).first.wait_for()
        page.wait_for_timeout(400)  # the address follows after 0.2 s
        again = browser.new_page()
        again.goto(page.url)
        again.wait_for_function("() => window.satqn && satqn.snapshot().links > 0")
        assert again.evaluate("() => satqn.state().job") == page.evaluate("() => satqn.state().job")
        assert again.evaluate("() => satqn.state().tab") == "compare"
        assert faults == []
        assert {url.split("/")[2] for url in asked if not url.startswith(("blob:", "data:"))} == {
            address.split("/")[2]
        }
        browser.close()
