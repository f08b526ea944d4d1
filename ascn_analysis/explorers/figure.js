// One figure in the browser, drawn aside and then put in the place of the one before, so that nothing flickers.
async function render({ model, el }) {
  el.classList.add("ascn-figure");
  const message = element("p", { role: "status", class: "ascn-nothing", hidden: "" });
  const box = element("div", { class: "ascn-chart" });
  el.append(message, box);
  const vega = await library(model);
  let shown = null, last = Promise.resolve();
  const stale = (state) => state.revision !== model.get("state").revision;
  const draw = async (state) => {
    if (stale(state)) return;
    const stage = element("div"), next = state.chart && chart(vega, state.chart, stage);
    if (next) await next.runAsync();
    if (stale(state)) { if (next) next.finalize(); return; }
    quiet(stage);
    hideTip();
    box.replaceChildren(stage);
    if (shown) shown.finalize();
    shown = next;
    message.textContent = state.message;
    message.hidden = !state.message;
    // What scrolls can be reached by keyboard.
    if (box.scrollWidth > box.clientWidth) box.setAttribute("tabindex", "0");
    else box.removeAttribute("tabindex");
    el.dataset.revision = state.revision;
  };
  const update = () => {
    const state = model.get("state");
    last = last.then(() => draw(state)).catch((problem) => console.error(problem));
  };
  model.on("change:state", update);
  update();
  return () => {
    model.off("change:state", update);
    if (shown) shown.finalize();
  };
}

export default { render };
