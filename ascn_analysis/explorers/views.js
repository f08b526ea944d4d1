// The linked views in the browser: Vega draws, the kernel counts.
const MOVED = 5; // pixels from which a press is a brush and no click

// Every mark that stands for a value of a dimension, with its place on the screen.
function marks(figure) {
  const found = [];
  for (const node of figure.querySelectorAll("svg .role-mark path")) {
    const datum = node.__data__ && node.__data__.datum;
    if (datum && datum.key !== undefined) found.push({ key: datum.key, box: node.getBoundingClientRect() });
  }
  return found;
}

function hits(figure, box) {
  return marks(figure).filter((mark) => {
    const x = (mark.box.left + mark.box.right) / 2, y = (mark.box.top + mark.box.bottom) / 2;
    return x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
  }).map((mark) => mark.key);
}

// A press that moves draws a rectangle and chooses what lies in it; one that does not chooses the mark under it.
function listen(figure, choose) {
  const brush = element("div", { class: "ascn-brush", hidden: "" });
  figure.append(brush);
  let from = null;
  const rectangle = (event) => ({
    left: Math.min(from.x, event.clientX), right: Math.max(from.x, event.clientX),
    top: Math.min(from.y, event.clientY), bottom: Math.max(from.y, event.clientY),
  });
  const moved = (event) => Math.hypot(event.clientX - from.x, event.clientY - from.y) > MOVED;
  figure.addEventListener("pointerdown", (event) => {
    if (event.button === 0 && event.target.closest("svg")) from = { x: event.clientX, y: event.clientY, node: event.target };
  });
  figure.addEventListener("pointermove", (event) => {
    if (!from || !moved(event)) return;
    if (brush.hidden) figure.setPointerCapture(event.pointerId);
    const box = rectangle(event), frame = figure.getBoundingClientRect();
    brush.hidden = false;
    Object.assign(brush.style, {
      left: `${box.left - frame.left}px`, top: `${box.top - frame.top}px`,
      width: `${box.right - box.left}px`, height: `${box.bottom - box.top}px`,
    });
  });
  figure.addEventListener("pointerup", (event) => {
    if (!from) return;
    const datum = from.node.__data__ && from.node.__data__.datum;
    if (moved(event)) choose("brush", hits(figure, rectangle(event)), event);
    else if (datum && datum.key !== undefined) choose("click", [datum.key], event);
    brush.hidden = true;
    from = null;
  });
  figure.addEventListener("pointercancel", () => { brush.hidden = true; from = null; });
}

function draw(name, spec, vega, model, el) {
  const figure = element("figure", { class: "ascn-view", "data-view": name });
  const caption = element("figcaption");
  const box = element("div", { class: "ascn-chart", role: "img" });
  const none = element("p", { class: "ascn-none", hidden: "" }, "no data");
  figure.append(caption, box, none);
  el.append(figure);
  const view = chart(vega, spec, box);
  listen(figure, (gesture, keys, event) => {
    model.send({ kind: "choose", view: name, gesture, keys, add: event.shiftKey || event.ctrlKey || event.metaKey });
  });
  const fill = (state) => {
    caption.textContent = state.title;
    box.setAttribute("aria-label", state.alt);
    none.hidden = !state.empty;
    return view.data(name, state.rows.map((row) => ({ ...row }))).runAsync();
  };
  return { fill, stop: () => view.finalize() };
}

async function render({ model, el }) {
  el.classList.add("ascn-views");
  const message = element("p", { class: "ascn-message", role: "status" });
  const grid = element("div", { class: "ascn-grid" });
  const foot = element("p", { class: "ascn-foot" });
  el.append(message, grid, foot);
  const vega = await library(model);
  const charts = model.get("charts");
  const views = {};
  for (const name of model.get("order")) views[name] = draw(name, charts[name], vega, model, grid);
  let last = Promise.resolve();
  const update = () => {
    const state = model.get("state");
    // Text first: it needs no drawing. `data-revision` tells when the drawings show what the text says.
    if (message.textContent !== state.message) message.textContent = state.message;
    foot.textContent = state.foot;
    message.classList.toggle("ascn-nothing", state.nothing);
    last = last.then(() => {
      if (state.revision !== model.get("state").revision) return undefined;
      return Promise.all(Object.keys(views).map((name) => views[name].fill(state.views[name])));
    }).then(() => { el.dataset.revision = state.revision; });
  };
  model.on("change:state", update);
  update();
  return () => {
    model.off("change:state", update);
    for (const name in views) views[name].stop();
  };
}

export default { render };
