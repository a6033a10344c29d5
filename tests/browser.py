"""A real browser for tests: Chromium of the system, headless, driven by playwright's client

`browser` is the process, one for the tests of a module. `open_page(url, width=390, dark=True)` opens a page in it
that reaches nothing but this machine; at the end of the test what went wrong in any page of it fails the test."""
import os, shutil
from urllib.parse import urlsplit
import pytest
from tests import assets
from tests.events import patience

names = 'chromium', 'chromium-browser', 'google-chrome', 'chrome'
sizes = {1280: 800, 390: 844}  # width and height of a desktop's window and of a phone

def chromium():
    "Chromium's path: what CHROMIUM names, else the first of its names on PATH"
    path = os.environ.get('CHROMIUM') or next(filter(None, map(shutil.which, names)), None)
    if path: return path
    raise assets.AssetUnavailable('no Chromium is on PATH: apt-get install chromium (or name one: CHROMIUM=/path/to/it)')

# not for the session: as long as playwright is there, its event loop counts as this thread's, and nobody else can run one
@pytest.fixture(scope='module')
def browser():
    "Chromium, headless. Where it cannot be had, tests that ask for it are skipped with the reason, and in CI fail"
    path = assets.need(chromium)
    from playwright.sync_api import sync_playwright
    with sync_playwright() as p:
        process = p.chromium.launch(executable_path=path, timeout=1000*patience)
        yield process
        process.close()

def is_local(url):
    "Does `url` stay on this machine?"
    parts = urlsplit(url)
    return parts.scheme in ('file', 'data', 'blob', 'about') or parts.hostname in ('127.0.0.1', 'localhost', '::1')

@pytest.fixture
def open_page(browser):
    "A function that opens pages. Errors of scripts, and files that are not on this machine, fail the test at its end"
    contexts,wrong = [],[]
    def guard(route):
        if is_local(route.request.url): return route.continue_()
        wrong.append(f'it asks for {route.request.url}')
        route.abort()
    def open_page(
        url, # Where to go
        width=1280, # Of the window; 390 is a phone, which is touched
        dark=False, # Does the system ask for a dark page?
        **options # Of playwright's `new_context`
    ):
        phone = dict(is_mobile=True, has_touch=True, device_scale_factor=2) if width < 600 else {}
        view = dict(width=width, height=sizes.get(width, 800))
        scheme = 'dark' if dark else 'light'
        context = browser.new_context(viewport=view, color_scheme=scheme, **phone | options)
        context.set_default_timeout(1000*patience)
        contexts.append(context)
        context.route('**/*', guard)
        page = context.new_page()
        page.on('pageerror', lambda e: wrong.append(f'a script failed: {e}'))
        page.goto(url)
        return page
    yield open_page
    for o in contexts: o.close()
    assert not wrong, wrong

def too_wide(page):
    "What sticks out of the window sideways, so that a reader would have to scroll"
    return page.evaluate('''() => {
      const most = document.documentElement.clientWidth
      if (document.documentElement.scrollWidth <= most) return []
      return [...document.body.querySelectorAll('*')].filter(o => o.getBoundingClientRect().right > most+1)
                                                     .map(o => o.outerHTML.slice(0, 80))
    }''')

def hard_to_read(page):
    "Texts whose colour differs from what lies behind them by less than 4.5 to 1, which WCAG asks of small letters"
    return page.evaluate('''() => {
      const parts = colour => { const found = colour.match(/[\\d.]+/g).map(Number); return found.length < 4 ? [...found, 1] : found }
      const over = (a, b) => [0, 1, 2].map(i => a[i]*a[3] + b[i]*(1-a[3]))
      const around = o => o ? [o, ...around(o.parentElement)] : []
      const light = colour => colour.map(o => o/255).map(o => o <= .03928 ? o/12.92 : ((o+.055)/1.055)**2.4)
                                    .reduce((sum, o, i) => sum + o*[.2126, .7152, .0722][i], .05)
      const wrong = new Set(), texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
      while (texts.nextNode()) {
        const o = texts.currentNode.parentElement, style = getComputedStyle(o)
        if (!texts.currentNode.data.trim() || !o.checkVisibility() || /SCRIPT|STYLE/.test(o.tagName)) continue
        const behind = around(o).map(o => parts(getComputedStyle(o).backgroundColor)).reduceRight((b, a) => over(a, b), [255, 255, 255])
        const opacity = around(o).reduce((x, o) => x*getComputedStyle(o).opacity, 1), own = parts(style.color)
        const pair = [light(over([...own.slice(0, 3), own[3]*opacity], behind)), light(behind)]
        if (Math.max(...pair)/Math.min(...pair) < 4.5) wrong.add(o.outerHTML.slice(0, 80))
      }
      return [...wrong]
    }''')
