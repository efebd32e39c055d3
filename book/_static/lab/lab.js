"use strict";

/* The page of the shape lab: reads the address, shows it as fields, formula, drawings and table,
   and writes back what the reader changes. All arithmetic is in arithmetic.js. */

(() => {
  const { FIELDS, KINDS, LIMIT, MOST_LAYERS } = ShapeLab;
  const START = "n=7&conv=k3,s2,p1";
  const MOST_ROWS = 16; // windows drawn below each other
  const STEP_MS = 700;
  const PASTED = /^#(?:net|mistake)=/;
  const byId = (id) => document.getElementById(`lab-${id}`);
  const form = document.getElementById("lab");

  let state = ShapeLab.read(location.hash) ?? ShapeLab.read(START);
  let saving = 0;
  let playing = 0;

  // The address

  const address = () => `#${ShapeLab.write(state)}`;

  /** Write the state into the address without a step for the back button; a pasted network there
      stays a place to go back to. */
  function keep() {
    clearTimeout(saving);
    if (!PASTED.test(location.hash)) history.replaceState(null, "", address());
  }

  function keepLater() {
    if (PASTED.test(location.hash)) history.pushState(null, "", address());
    else keep();
  }

  function load() {
    const found = ShapeLab.read(location.hash) ?? (location.hash ? null : ShapeLab.read(START));
    if (!found) return; // the anchor of a heading
    clearTimeout(saving);
    pause();
    state = found;
    render();
  }

  /** Edit the state; a step is a place to go back to, other edits are written soon and quietly. */
  function change(edit, asStep = false) {
    if (asStep) keep();
    edit(state.layers[state.at]);
    render();
    clearTimeout(saving);
    if (asStep) history.pushState(null, "", address());
    else saving = setTimeout(keepLater, 200);
  }

  // Fields

  const fieldText = (field) => (field === "n" ? state.n : state.layers[state.at][field]);

  function setField(field, text) {
    change((layer) => {
      if (field === "n") state.n = text;
      else layer[field] = text;
    });
  }

  function stepField(field, by) {
    const start = fieldText(field).trim() || (field === "s" ? fieldText("k") : "");
    const { value = FIELDS[field].least - by } = ShapeLab.integer(field, start);
    setField(field, String(Math.min(Math.max(value + by, FIELDS[field].least), LIMIT)));
  }

  function renderFields(row, message) {
    const { kind, ceil } = state.layers[state.at];
    const errors = new Map(row.errors.map((error) => [error.field, error.message]));
    if (message) errors.set("n", message);
    for (const box of form.querySelectorAll("div[data-field]")) {
      const { field } = box.dataset;
      const input = box.querySelector("input");
      box.hidden = field !== "n" && !KINDS[kind].fields.includes(field);
      if (input.value !== fieldText(field)) input.value = fieldText(field);
      if (errors.has(field)) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
      byId(`${field}-error`).textContent = errors.get(field) ?? "";
    }
    byId("s").placeholder = KINDS[kind].pools ? "同窗口" : "";
    byId("ceil").checked = ceil;
    byId("ceil").parentElement.hidden = !KINDS[kind].pools;
    byId("kind").value = kind;
    const stacked = state.layers.length > 1;
    byId("kind").querySelector("[value=transposed]").disabled = stacked;
    byId("line-title").textContent =
      kind === "transposed" ? "一个方向：一行是一格输入盖下的图章" : "一个方向：一行是一个窗口";
    byId("kind-note").textContent = stacked ? "转置卷积只能单独看，不能叠" : "";
    const input = state.at > 0 && !row.blocked ? `，输入 ${row.input}` : "";
    byId("n").labels[0].textContent = state.at > 0 ? "网络的输入 n" : "输入大小 n";
    byId("title").textContent = `第 ${state.at + 1} 层：${KINDS[kind].name}${input}`;
    return [...errors.values()];
  }

  // The formula

  /** Turn "n + 2 p" into MathML tokens. */
  const tokens = (text) =>
    text.replace(/\d+|[a-z]|[^\s\da-z]/g, (token) => {
      const tag = /\d/.test(token) ? "mn" : /[a-z]/.test(token) ? "mi" : "mo";
      return `<${tag}>${token}</${tag}>`;
    });
  const line = (mathml) => `<div><math display="block"><mrow>${mathml}</mrow></math></div>`;

  function formula(kind, row) {
    const { k, s, p, d, o, ceil } = row.values;
    const n = row.input;
    if (kind === "transposed") {
      const symbols = "( n − 1 ) s + d ( k − 1 ) + 1 − 2 p + o";
      if (!row.size) return line(tokens(symbols));
      const numbers = `( ${n} − 1 ) × ${s} + ${d} × ( ${k} − 1 ) + 1 − 2 × ${p} + ${o}`;
      return line(tokens(symbols)) + line(tokens(`= ${numbers}`)) + line(tokens(`= ${row.size}`));
    }
    const [left, right] = ceil ? "⌈⌉" : "⌊⌋";
    const rounded = (above, below) =>
      `<mrow><mo>${left}</mo><mfrac><mrow>${tokens(above)}</mrow><mrow>${tokens(below)}</mrow>` +
      `</mfrac><mo>${right}</mo></mrow>${tokens("+ 1")}`;
    const symbolic = line(rounded("n + 2 p − d ( k − 1 ) − 1", "s"));
    if (!row.size) return symbolic;
    const numbers = rounded(`${n} + 2 × ${p} − ${d} × ( ${k} − 1 ) − 1`, `${s}`);
    const room = `${row.room}`.replace("-", "−");
    const total = row.size + (row.dropped ? 1 : 0);
    const drop = row.dropped
      ? `<p>最后一个窗口从第 ${row.size * s - p} 格开始，那里已是右侧填充（输入到第 ${n - 1} 格为止），` +
        `所以丢弃：${total} − 1 = ${row.size}</p>`
      : "";
    const result = line(`${tokens("=")}${rounded(room, `${s}`)}${tokens(`= ${total}`)}`);
    return symbolic + line(tokens("=") + numbers) + result + drop;
  }

  // Drawings

  function element(tag, attributes, ...children) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }

  const label = (x, y, text, kind = "") =>
    element("text", { x, y, class: `lab-text ${kind}` }, String(text));

  /** A square of a row or a grid; what no window sees is hatched besides being grey. */
  function cell(x, y, side, kind, place) {
    const box = { x: x + 1, y: y + 1, width: side - 2, height: side - 2 };
    const made = element("g", { class: `lab-cell ${kind}`, "data-cell": place });
    made.append(element("rect", { ...box, rx: 2 }));
    if (/unseen|cut/.test(kind)) {
      const [a, b, c] = [2, side / 2, side - 2];
      const stripes = `M${x + a} ${y + b}L${x + b} ${y + a}M${x + a} ${y + c}L${x + c} ${y + a}` +
        `M${x + b} ${y + c}L${x + c} ${y + b}`;
      made.append(element("path", { d: stripes }));
    }
    return made;
  }

  /** Choose at most `most` cells from low to high so that the window is among them. */
  function visible(low, high, most, window) {
    if (high - low < most) return [low, high];
    const size = window[1] - window[0] + 1;
    const wanted = window[0] - Math.max(0, Math.floor((most - size) / 2));
    const first = Math.max(low, Math.min(wanted, high - most + 1));
    return [first, first + most - 1];
  }

  /** Say what a cell is that the windows slide over, or, transposed, are stamped onto. */
  function cellKind(kind, row, place) {
    const { p, o } = row.values;
    const length = kind === "transposed" ? row.size : row.input;
    if (kind === "transposed") {
      if (place < 0 || place >= length) return "lab-cut";
      if (place >= length - o) return "lab-extra";
    } else if (place < -p || place >= length + p) return "lab-beyond";
    else if (place < 0 || place >= length) return "lab-pad";
    return ShapeLab.touched(row.values, row.count, place) ? "lab-real" : "lab-unseen";
  }

  const span = (row, i) => {
    const first = i * row.values.s - row.values.p;
    return [first, first + row.reach - 1];
  };

  /** Find the window that would come next but is not one: rounded away, or dropped. */
  const leftOver = (kind, row) =>
    kind !== "transposed" && (row.dropped || (!row.values.ceil && row.room % row.values.s > 0));

  /** Give the first and the last cell worth drawing along an axis. */
  function extent(kind, row) {
    const { p } = row.values;
    if (kind === "transposed") return [-p, Math.max(row.spread - p, row.size) - 1];
    return [-p, Math.max(row.input + p - 1, span(row, row.count - 1)[1])];
  }

  function drawLine(kind, row) {
    const transposed = kind === "transposed";
    const svg = byId("line");
    const room = svg.parentElement.clientWidth;
    const own = 20 + 7 * String(row.count - 1).length; // the square of the other side
    const gutter = own + 26;
    const chosen = state.column;
    let [low, high] = extent(kind, row);
    const whole = [low, high];
    if (leftOver(kind, row)) high = span(row, row.count)[1];
    const most = Math.min(40, Math.floor((room - gutter) / 19));
    [low, high] = visible(low, high, most, span(row, chosen));
    const side = Math.min(34, Math.floor((room - gutter) / (high - low + 1)));
    const left = transposed ? gutter : 1;
    const x = (place) => left + (place - low) * side;
    let [top, bottom] = visible(0, row.count - 1, MOST_ROWS, [chosen, chosen]);
    while (top < chosen && span(row, top)[1] < low) top += 1;
    while (bottom > chosen && span(row, bottom)[0] > high) bottom -= 1;
    const rowHeight = 28;
    const parts = [];
    const hits = new Set(ShapeLab.taps(row.values, chosen, low, high));
    const every = Math.ceil((7 * String(high).length) / side); // number no more cells than fit
    for (let place = low; place <= high; place++) {
      const hit = hits.has(place) ? " lab-chosen" : "";
      const made = cell(x(place), 1, side, cellKind(kind, row, place) + hit, place);
      if (/real|unseen|extra/.test(made.getAttribute("class")) && place % every === 0) {
        made.append(label(x(place) + side / 2, 1 + side / 2, place));
      }
      parts.push(made);
    }
    const drawWindow = (i, index, kindOfRow) => {
      const y = side + 8 + index * rowHeight;
      const middle = y + rowHeight / 2;
      const [start, end] = span(row, i);
      const made = element("g", { class: kindOfRow, "data-window": i });
      const from = x(Math.max(start, low)) + 3;
      const to = x(Math.min(end, high) + 1) - 3;
      const reach = { d: `M${from} ${middle}H${to}`, class: "lab-reach" };
      if (to > from) made.append(element("path", reach));
      for (const place of ShapeLab.taps(row.values, i, low, high)) {
        const real = /real|extra/.test(cellKind(kind, row, place)) ? "" : " lab-hollow";
        const box = { x: x(place) + 3, y: y + 5, width: side - 6, height: rowHeight - 10, rx: 2 };
        made.append(element("rect", { ...box, class: `lab-tap${real}`, "data-cell": place }));
      }
      if (kindOfRow.startsWith("lab-window")) {
        const at = transposed ? 1 : x(high + 1) + 22;
        const box = { x: at, y: y + 2, width: own, height: rowHeight - 4, rx: 3 };
        made.append(label(transposed ? own + 12 : at - 10, middle, "→"));
        made.append(element("rect", { ...box, class: "lab-own" }));
        made.append(label(at + own / 2, middle, i));
        const hit = { x: 0, y, width: room, height: rowHeight, class: "lab-hit" };
        made.append(element("rect", hit));
        made.addEventListener("click", () => choose(i, state.row));
      } else {
        made.append(label(x(high + 1) + 24, middle, row.dropped ? "丢弃" : "放不下", "lab-small"));
      }
      return made;
    };
    for (let i = top; i <= bottom; i++) {
      parts.push(drawWindow(i, i - top, i === chosen ? "lab-window lab-chosen" : "lab-window"));
    }
    const extra = leftOver(kind, row) && bottom === row.count - 1;
    if (extra) parts.push(drawWindow(row.count, bottom - top + 1, "lab-not-taken"));
    const rows = bottom - top + 1 + (extra ? 1 : 0);
    svg.setAttribute("width", left + (high - low + 1) * side + (transposed ? 2 : gutter));
    svg.setAttribute("height", side + 10 + rows * rowHeight);
    svg.setAttribute("aria-label", `${summary(kind, row)}${story(kind, row)}`);
    svg.replaceChildren(...parts);
    const notes = [];
    if (low > whole[0] || high < whole[1]) {
      notes.push(`只画了第 ${low} 到第 ${high} 格（共第 ${whole[0]} 到第 ${whole[1]} 格）`.replace(/-/g, "−"));
    }
    if (bottom - top + 1 < row.count) {
      notes.push(`只画了第 ${top} 到第 ${bottom} 个窗口（共 ${row.count} 个）`);
    }
    byId("line-note").textContent = notes.join("；");
    const kinds = [...svg.querySelectorAll(".lab-cell")].map((one) => one.getAttribute("class"));
    renderLegend(transposed, new Set(kinds.flatMap((one) => one.split(" "))));
  }

  function renderLegend(transposed, shown) {
    const texts = transposed
      ? { "lab-cut": "切掉的", "lab-unseen": "没有图章盖到", "lab-extra": "右侧多留的" }
      : { "lab-pad": "填充", "lab-beyond": "填充以外", "lab-unseen": "没有窗口看到" };
    const items = Object.entries({ "lab-chosen": "选中的窗口", ...texts })
      .filter(([kind]) => shown.has(kind))
      .map(([kind, text]) => {
        const item = document.createElement("li");
        const style = kind === "lab-chosen" ? "lab-real lab-chosen" : kind;
        const frame = { width: 20, height: 20, "aria-hidden": "true" };
        item.append(element("svg", frame, cell(0, 0, 20, style, "")), text);
        return item;
      });
    byId("legend").replaceChildren(...items);
  }

  /** Draw a square grid; kindOf says what a cell of an axis is, `own` which of them are chosen. */
  function drawGrid(svg, ranges, kindOf, own, choosing) {
    const room = Math.min(330, svg.closest("figure").clientWidth);
    const [rows, columns] = ranges;
    const many = Math.max(rows[1] - rows[0], columns[1] - columns[0]) + 1;
    const side = Math.min(28, Math.floor(room / many));
    const rank = ["lab-beyond", "lab-cut", "lab-pad", "lab-unseen", "lab-extra", "lab-real"];
    const parts = [];
    for (let r = rows[0]; r <= rows[1]; r++) {
      for (let c = columns[0]; c <= columns[1]; c++) {
        const kind = rank[Math.min(rank.indexOf(kindOf(r)), rank.indexOf(kindOf(c)))];
        const hit = own[0].has(r) && own[1].has(c) ? " lab-chosen" : "";
        const made = cell((c - columns[0]) * side, (r - rows[0]) * side, side, kind + hit, `${r},${c}`);
        if (choosing) made.addEventListener("click", () => choose(c, r));
        parts.push(made);
      }
    }
    svg.classList.toggle("lab-choosing", choosing);
    svg.setAttribute("width", (columns[1] - columns[0] + 1) * side);
    svg.setAttribute("height", (rows[1] - rows[0] + 1) * side);
    svg.replaceChildren(...parts);
  }

  function drawPlane(kind, row) {
    const transposed = kind === "transposed";
    const [slid, counted] = transposed ? ["output", "input"] : ["input", "output"];
    const most = 18;
    const whole = extent(kind, row);
    const places = [state.row, state.column];
    const ranges = places.map((i) => visible(...whole, most, span(row, i)));
    const own = places.map((i, axis) => new Set(ShapeLab.taps(row.values, i, ...ranges[axis])));
    const windows = places.map((i) => visible(0, row.count - 1, most, [i, i]));
    drawGrid(byId(slid), ranges, (place) => cellKind(kind, row, place), own, false);
    drawGrid(byId(counted), windows, () => "lab-real", places.map((i) => new Set([i])), true);
    const where = `第 ${state.row} 行第 ${state.column} 列`;
    const text = {
      input: `输入 ${row.input}×${row.input}`,
      output: `输出 ${row.size}×${row.size}`,
    };
    byId(slid).setAttribute("aria-label", `${text[slid]}，标出了${where}的窗口`);
    byId(counted).setAttribute("aria-label", `${text[counted]}，标出了${where}的一格`);
    const partial = whole[1] - whole[0] >= most || row.count > most;
    const part = partial ? "；图太大，只画了窗口附近的一部分" : "";
    for (const side of ["input", "output"]) byId(`${side}-size`).textContent = text[side];
    const note = transposed
      ? `输入${where}的一格，盖在输出标出的格子上`
      : `输入里标出的窗口，给出输出${where}的一格`;
    byId("plane-note").textContent = `${note}${part}。`;
  }

  const summary = (kind, row) => `${KINDS[kind].name}：输入 ${row.input}，输出 ${row.size}。`;

  /** Tell in words what the chosen row of the drawing shows. */
  function story(kind, row) {
    const [start, end] = span(row, state.column).map((place) => `${place}`.replace("-", "−"));
    const what = kind === "transposed" ? "格输入盖在输出的" : "个窗口盖住输入的";
    return `第 ${state.column} ${what}第 ${start} 到第 ${end} 格。`;
  }

  // Windows, by slider, click and play

  function choose(column, row) {
    change(() => Object.assign(state, { column, row }));
  }

  function pause() {
    clearInterval(playing);
    playing = 0;
    byId("play").textContent = "播放";
    byId("play").setAttribute("aria-pressed", "false");
  }

  function play() {
    if (playing) return pause();
    byId("play").textContent = "暂停";
    byId("play").setAttribute("aria-pressed", "true");
    playing = setInterval(() => {
      const last = Number(byId("column").max);
      if (state.column < last) choose(state.column + 1, state.row);
      else choose(0, state.row < last ? state.row + 1 : 0);
    }, STEP_MS);
  }

  // The stack

  function describe(layer) {
    const shown = [...KINDS[layer.kind].fields].filter(
      (field) => field === "k" || layer[field] !== ShapeLab.initial(layer.kind, field),
    );
    const texts = shown.map((field) => `${field}=${layer[field]}`);
    if (KINDS[layer.kind].pools && layer.ceil) texts.push("ceil");
    return `${KINDS[layer.kind].name} ${texts.join(" ")}`;
  }

  function tableRow(head, cells) {
    const made = document.createElement("tr");
    const first = document.createElement("th");
    first.scope = "row";
    first.append(head);
    made.append(first);
    for (const text of cells) made.insertCell().textContent = text;
    return made;
  }

  function renderStack(rows) {
    const focused = document.activeElement?.dataset.layer;
    const input = ShapeLab.integer("n", state.n).value;
    const made = [tableRow("输入", [input ?? "—", 1, 1])];
    state.layers.forEach((layer, index) => {
      const { size, field = "不算", jump = "不算", blocked, errors } = rows[index];
      const button = Object.assign(document.createElement("button"), { type: "button" });
      button.dataset.layer = index;
      button.textContent = `${index + 1}. ${describe(layer)}`;
      button.setAttribute("aria-pressed", String(index === state.at));
      const line = tableRow(button, size ? [size, field, jump] : []);
      if (!size) {
        const place = line.insertCell();
        place.colSpan = 3;
        place.className = blocked ? "lab-note" : "lab-error";
        const first = index === 0 ? "输入大小 n 不对，没有输出" : "前一层没有输出";
        place.textContent = blocked ? first : errors.map(({ message }) => message).join("；");
      }
      made.push(line);
    });
    byId("stack").replaceChildren(...made);
    if (focused) form.querySelector(`[data-layer="${focused}"]`)?.focus();
    const alone = state.layers[0].kind === "transposed";
    const full = state.layers.length >= MOST_LAYERS;
    byId("add").disabled = alone || full;
    byId("up").disabled = state.at === 0;
    byId("down").disabled = state.at === state.layers.length - 1;
    byId("remove").disabled = state.layers.length === 1;
    byId("stack-note").textContent = alone
      ? "转置卷积的各个输出看到的输入不一样多，没有统一的感受野，所以不能叠。"
      : full ? `最多叠 ${MOST_LAYERS} 层。` : "上面四个按钮作用于选中的一层。";
  }

  function selectLayer(index) {
    change(() => Object.assign(state, { at: index, column: 0, row: 0 }), true);
    byId("title").focus();
  }

  function moveLayer(by) {
    change(() => {
      const [layer] = state.layers.splice(state.at, 1);
      state.at += by;
      state.layers.splice(state.at, 0, layer);
    }, true);
  }

  function render() {
    const { message, rows } = ShapeLab.stack(state.n, state.layers);
    const row = rows[state.at];
    const { kind } = state.layers[state.at];
    const errors = renderFields(row, message);
    const result = byId("result");
    if (!row.size && errors.length === 0) errors.push("前一层没有输出，先改好前面的层");
    const said = row.size
      ? `输出大小 ${row.size}，两个方向就是 ${row.size}×${row.size}`
      : `没有输出：${errors.join("；")}。`;
    if (result.textContent !== said) result.textContent = said; // it is read aloud
    result.classList.toggle("lab-wrong", !row.size);
    byId("formula").innerHTML = formula(kind, row);
    byId("pictures").hidden = !row.size;
    renderStack(rows);
    if (!row.size) return pause();
    for (const [axis, name] of [["column", "左右"], ["row", "上下"]]) {
      state[axis] = Math.min(state[axis], row.count - 1);
      byId(axis).max = row.count - 1;
      byId(axis).value = state[axis];
      byId(axis).disabled = row.count === 1;
      const unit = kind === "transposed" ? "格输入" : "个窗口";
      byId(`${axis}-label`).textContent = `${name}：第 ${state[axis]} ${unit}（0 到 ${row.count - 1}）`;
    }
    drawLine(kind, row);
    drawPlane(kind, row);
  }

  function listen() {
    form.addEventListener("submit", (event) => event.preventDefault());
    for (const box of form.querySelectorAll("div[data-field]")) {
      const { field } = box.dataset;
      const input = box.querySelector("input");
      input.addEventListener("input", () => setField(field, input.value));
      input.addEventListener("keydown", (event) => {
        const by = { ArrowUp: 1, ArrowDown: -1 }[event.key];
        if (!by) return;
        event.preventDefault();
        stepField(field, by);
      });
      for (const button of box.querySelectorAll("button")) {
        button.addEventListener("click", () => stepField(field, Number(button.value)));
      }
    }
    byId("kind").addEventListener("change", (event) => {
      change((layer) => {
        const { kind } = layer;
        layer.kind = event.target.value;
        const usual = layer.s === ShapeLab.initial(kind, "s");
        if (usual || layer.s === "") layer.s = ShapeLab.initial(layer.kind, "s");
      }, true);
    });
    byId("ceil").addEventListener("change", (event) => {
      change((layer) => { layer.ceil = event.target.checked; });
    });
    for (const axis of ["column", "row"]) {
      byId(axis).addEventListener("input", (event) => {
        pause();
        change(() => { state[axis] = Number(event.target.value); });
      });
    }
    byId("play").addEventListener("click", play);
    byId("stack").addEventListener("click", ({ target }) => {
      const button = target.closest("button");
      if (button) selectLayer(Number(button.dataset.layer));
    });
    byId("add").addEventListener("click", () => {
      change(() => {
        state.layers.splice(state.at + 1, 0, ShapeLab.newLayer("conv"));
        Object.assign(state, { at: state.at + 1, column: 0, row: 0 });
      }, true);
    });
    byId("up").addEventListener("click", () => moveLayer(-1));
    byId("down").addEventListener("click", () => moveLayer(1));
    byId("remove").addEventListener("click", () => {
      change(() => {
        state.layers.splice(state.at, 1);
        state.at = Math.min(state.at, state.layers.length - 1);
      }, true);
    });
    document.addEventListener("click", ({ target }) => {
      const link = target.closest?.('a[href^="#n="]');
      if (!link) return;
      keep();
      setTimeout(() => form.scrollIntoView(), 0);
    });
    addEventListener("hashchange", load);
    addEventListener("resize", render);
    matchMedia("(prefers-reduced-motion: reduce)").addEventListener("change", pause);
  }

  listen();
  form.hidden = false;
  render();
})();
