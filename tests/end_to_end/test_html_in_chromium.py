"""The report's page as people use it: seen, pointed at, focused, sorted, printed, in the dark."""

import shutil
from collections.abc import Iterator

import pytest
from tests.fixtures.results import CASES

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
from selenium.webdriver import ActionChains, Keys  # noqa: E402
from selenium.webdriver.chrome.service import Service  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="chromium or chromedriver is not installed"
)
FLAGS = (
    "headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-sync",
    "disable-background-networking", "disable-component-update", "disable-dev-shm-usage",
)  # fmt: skip
WIDTHS = (1280, 400)

# All text that is seen: [text, left, right, contrast against what is painted behind it].
SEEN_TEXT = """
const channel = (v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
const rgba = (text) => {
  const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number);
  return { r, g, b, a };
};
const luminance = ({ r, g, b }) =>
  0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
const behind = (element) => {
  for (let e = element; e; e = e.parentElement) {
    const paint = rgba(getComputedStyle(e).backgroundColor);
    if (paint.a === 1) return paint;
  }
  throw new Error("nothing is painted behind the page");
};
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const seen = [];
for (let node = walk.nextNode(); node; node = walk.nextNode()) {
  const element = node.parentElement;
  if (!node.data.trim() || element.closest("script, style, .unseen, [hidden]")) continue;
  const range = document.createRange();
  range.selectNodeContents(node);
  const box = range.getBoundingClientRect();
  if (box.width === 0) continue;
  const style = getComputedStyle(element);
  const ink = rgba(element instanceof SVGElement ? style.fill : style.color);
  const lights = [luminance(ink), luminance(behind(element))].sort((a, b) => b - a);
  seen.push([node.data.trim(), box.left, box.right, (lights[0] + 0.05) / (lights[1] + 0.05)]);
}
return seen;
"""
# Marks and boxes that stick out of the window, or hide a part of what they hold.
CUT_OFF = """
const width = document.documentElement.clientWidth;
const cut = [];
for (const e of document.body.querySelectorAll("*")) {
  if (e.closest("script, style, .unseen, [hidden]")) continue;
  const box = e.getBoundingClientRect();
  const name = `${e.tagName}.${e.getAttribute("class") || ""}`;
  if (box.width > 0 && (box.left < -0.5 || box.right > width + 0.5)) cut.push(name);
  const style = getComputedStyle(e);
  if (style.overflowX !== "visible" && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0)
    cut.push(`hidden in ${name}`);
}
return cut;
"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("pages")
    return {name: make().report(folder / f"{name}.html").as_uri() for name, make in CASES.items()}


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    profile = tmp_path_factory.mktemp("profile")
    for flag in (*FLAGS, f"user-data-dir={profile}", "window-size=1280,900"):
        options.add_argument(f"--{flag}")
    chrome = webdriver.Chrome(options=options, service=Service(str(DRIVER)))
    yield chrome
    chrome.quit()


@pytest.fixture
def show(browser: webdriver.Chrome, pages: dict[str, str]):
    """Open a page as wide as this, in light or dark, on a screen or on paper."""

    def opened(name: str, *, width: int = 1280, scheme: str = "light", media: str = "screen"):
        browser.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600},
        )
        browser.execute_cdp_cmd(
            "Emulation.setEmulatedMedia",
            {"media": media, "features": [{"name": "prefers-color-scheme", "value": scheme}]},
        )
        browser.get(pages[name])
        return browser

    yield opened
    assert browser.get_log("browser") == []


def column(page: webdriver.Chrome, name: str) -> list[str]:
    cells: list[str] = page.execute_script(
        "return [...document.querySelectorAll(arguments[0])].map((cell) => cell.textContent)",
        f".trials tbody .{name}",
    )
    return cells


def tip(page: webdriver.Chrome) -> str:
    return page.find_element(By.ID, "tip").text


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", CASES)
def test_nothing_is_cut_off_and_nothing_scrolls_sideways(show, name, width):
    page = show(name, width=width)
    inside, needed = page.execute_script(
        "const e = document.documentElement; return [e.clientWidth, e.scrollWidth]"
    )
    assert needed <= inside <= width
    assert page.execute_script(CUT_OFF) == []
    texts = page.execute_script(SEEN_TEXT)
    assert len(texts) > 50
    assert [text for text, left, right, _ in texts if left < 0 or right > inside] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["explained", "either_hurts", "not_reproduced"])
def test_all_text_is_legible_in_light_and_dark(show, name, scheme):
    page = show(name, scheme=scheme)
    dark = page.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, dark[4:-1].split(","))) < 200) == (scheme == "dark")
    faint = [(text, round(c, 2)) for text, _, _, c in page.execute_script(SEEN_TEXT) if c < 4.5]
    assert faint == []


def test_a_heading_sorts_the_table_both_ways_and_failures_stay_last(show):
    page = show("explained")
    head = page.find_element(By.CSS_SELECTOR, "th.metric")
    failures = sum(shown == "crashed" for shown in column(page, "metric"))
    assert failures > 0
    for direction, reverse in (("ascending", False), ("descending", True)):
        head.find_element(By.TAG_NAME, "button").click()
        assert head.get_attribute("aria-sort") == direction
        shown = column(page, "metric")
        values = [float(value) for value in shown[:-failures]]
        assert values == sorted(values, reverse=reverse)
        assert set(shown[-failures:]) == {"crashed"}
        announced = page.find_element(By.ID, "announce").get_attribute("textContent")
        assert announced == f"sorted by metric, {direction}"
    sorts = page.find_elements(By.CSS_SELECTOR, ".trials th[aria-sort]:not([aria-sort=none])")
    assert len(sorts) == 1


def test_the_table_is_sorted_from_the_keyboard(show):
    page = show("explained", width=400)
    button = page.find_element(By.CSS_SELECTOR, "th.on button")
    page.execute_script("arguments[0].focus()", button)
    ActionChains(page).send_keys(Keys.ENTER).perform()
    words = column(page, "on")
    assert words[0] == "bad"
    assert words.index("good") < words.index("good with output")
    page.execute_script(
        "arguments[0].focus()", page.find_element(By.CSS_SELECTOR, "th.seed button")
    )
    ActionChains(page).send_keys(Keys.SPACE).perform()
    seeds = [int(seed) for seed in column(page, "seed")]
    assert seeds == sorted(seeds)


def test_pointing_at_a_mark_shows_its_numbers(show):
    page = show("explained")
    mark = page.find_element(By.CSS_SELECTOR, ".effects tr.culprit .mark")
    ActionChains(page).move_to_element(mark).perform()
    assert tip(page).splitlines()[0].startswith("output: \N{MINUS SIGN}")
    assert "culprit" in tip(page)
    box = page.find_element(By.ID, "tip").rect
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 1280
    ActionChains(page).move_by_offset(0, -300).perform()
    assert not page.find_element(By.ID, "tip").is_displayed()


@pytest.mark.parametrize("width", WIDTHS)
def test_every_picture_is_one_tab_stop_and_the_arrows_move_inside(show, width):
    page = show("explained", width=width)
    pictures = page.find_elements(By.CSS_SELECTOR, ".marks")
    assert len(pictures) == 4
    for picture in pictures:
        marks = picture.find_elements(By.CSS_SELECTOR, ".mark")
        assert [mark.get_attribute("tabindex") for mark in marks].count("0") == 1
        page.execute_script("arguments[0].focus()", marks[0])
        first = tip(page)
        assert first
        ActionChains(page).send_keys(Keys.ARROW_DOWN).perform()
        assert page.switch_to.active_element == marks[1]
        assert tip(page) != first
        ActionChains(page).send_keys(Keys.END).perform()
        assert page.switch_to.active_element == marks[-1]
        label = marks[-1].get_attribute("aria-label")
        assert tip(page).splitlines() == label.split("; ")
        ActionChains(page).send_keys(Keys.ESCAPE).perform()
        assert not page.find_element(By.ID, "tip").is_displayed()


def test_the_tab_key_reaches_pictures_headings_and_buttons(show):
    page = show("explained")
    page.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    reached = []
    for _ in range(15):
        active = page.switch_to.active_element
        reached.append((active.tag_name, active.get_attribute("class") or active.text))
        ActionChains(page).send_keys(Keys.TAB).perform()
    assert [kind for kind, _ in reached].count("g") == 4
    assert ("div", "scroll") in reached
    buttons = {text.strip("↕↑ ") for kind, text in reached if kind == "button"}
    assert {"trial", "what was on", "metric", "copy", "Save the data (JSON)"} <= buttons


def test_hostile_names_run_nothing(show):
    page = show("hostile")
    names = [e.text for e in page.find_elements(By.CSS_SELECTOR, ".effects .name")]
    assert any("<script>alert(1)</script>" in name for name in names)
    assert page.execute_script("return document.images.length") == 0
    assert page.execute_script("return document.querySelectorAll('b[onclick], i, u').length") == 0
    page.find_element(By.CSS_SELECTOR, "th.metric button").click()  # no alert is in the way


def test_the_data_in_the_page_is_the_result(show):
    page = show("hostile")
    data = page.execute_script("return JSON.parse(document.getElementById('data').textContent)")
    assert data["schema"] == "whydrop.explain/1"
    assert data["factors"][0]["name"] == "<script>alert(1)</script>"


def test_on_paper_every_trial_is_there_and_ink_is_dark(show):
    page = show("many", width=800, scheme="dark", media="print")
    hidden = page.execute_script(
        "const e = document.querySelector('.scroll'); return e.scrollHeight - e.clientHeight"
    )
    assert hidden <= 1
    assert page.execute_script("return getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert not page.find_element(By.CSS_SELECTOR, ".copy").is_displayed()


def test_the_page_is_complete_without_its_script(show, browser):
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        page = show("explained")
        assert len(page.find_elements(By.CSS_SELECTOR, ".trials tbody tr")) == 124
        assert len(page.find_elements(By.CSS_SELECTOR, ".effects .mark")) == 8
        assert not page.find_element(By.ID, "save").is_displayed()
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
