"use strict";

/* The page of the pasted network: shows layer by layer what network.js found, and the remedies of
   remedies.js to click. The text stays in the page; its address keeps it while it is short. */

(() => {
  const MOST_LETTERS = 4000; // of an address
  const SHORT = 1000; // letters: read at every key
  const START = {
    text: "net = nn.Sequential(\n    nn.Conv2d(1, 6, kernel_size=5),\n    nn.ReLU(),\n    nn.MaxPool2d(2),\n" +
      "    nn.Conv2d(6, 16, kernel_size=5),\n    nn.ReLU(),\n    nn.MaxPool2d(2),\n    nn.Flatten(),\n" +
      "    nn.Linear(16 * 5 * 5, 120),  # 差一点\n    nn.ReLU(),\n    nn.Linear(120, 10),\n)\n",
    input: "1, 1, 28, 28",
  };
  const SLIDING = { Conv2d: "conv", MaxPool2d: "max", AvgPool2d: "avg", ConvTranspose2d: "transposed" };
  const GIVEN = /torch\.(?:rand|randn|zeros|ones|empty)\(\s*(?:size\s*=\s*)?[([]?\s*(\d+(?:\s*,\s*\d+)+)/;
  const byId = (id) => document.getElementById(`network-${id}`);
  const form = document.getElementById("network");
  const text = byId("text");
  const input = byId("input");
  const format = new Intl.NumberFormat("zh-CN");
  let saving = 0;
  let rendering = 0;
  let undone = null; // what stood there before the last remedy

  // The address

  function address() {
    const said = `#${new URLSearchParams({ net: text.value, in: input.value })}`;
    return said.length > MOST_LETTERS ? location.pathname + location.search : said;
  }

  function save(asStep) {
    clearTimeout(saving);
    const there = location.hash.startsWith("#net=");
    history[there && !asStep ? "replaceState" : "pushState"](null, "", address());
  }

  function load() {
    if (!location.hash.startsWith("#net=")) return false;
    const found = new URLSearchParams(location.hash.slice(1));
    clearTimeout(saving);
    fill(found.get("net"), found.get("in") ?? "");
    return true;
  }

  function fill(code, size) {
    text.value = code;
    input.value = size;
    render();
  }

  /** Follow an edit: soon, and once where many come at a time. */
  function edited() {
    undone = null;
    clearTimeout(rendering);
    rendering = setTimeout(render, text.value.length < SHORT ? 0 : 150);
    clearTimeout(saving);
    saving = setTimeout(save, 300);
  }

  // Pieces of the page

  function make(tag, said, rest = {}) {
    return Object.assign(document.createElement(tag), { textContent: said, ...rest });
  }

  const shapeText = (shape) => `(${shape.join(", ")})`;

  function bytesText(bytes) {
    if (bytes < 1024) return `${bytes} B`;
    const [unit, size] = bytes < 2 ** 20 ? ["KiB", 2 ** 10] : bytes < 2 ** 30 ? ["MiB", 2 ** 20] : ["GiB", 2 ** 30];
    return `${(bytes / size).toFixed(1)} ${unit}`;
  }

  function fieldText(field) {
    if (field === "all") return "全部";
    if (!field) return "不算";
    if (field.length === 0) return "1";
    const sizes = field.map(({ size }) => size);
    return new Set(sizes).size === 1 ? String(sizes[0]) : sizes.join("×");
  }

  /** Write the settings of a layer along an axis as the address of the laboratory of one layer. */
  function sliding(row, axis) {
    const { a } = row.layer;
    const kind = SLIDING[row.name];
    const n = row.input[row.input.length - 2 + axis];
    const layer = { ...ShapeLab.newLayer(kind), k: String(a.k[axis]), s: String(a.s[axis]), d: String(a.d?.[axis] ?? 1) };
    layer.p = String(a.same ? (a.d[axis] * (a.k[axis] - 1)) / 2 : a.p[axis]);
    if (kind === "transposed") layer.o = String(a.o[axis]);
    if (a.ceil) layer.ceil = true;
    return `#${ShapeLab.write({ n: String(n), layers: [layer], at: 0, column: 0, row: 0 })}`;
  }

  /** Give the links that open a layer by itself: one, or one for each direction. */
  function links(row) {
    const known = row.name in SLIDING && row.layer?.a?.k && row.input.length >= 3;
    if (!known || (row.layer.a.same && row.layer.a.k.some((k, i) => (row.layer.a.d[i] * (k - 1)) % 2))) return [];
    const [high, wide] = [sliding(row, 0), sliding(row, 1)];
    const link = (href, said, name) => {
      const made = make("a", said, { href });
      made.setAttribute("aria-label", `${name}：第 ${row.line} 行的 ${row.name}`);
      return made;
    };
    if (high === wide) return [link(high, "单看", "单看这一层")];
    return [link(high, "看高", "单看高的方向"), link(wide, "看宽", "单看宽的方向")];
  }

  function rowOf(row) {
    const made = document.createElement("tr");
    const head = make("th", "", { scope: "row" });
    if (row.path) head.append(make("span", row.path, { className: "network-path" }));
    const said = row.said.replace(/\s+/g, " ").replace(/^nn\./, "");
    const shown = row.layer && !row.layer.functional ? said : `${row.name}：${said}`;
    head.append(make("code", shown.length > 90 ? `${shown.slice(0, 88)}…` : shown), ...links(row));
    made.append(head);
    const cells = row.output
      ? {
        输出: shapeText(row.output), 参数: format.format(row.parameters), 乘加: format.format(row.multiplyAdds),
        感受野: fieldText(row.field), 激活: row.bytes ? bytesText(row.bytes) : "不另占",
      }
      : {};
    for (const [name, value] of Object.entries(cells)) {
      const cell = make("td", value);
      cell.dataset.label = name;
      cell.dataset.value = value;
      made.append(cell);
    }
    if (!row.output) {
      made.className = "network-fault";
      const said = row.other ? `${shapeText(row.input)} 和 ${shapeText(row.other.shape)} 对不上` : `收不下 ${shapeText(row.input)}`;
      made.append(make("td", said, { colSpan: 5 }));
    }
    return made;
  }

  /** Select a place of the text, and show it. */
  function select(node) {
    text.focus();
    text.setSelectionRange(node.start, node.end);
    const line = text.value.slice(0, node.start).split("\n").length - 1;
    text.scrollTop = Math.max(0, line - 3) * parseFloat(getComputedStyle(text).lineHeight);
  }

  function remedyButton(remedy) {
    const after = remedy.whole ? "，整个网络就能跑" : "，这一层就过了";
    const made = make("button", `${remedy.said}${after}`, { type: "button" });
    made.addEventListener("click", () => {
      const before = { code: text.value, size: input.value };
      save();
      fill(remedy.text, remedy.shape.join(", "));
      undone = before;
      byId("undo").hidden = false;
      save(true);
      byId("result").focus();
    });
    return made;
  }

  // What is shown

  const say = (said, wrong) => {
    const result = byId("result");
    if (result.textContent !== said) result.textContent = said; // it is read aloud
    result.classList.toggle("lab-wrong", wrong);
  };

  function renderFault(result, shape) {
    const { refusal, node, row } = result.fault;
    const found = result.rows[row];
    byId("fault").hidden = false;
    const kind = `${refusal.kind}: ${refusal.message}`;
    byId("message").textContent = kind;
    byId("why").textContent = NetworkRemedies.explain(result) +
      (refusal.about.varies ? "（这一句的原文随机器而变。）" : "");
    const remedies = NetworkRemedies.find(text.value, shape, result);
    byId("remedies").replaceChildren(...remedies.map((remedy) => {
      const item = document.createElement("li");
      item.append(remedyButton(remedy));
      return item;
    }));
    byId("advice").textContent = remedies.length > 0
      ? "点一下就改好（每一个都试算过）："
      : "没有找到只改一个数就行的办法。";
    byId("show").textContent = `选中第 ${node.line} 行的这一处`;
    byId("show").onclick = () => select(node);
    const name = found?.name ?? result.fault.layer?.kind.name ?? "";
    if (result.broken) say(`第 ${node.line} 行的 ${name} 建不起来。`, true);
    else if (!found.layer && found.other) say(`第 ${node.line} 行${name}的两个张量，形状对不上。`, true);
    else say(`第 ${node.line} 行的 ${name} 收不下它的输入 ${shapeText(found.input)}。`, true);
  }

  function notes(result) {
    const found = [];
    const lines = (numbers) => numbers.slice(0, 8).join("、") + (numbers.length > 8 ? " 等" : "");
    if (result.unordered) {
      found.push("print(net) 印出的只有层，没有 forward：这里按印出的先后一层接一层地算。forward 里还有展平、激活、相加，或者顺序不同，结果就不同，那就贴出代码。");
    }
    if (result.name) found.push(`算的是第 ${result.line} 行的 ${result.name}。`);
    if (result.unused.length > 0) found.push(`没有用到的层（参数算在总数里）：${lines(result.unused)}。`);
    if (result.skipped.length > 0) found.push(`没有看第 ${lines(result.skipped)} 行：它们不影响网络的形状。`);
    return found.join("");
  }

  function render() {
    clearTimeout(rendering);
    const { shape, message } = Network.readShape(input.value);
    byId("undo").hidden = undone === null;
    byId("fault").hidden = true;
    byId("table").hidden = true;
    byId("note").textContent = "";
    byId("input-error").textContent = message ?? "";
    if (message) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
    renderGiven();
    if (text.value.trim() === "") return say("贴上代码，或者 print(net) 印出的文字。", false);
    if (message) return say(message, true);
    try {
      const result = Network.follow(text.value, shape);
      const { rows, totals, fault } = result;
      byId("rows").replaceChildren(...rows.map(rowOf));
      byId("table").hidden = rows.length === 0;
      byId("note").textContent = notes(result);
      byId("totals").textContent = fault
        ? `到这里为止：乘加 ${format.format(totals.multiplyAdds)}，激活 ${bytesText(totals.bytes)}。`
        : `合计：参数 ${format.format(totals.parameters)}（${bytesText(4 * totals.parameters)}），乘加 ` +
          `${format.format(totals.multiplyAdds)}，激活 ${bytesText(totals.bytes)}。`;
      if (fault) return renderFault(result, shape);
      const last = rows.at(-1)?.output ?? shape;
      return say(`能跑：输入 ${shapeText(shape)}，输出 ${shapeText(last)}。`, false);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      return say(`第 ${error.line} 行：${error.message}。这里读不懂的，不猜。`, true);
    }
  }

  /** Offer the input size that the text itself makes, if it does. */
  function renderGiven() {
    const found = GIVEN.exec(text.value)?.[1].replace(/\s*,\s*/g, ", ");
    const button = byId("given");
    button.hidden = !found || found === input.value.trim();
    button.textContent = `用代码里的 ${found}`;
    button.onclick = () => {
      input.value = found;
      edited();
      input.focus();
    };
  }

  function listen() {
    form.addEventListener("submit", (event) => event.preventDefault());
    text.addEventListener("input", edited);
    input.addEventListener("input", edited);
    byId("clear").addEventListener("click", () => {
      text.value = "";
      edited();
      text.focus();
    });
    byId("undo").addEventListener("click", () => {
      const { code, size } = undone;
      undone = null;
      fill(code, size);
      save(true);
      byId("result").focus();
    });
    addEventListener("hashchange", () => {
      undone = null;
      if (load()) show();
    });
  }

  /** Bring the form into view: at once, and again when all above it has its size. */
  function show() {
    const jump = () => form.scrollIntoView({ behavior: "instant" }); // a smooth one may be cut off
    jump();
    if (document.readyState !== "complete") addEventListener("load", jump, { once: true });
  }

  listen();
  form.hidden = false;
  if (load()) show();
  else fill(START.text, START.input);
})();
