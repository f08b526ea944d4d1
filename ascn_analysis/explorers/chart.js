// What the explorers' scripts share to draw. The library comes from a widget of its own, once a page (see library.py).
async function library(model) {
  globalThis.ascnLibrary ??= model.widget_manager.get_model(model.get("library").slice("IPY_MODEL_".length)).then((kept) => {
    const address = URL.createObjectURL(new Blob([kept.get("script")], { type: "text/javascript" }));
    return import(address).then((module) => module.default).finally(() => URL.revokeObjectURL(address));
  }).catch((problem) => { globalThis.ascnLibrary = undefined; throw problem; });
  return globalThis.ascnLibrary;
}

function tooltip(handler, event, item, value) {
  let tip = document.getElementById("ascn-tip");
  if (!tip) {
    tip = element("div", { id: "ascn-tip", role: "tooltip" });
    document.body.append(tip);
  }
  tip.hidden = value === null || value === undefined || value === "";
  if (tip.hidden) return;
  tip.textContent = typeof value === "string" ? value : Object.entries(value).map((pair) => pair.join(": ")).join("\n");
  tip.style.left = `${Math.max(4, Math.min(event.clientX + 12, document.documentElement.clientWidth - tip.offsetWidth - 8))}px`;
  tip.style.top = `${event.clientY + 14}px`;
}

function chart(vega, spec, container) {
  const view = new vega.View(vega.parse(spec, null, { ast: true }), {
    expr: vega.expressionInterpreter, renderer: "svg", hover: true, logLevel: 1,
  });
  return view.tooltip(tooltip).initialize(container);
}

// What is drawn anew under the pointer no longer says what the tooltip says.
function hideTip() {
  const tip = document.getElementById("ascn-tip");
  if (tip) tip.hidden = true;
}

// Vega calls a group without marks a symbol, which a screen reader would announce without a name.
function quiet(container) {
  for (const group of container.querySelectorAll('g[role="graphics-symbol"]:not([aria-label])')) {
    group.removeAttribute("role");
    group.removeAttribute("aria-roledescription");
  }
}
