"""A notebook in JupyterLab for real, in a headless browser, every network but the server's own cut off."""

import json
import random
import re
import tempfile
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest
from browsing import ARGUMENTS

CHECKOUT = Path(__file__).parent.parent
SHOTS = CHECKOUT / "_artefacts"
AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
WIDE, NARROW = {"width": 1400, "height": 1000}, {"width": 900, "height": 1000}
OPEN = """async path => {
  await jupyterapp.restored;
  const sheet = await jupyterapp.commands.execute("docmanager:open", {path, factory: "Notebook"});
  await sheet.context.ready;
  await sheet.revealed;
  await sheet.sessionContext.ready;
  for (let i = 0; i < 600; i++) {
    const kernel = sheet.sessionContext.session?.kernel;
    if (kernel?.connectionStatus === "connected" && kernel.status === "idle") return;
    await new Promise(done => setTimeout(done, 50));
  }
  throw new Error("the kernel is not ready");
}"""
# What the widgets of the notebook tell its kernel, each until the kernel says that it is done with it. JupyterLab gives such messages
# to a thread of their own: what the kernel answers to a cell tells nothing of them.
HEARD = """() => {
  const kernel = jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  if (kernel.ascnTold === undefined) {
    kernel.ascnTold = new Set();
    kernel.anyMessage.connect((_, {direction, msg}) => {
      if (direction === "send" && msg.header.msg_type === "comm_msg") kernel.ascnTold.add(msg.header.msg_id);
      if (msg.header.msg_type === "status" && msg.content.execution_state === "idle") kernel.ascnTold.delete(msg.parent_header.msg_id);
    });
    kernel.statusChanged.connect((_, status) => { if (status === "restarting") kernel.ascnTold.clear(); });
  }
  return kernel.ascnTold.size === 0;
}"""
ASK = """async code => {
  const kernel = jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  let said = "", fault = null;
  const asked = kernel.requestExecute({code, store_history: false});
  asked.onIOPub = message => {
    if (message.header.msg_type === "stream") said += message.content.text;
    if (message.header.msg_type === "error") fault = message.content.ename + ": " + message.content.evalue;
  };
  await asked.done;
  if (fault) throw new Error(fault);
  return said;
}"""
ALIVE = "from ipywidgets.widgets.widget import _instances; print(len(_instances))"


def one_notebook(*sources):
    cells = [nbformat.v4.new_code_cell(source, id=f"c-{i}") for i, source in enumerate(sources, start=1)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return notebook


class Sheet:
    """A notebook that is open in the browser; `explorer` is what its kernel calls the explorer."""

    def __init__(self, page, explorer="explorer"):
        self.page, self.explorer = page, explorer

    def ask(self, code):
        """Run some code in the kernel, past the notebook, and return what it prints."""
        return self.page.evaluate(ASK, code).strip()

    def command(self, name):
        self.page.evaluate("name => { jupyterapp.commands.execute(name); }", name)

    def run(self):
        self.command("notebook:run-all-cells")
        self.page.wait_for_function(
            "() => jupyterapp.shell.currentWidget.content.widgets.some(cell => cell.prompt === '*')"
        )
        self.page.wait_for_function(
            "() => jupyterapp.shell.currentWidget.content.widgets.every(cell => cell.model.type !== 'code' || /[0-9]/.test(cell.prompt))",
            timeout=90_000,
        )

    def settle(self):
        """Wait until the kernel has taken in all that was clicked, and the drawings show what it said last."""
        self.page.wait_for_function(HEARD, timeout=60_000)
        before, told = None, self.revision()
        while told != before:
            self.page.wait_for_function(
                "told => Number(document.querySelector('.ascn-views').dataset.revision) >= told", arg=told
            )
            before, told = told, self.revision()

    def revision(self):
        return int(self.ask(f"print({self.explorer}._views.state['revision'])"))

    def press(self, title):
        self.page.locator(f'button[title="{title}"]').click()
        self.settle()

    def box(self, label):
        return self.page.get_by_label(re.compile(rf"^{re.escape(label)} \("))

    def toggle(self, *labels):
        for label in labels:
            self.box(label).click()
        self.settle()

    def says(self, wanted):
        """Check the message, once the kernel has taken in what was clicked."""
        self.settle()
        assert self.message() == wanted, (self.message(), wanted)

    def message(self):
        return self.page.locator(".ascn-message").inner_text()

    def drawn(self, view):
        """Return label to number as drawn beside the bars, checked against what the bars say and how long they are."""
        found = self.page.evaluate(
            """view => {
              const figure = document.querySelector(`[data-view="${view}"]`), across = view !== "growth";
              const texts = selector => Array.from(figure.querySelectorAll(selector), node => node.textContent);
              return [texts(".role-axis-label text"), texts(".role-mark.mark-text text"),
                Array.from(figure.querySelectorAll(".role-mark.mark-rect path"), bar => {
                  const box = bar.getBBox();
                  return [bar.getAttribute("aria-label"), across ? box.width : box.height];
                })];
            }""",
            view,
        )
        labels, numbers, bars = found
        spoken = [label.removesuffix(", not chosen").rpartition(": ") for label, _ in bars]
        assert [(name, number) for name, _, number in spoken] == list(zip(labels, numbers, strict=True))
        longest = max(int(number) for number in numbers) or 1
        scale = max(length for _, length in bars) / longest
        assert [length for _, length in bars] == pytest.approx([int(n) * scale for n in numbers], abs=1)
        return {name: int(number) for name, _, number in spoken}

    def chosen(self, view):
        """Return the labels of the bars that are not pale."""
        labels = self.page.locator(f'[data-view="{view}"] .role-mark path[aria-label]').evaluate_all(
            "bars => bars.map(bar => bar.getAttribute('aria-label'))"
        )
        return [label.rpartition(":")[0] for label in labels if not label.endswith(", not chosen")]

    def click_bar(self, label, **how):
        self.page.locator(f'.ascn-view path[aria-label^="{label}:"]').click(**how)
        self.settle()

    def shoot(self, name, target=".ascn-views"):
        SHOTS.mkdir(exist_ok=True)
        self.page.locator(".jp-OutputArea-output").filter(has=self.page.locator(target)).first.evaluate(
            "output => output.scrollIntoView({block: 'start'})"
        )
        self.page.screenshot(path=SHOTS / f"explorer-{name}.png")
        assert (SHOTS / f"explorer-{name}.png").stat().st_size > 20_000


@pytest.fixture(scope="module")
def folder():
    """A folder for notebooks and lists where JupyterLab can see it, taken away afterwards."""
    SHOTS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=SHOTS, prefix="lab-") as name:
        yield Path(name)


@pytest.fixture(scope="module")
def visit(lab, chromium, folder, tmp_path_factory):
    """Return a function that opens a notebook of the folder in a window of its own; its kernel ends with it.

    The page comes with `faults`: errors of the console and of scripts, dialogs, requests to elsewhere.
    """
    from playwright.sync_api import sync_playwright

    address, token = lab

    def end_kernels():
        with urllib.request.urlopen(f"{address}/api/sessions?token={token}", timeout=30) as answer:
            sessions = json.load(answer)
        for session in sessions:
            if session["path"] not in open_now:
                path = f"{address}/api/sessions/{session['id']}?token={token}"
                urllib.request.urlopen(urllib.request.Request(path, method="DELETE"), timeout=30).close()

    def only_local(route):
        outside = not route.request.url.startswith((address, "data:", "blob:"))
        if outside:
            faults_of_all.append(f"asked {route.request.url}")
        route.abort() if outside else route.continue_()

    faults_of_all, open_now = [], set()
    with sync_playwright() as driver:
        browser = driver.chromium.launch_persistent_context(
            tmp_path_factory.mktemp("profile"), executable_path=chromium, headless=True, args=ARGUMENTS, viewport=WIDE
        )
        browser.route("**/*", only_local)

        @contextmanager
        def opened(name, notebook=None, explorer="explorer"):
            if notebook is not None:
                nbformat.write(notebook, folder / name)
            page, path = browser.new_page(), f"{folder.relative_to(CHECKOUT)}/{name}"
            page.faults = faults_of_all
            page.on("console", lambda said: said.type == "error" and faults_of_all.append(said.text))
            page.on("pageerror", lambda error: faults_of_all.append(str(error)))
            page.on("dialog", lambda dialog: (faults_of_all.append(f"dialog {dialog.message}"), dialog.dismiss()))
            open_now.add(path)
            try:
                # A workspace of its own, so that no window opens what another one had open.
                page.goto(
                    f"{address}/lab/workspaces/{Path(name).stem}-{random.randrange(10**9)}/tree/{path}?token={token}"
                )
                page.wait_for_function("() => window.jupyterapp?.shell.currentWidget?.context", timeout=60_000)
                page.evaluate(OPEN, path)
                page.evaluate(HEARD)
                yield Sheet(page, explorer)
            finally:
                page.close(run_before_unload=False)
                open_now.discard(path)
                end_kernels()

        yield opened
        browser.close()


def violations(sheet, target):
    """Return what Axe finds in the outputs that hold an explorer; JupyterLab's own frame around them is not looked at."""
    sheet.page.evaluate(AXE)
    # The body of JupyterLab's page is 0 pixels high, for which Axe takes all text in it for hidden.
    sheet.page.evaluate("() => { document.body.style.height = '100vh'; }")
    found = sheet.page.evaluate(
        """target => axe.run({include: [[`.jp-OutputArea-output:has(${target})`]]}, {preload: false}).then(result => [
          result.violations.map(v => [v.id, v.nodes.map(node => node.html.slice(0, 200))]),
          result.passes.filter(rule => rule.id === "color-contrast").flatMap(rule => rule.nodes).length])""",
        target,
    )
    assert found[1] > 10, "Axe looked at the contrast of hardly anything"
    return found[0]
