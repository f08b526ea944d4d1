// A table of projects in the browser: the kernel sorts, searches and pages; rows arrive as text and stay text.
function heading(column, state, model) {
  const [key, rising] = state.sort || [];
  const sorted = key === column.key ? (rising ? "ascending" : "descending") : "none";
  const cell = element("th", { scope: "col", "aria-sort": sorted });
  const button = element("button", { type: "button" }, column.label);
  button.append(element("span", { "aria-hidden": "true" }, { ascending: " ▲", descending: " ▼", none: "" }[sorted]));
  button.addEventListener("click", () => model.send({ kind: "sort", key: column.key }));
  cell.append(button);
  return cell;
}

function filled(value) {
  const cell = element("td");
  // Only addresses of the web become links; whatever else a list holds is shown as text.
  if (value && typeof value === "object" && /^https?:\/\//.test(value.href)) {
    cell.append(element("a", { href: value.href, target: "_blank", rel: "noopener noreferrer" }, value.text));
  } else {
    cell.textContent = value && typeof value === "object" ? value.text : value;
  }
  return cell;
}

function render({ model, el }) {
  el.classList.add("ascn-table");
  const number = Math.random().toString(36).slice(2);
  const label = element("label", { for: `search-${number}` }, "Search ");
  const search = element("input", { type: "search", id: `search-${number}`, autocomplete: "off" });
  const said = element("span", { role: "status" });
  const tools = element("div", { class: "ascn-tools" });
  tools.append(label, search, said);
  const scroll = element("div", { class: "ascn-scroll", tabindex: "0", role: "region", "aria-label": "projects" });
  const table = element("table"), head = element("thead"), body = element("tbody");
  table.append(head, body);
  scroll.append(table);
  const back = element("button", { type: "button" }, "Previous"), on = element("button", { type: "button" }, "Next");
  const pages = element("div", { class: "ascn-tools" });
  pages.append(back, on);
  el.append(tools, scroll, pages);
  back.addEventListener("click", () => model.send({ kind: "page", page: model.get("state").page - 1 }));
  on.addEventListener("click", () => model.send({ kind: "page", page: model.get("state").page + 1 }));
  let waiting = 0;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => model.send({ kind: "search", text: search.value }), 150);
  });
  // The notebook must not take keys that are meant for the box.
  search.addEventListener("keydown", (event) => event.stopPropagation());
  const update = () => {
    const state = model.get("state");
    const focused = [...head.querySelectorAll("button")].indexOf(document.activeElement);
    const row = element("tr");
    row.append(...state.columns.map((column) => heading(column, state, model)));
    head.replaceChildren(row);
    if (focused >= 0) head.querySelectorAll("button")[focused].focus();
    body.replaceChildren(...state.rows.map((values) => {
      const line = element("tr");
      line.append(...values.map(filled));
      return line;
    }));
    said.textContent = state.said;
    back.disabled = state.page <= 1;
    on.disabled = state.page >= state.pages;
    pages.hidden = state.pages <= 1;
    if (document.activeElement !== search) search.value = state.search;
    el.dataset.revision = state.revision;
  };
  model.on("change:state", update);
  update();
  return () => model.off("change:state", update);
}

export default { render };
