/* One country control drives every figure, table and sentence of a page. Without this script the page shows all countries. */
(function () {
  "use strict";
  var ALL = "all";
  var LINE = 22;  // pixels of the line that a saved picture has more
  var views = new Map();
  var searches = [];
  var select = document.getElementById("country");
  var notice = document.querySelector(".control .notice");
  var known = select ? Array.from(select.options, function (option) { return option.value; }).filter(Boolean) : [];

  document.documentElement.classList.add("scripted");
  document.querySelectorAll("[data-needs-script]").forEach(function (element) { element.hidden = false; });

  /* --- the state is in the address --- */

  function asked(key) {
    return new URLSearchParams(location.search).get(key);
  }

  function chosen() {
    var value = asked("country");
    return known.indexOf(value) >= 0 ? value : null;
  }

  function address(key, value) {
    var query = new URLSearchParams(location.search);
    if (value) { query.set(key, value); } else { query.delete(key); }
    var text = query.toString();
    return location.pathname + (text ? "?" + text : "") + location.hash;
  }

  /* The words looked for stand in the address as the country does, but a letter more is no step to go back to. */
  function keepWords(key, words) {
    try { history.replaceState(null, "", address(key, words)); } catch (refused) { /* then only this visit has them */ }
  }

  function remembered(input, key, find) {
    var restore = function () { input.value = asked(key) || ""; };
    restore();
    input.addEventListener("input", function () { keepWords(key, input.value); find(); });
    window.addEventListener("popstate", function () { restore(); find(); });
  }

  function name(country) {
    return country ? select.querySelector('option[value="' + country + '"]').textContent : "All countries";
  }

  /* --- what follows the control --- */

  function showTexts(country) {
    document.querySelectorAll(".follows").forEach(function (group) {
      var own = group.querySelector('[data-selection="' + (country || ALL) + '"]');
      Array.from(group.children).forEach(function (part) { part.hidden = part !== own; });
    });
  }

  function showRows(country) {
    document.querySelectorAll("tr[data-iso3]").forEach(function (row) {
      row.hidden = Boolean(country) && row.dataset.iso3 !== country;
    });
    document.querySelectorAll("tr[data-selection-row]").forEach(function (row) {
      row.hidden = row.dataset.selectionRow !== (country || ALL);
    });
    searches.forEach(function (find) { find(); });
    document.querySelectorAll("table").forEach(noteEmpty);
    countRows();
  }

  function countRows() {
    document.querySelectorAll("details.data").forEach(function (part) {
      part.querySelector(".rows").textContent = part.querySelectorAll("tbody > tr:not([hidden]):not(.unfound)").length;
    });
  }

  function noteEmpty(table) {
    var rows = Array.from(table.querySelectorAll("tbody > tr"));
    var empty = rows.length > 0 && rows.every(function (row) { return row.hidden || row.classList.contains("unfound"); });
    var note = table.parentElement.querySelector(".empty");
    if (empty && !note) {
      note = document.createElement("p");
      note.className = "empty";
      note.textContent = "Nothing is listed for this choice.";
      table.after(note);
    }
    if (note) { note.hidden = !empty; }
  }

  function showCharts(country) {
    return Promise.all(Array.from(views, function (entry) {
      return follow(entry[1], entry[0], country) ? redraw(entry[1]) : null;
    }));
  }

  /* Vega calls a group without marks one symbol, which a screen reader would announce without a name. */
  function redraw(view) {
    return view.runAsync().then(function () {
      var stage = view.container();
      if (!stage) { return; }
      stage.querySelectorAll('g[role="graphics-symbol"]:not([aria-label])').forEach(function (group) {
        group.removeAttribute("role");
        group.removeAttribute("aria-roledescription");
      });
    });
  }

  /* Tell a figure the country, unless it does not follow the control. Its description tells the numbers for all; for one country it
     says where they are. */
  function follow(view, id, country) {
    try { view.signal("country", country); } catch (missing) { return false; }
    var box = document.querySelector('[data-chart="' + id + '"]');
    box.dataset.whole = box.dataset.whole || view.description();
    view.description(country
      ? box.closest(".scroll").getAttribute("aria-label") + ": " + name(country) + ". The numbers stand in the data under the figure."
      : box.dataset.whole);
    return true;
  }

  /* A link to a page of analyses or lists carries the choice on, unless it names a country itself. Briefs and pages of cities have one. */
  var ofSite = /^((?:\.\.\/)?(?:notebooks\/)?\w+\.html)(\?country=[A-Z]{3})?(#.*)?$/;

  function keepInLinks(country) {
    document.querySelectorAll('a[href*=".html"]').forEach(function (link) {
      var parts = ofSite.exec(link.getAttribute("href"));
      if (!parts || (parts[2] && !link.dataset.kept)) { return; }
      link.dataset.kept = "true";
      link.setAttribute("href", parts[1] + (country ? "?country=" + country : "") + (parts[3] || ""));
    });
  }

  function apply(country) {
    var unknown = Boolean(asked("country")) && !country;
    document.documentElement.toggleAttribute("data-filtered", Boolean(country));
    if (select) { select.value = country || ""; }
    if (notice) {
      notice.textContent = unknown
        ? "The address asks for a country that is not known here; all countries are shown."
        : country ? "Shown: " + name(country) + ". What is marked “all countries” does not change." : "";
    }
    var choice = document.querySelector(".choice");
    if (choice) { choice.textContent = country ? "Shown: " + name(country) : ""; }
    var brief = document.querySelector(".control .brief");
    if (brief) {
      brief.hidden = !country;
      if (country) { brief.href = document.body.dataset.root + "countries/" + country + ".html"; }
    }
    showTexts(country);
    showRows(country);
    keepInLinks(country);
    return showCharts(country).then(function () { document.documentElement.dataset.shown = country || ALL; });
  }

  /* --- figures become interactive --- */

  function tooltip(handler, event, item, value) {
    var tip = document.getElementById("tip");
    if (!tip) {
      tip = document.createElement("div");
      tip.id = "tip";
      tip.setAttribute("role", "tooltip");
      document.body.append(tip);
    }
    tip.hidden = value === null || value === undefined || value === "";
    if (tip.hidden) { return; }
    tip.textContent = typeof value === "string" ? value : Object.keys(value).map(function (key) {
      return key + ": " + value[key];
    }).join("\n");
    var wide = document.documentElement.clientWidth;
    tip.style.left = Math.max(4, Math.min(event.clientX + 12, wide - tip.offsetWidth - 8)) + "px";
    tip.style.top = event.clientY + 14 + "px";
  }

  function withBoundaries(spec) {
    (spec.data || []).forEach(function (data) {
      if (data.values && data.values.boundaries) { data.values = window.ascnBoundaries[data.values.boundaries]; }
    });
    return spec;
  }

  function hydrate(box) {
    var id = box.dataset.chart;
    if (views.has(id)) { return Promise.resolve(); }
    var spec = withBoundaries(JSON.parse(document.getElementById("spec-" + id).textContent));
    var vega = window.ascnVega;
    var stage = document.createElement("div");
    var view = new vega.View(vega.parse(spec, null, { ast: true }), {
      expr: vega.expressionInterpreter, renderer: "svg", hover: true, logLevel: 1
    });
    view.tooltip(tooltip);
    views.set(id, view);
    follow(view, id, chosen());
    lookFor(view, id);
    return redraw(view.initialize(stage)).then(function () {
      box.replaceChildren(stage);
      box.dataset.live = "true";
    });
  }

  function hydrateAll() {
    var boxes = Array.from(document.querySelectorAll("[data-chart]"));
    if (!boxes.length) { document.documentElement.dataset.ready = "true"; return; }
    /* One figure at a time, so that the page answers in between. */
    boxes.reduce(function (before, box) {
      return before.then(function () { return hydrate(box); }).then(pause);
    }, fonts()).then(function () { document.documentElement.dataset.ready = "true"; });
  }

  /* A figure measures its words, and so needs their fonts first. */
  function fonts() {
    return Promise.all(["12px", "bold 12px"].map(function (size) {
      return document.fonts.load(size + ' "ASCN Sans"');
    })).catch(function () { /* the words are then measured in the font that stands in */ });
  }

  function pause() {
    return new Promise(function (done) { setTimeout(done, 0); });
  }

  function wordsIn(id) {
    var input = document.querySelector('[data-signal="' + id + '"]');
    return input ? input.value : "";
  }

  function lookFor(view, id) {
    return document.querySelector('[data-signal="' + id + '"]') ? view.signal("search", wordsIn(id)) : view;
  }

  document.querySelectorAll("[data-signal]").forEach(function (input) {
    var id = input.dataset.signal;
    function find() {
      if (views.has(id)) { redraw(lookFor(views.get(id), id)); }
      var words = input.value.toLowerCase();
      document.querySelectorAll('[data-figure="' + id + '"] tr[data-searched]').forEach(function (row) {
        row.classList.toggle("unfound", row.dataset.searched.indexOf(words) < 0);
      });
      countRows();
    }
    remembered(input, "q-" + id, find);
    find();
  });

  /* --- take it with you: exactly what is shown --- */

  function save(content, type, file) {
    var link = document.createElement("a");
    link.href = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type: type }));
    link.download = file;
    link.click();
    setTimeout(function () { URL.revokeObjectURL(link.href); }, 1000);
  }

  /* A file is named after the country that it is of; a figure that stands for all countries is of none. */
  function countryOf(base) {
    var figure = document.querySelector('[data-name="' + base + '"], [data-chart="' + base + '"]').closest("figure");
    return figure.classList.contains("network") ? null : chosen();
  }

  function fileName(base, ending) {
    var country = countryOf(base);
    return "ascn-" + base + (country ? "-" + country : "") + "." + ending;
  }

  function field(text) {
    var safe = /^[=+\-@\t\r]/.test(text) && !/^[+\-]?[0-9.]+(e[+\-]?[0-9]+)?$/i.test(text) ? "'" + text : text;
    return /[",\n\r]/.test(safe) ? '"' + safe.replace(/"/g, '""') + '"' : safe;
  }

  function tableText(table) {
    return Array.from(table.querySelectorAll("tr")).filter(function (row) { return !row.hidden && !row.classList.contains("unfound"); }).map(function (row) {
      return Array.from(row.cells, function (cell) { return field(cell.textContent); }).join(",");
    }).join("\n") + "\n";
  }

  /* A picture goes where no control stands beside it, so it says itself what was chosen, and tells it to who does not see it. */
  function picture(id) {
    var box = document.querySelector('[data-chart="' + id + '"]');
    var svg = box.querySelector("svg");
    var copy = svg.cloneNode(true);
    var made = { width: svg.width.baseVal.value, height: svg.height.baseVal.value };
    var choice = box.dataset.live ? choiceOf(id) : "";
    copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    if (box.dataset.live) { describe(copy, choice ? choice + ". " + titleOf(box) + "." : views.get(id).description()); }
    if (choice) { made.height += LINE; write(copy, svg, choice, made); }
    made.text = new XMLSerializer().serializeToString(copy);
    return made;
  }

  function titleOf(box) {
    return box.closest(".scroll").getAttribute("aria-label");
  }

  function choiceOf(id) {
    var country = countryOf(id), words = wordsIn(id).slice(0, 40);
    var parts = [country ? name(country) : "", words ? "“" + words + "”" : ""].filter(Boolean);
    return parts.length ? "Shown: " + parts.join(", ") : "";
  }

  function describe(copy, words) {
    var told = element("desc", {});
    told.textContent = words;
    copy.setAttribute("role", "img");
    copy.prepend(told);
  }

  /* One line above the title, in its font and colour, flush with it; the picture grows by it, so that it covers nothing. */
  function write(copy, svg, words, made) {
    var titles = svg.querySelectorAll(".role-title-text text"), title = titles[titles.length - 1];
    var scale = svg.viewBox.baseVal.width / svg.getBoundingClientRect().width;
    var left = (title.getBoundingClientRect().left - svg.getBoundingClientRect().left) * scale;
    var line = element("text", {
      x: left.toFixed(1), y: -3, "font-family": title.getAttribute("font-family"), "font-size": "13px", "font-weight": "bold", fill: title.getAttribute("fill")
    });
    line.textContent = words;
    copy.setAttribute("height", made.height);
    copy.setAttribute("viewBox", [0, -LINE, svg.viewBox.baseVal.width, svg.viewBox.baseVal.height + LINE].join(" "));
    copy.append(line);
  }

  function element(kind, attributes) {
    var made = document.createElementNS("http://www.w3.org/2000/svg", kind);
    Object.keys(attributes).forEach(function (key) { made.setAttribute(key, attributes[key]); });
    return made;
  }

  function savePng(id) {
    var made = picture(id);
    var image = new Image();
    image.onload = function () {
      var canvas = document.createElement("canvas");
      canvas.width = 2 * made.width;
      canvas.height = 2 * made.height;
      var pen = canvas.getContext("2d");
      pen.scale(2, 2);
      pen.drawImage(image, 0, 0);
      canvas.toBlob(function (blob) { save(blob, "image/png", fileName(id, "png")); });
    };
    image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(made.text);
  }

  document.addEventListener("click", function (event) {
    var link = event.target.closest("[data-csv], [data-svg], [data-png]");
    if (!link) { return; }
    event.preventDefault();
    if (link.dataset.csv) {
      save(tableText(document.querySelector('[data-name="' + link.dataset.csv + '"]')), "text/csv;charset=utf-8", fileName(link.dataset.csv, "csv"));
    } else if (link.dataset.svg) {
      save(picture(link.dataset.svg).text, "image/svg+xml", fileName(link.dataset.svg, "svg"));
    } else {
      savePng(link.dataset.png);
    }
  });

  /* --- the code, one click away --- */

  document.querySelectorAll(".code-switch").forEach(function (button) {
    button.addEventListener("click", function () {
      var open = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(open));
      button.textContent = open ? "Hide the code" : "Show the code";
      document.querySelectorAll("details.code").forEach(function (part) { part.open = open; });
    });
  });

  /* --- lists that can be searched --- */

  document.querySelectorAll("[data-search]").forEach(function (input) {
    var rows = Array.from(document.querySelectorAll(input.dataset.search));
    var count = document.querySelector(input.dataset.count);
    function find() {
      var words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      var shown = rows.filter(function (row) {
        var text = row.textContent.toLowerCase();
        var fits = words.every(function (word) { return text.indexOf(word) >= 0; });
        row.classList.toggle("unfound", !fits);
        return fits && !row.hidden;
      }).length;
      if (count) { count.textContent = shown + " of " + rows.length; }
      document.querySelectorAll("table").forEach(noteEmpty);
    }
    searches.push(find);
    remembered(input, "q", find);
    find();
  });

  if (select) {
    select.addEventListener("change", function () {
      try { history.pushState(null, "", address("country", select.value)); } catch (refused) { location.assign(address("country", select.value)); }
      apply(chosen());
    });
    window.addEventListener("popstate", function () { apply(chosen()); });
    apply(chosen());
  } else {
    keepInLinks(/^[A-Z]{3}$/.test(asked("country")) ? asked("country") : null);
  }
  window.ascnSite = { views: views, apply: apply };
  hydrateAll();
})();
