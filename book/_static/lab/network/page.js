"use strict";

/* The page of the pasted network: shows layer by layer what network.js found, and the remedies to
   click. The text stays in the page; its address keeps it while it is short. */

const NetworkPage = (place) => {
  const { FORM, START, make, rowOf, numberText, shapeText, bytesText } = NetworkForm;
  const MOST_LETTERS = 4000; // of an address
  const SHORT = 1000; // letters: read at every key
  const GIVEN = /torch\.(?:rand|randn|zeros|ones|empty)\(\s*(?:size\s*=\s*)?[([]?\s*(\d+(?:\s*,\s*\d+)+)/;
  place.innerHTML = FORM;
  const byId = (id) => document.getElementById(`network-${id}`);
  const text = byId("text");
  const input = byId("input");
  const example = byId("mistake");
  let saving = 0;
  let rendering = 0;
  let undone = null; // what stood there before the last remedy

  // The address

  const ours = () => /^#(?:net|mistake)=/.test(location.hash);

  function address() {
    const said = `#${new URLSearchParams({ net: text.value, in: input.value })}`;
    return said.length > MOST_LETTERS ? location.pathname + location.search : said;
  }

  function save(asStep) {
    clearTimeout(saving);
    history[ours() && !asStep ? "replaceState" : "pushState"](null, "", address());
  }

  function load() {
    if (!ours()) return false;
    clearTimeout(saving);
    const found = new URLSearchParams(location.hash.slice(1));
    const known = NetworkMistakes[found.get("mistake")];
    if (!known && !found.has("net")) return false;
    if (known) fill(known.code, known.input, found.get("mistake"));
    else fill(found.get("net"), found.get("in") ?? "");
    return true;
  }

  function fill(code, size, mistake = "") {
    text.value = code;
    input.value = size;
    example.value = mistake;
    render();
  }

  /** Follow an edit: soon, and once where many come at a time. */
  function edited() {
    undone = null;
    example.value = "";
    clearTimeout(rendering);
    rendering = setTimeout(render, text.value.length < SHORT ? 0 : 150);
    clearTimeout(saving);
    saving = setTimeout(save, 300);
  }

  /** Change the text or the input so that it can be undone. */
  function replace(code, size) {
    const before = { code: text.value, size: input.value };
    save();
    fill(code, size);
    undone = before;
    byId("undo").hidden = false;
    save(true);
    byId("result").focus();
  }

  // What is shown

  function say(said, wrong) {
    const result = byId("result");
    if (result.textContent !== said) result.textContent = said; // it is read aloud
    result.classList.toggle("lab-wrong", wrong);
  }

  /** Select a place of the text, and show it. */
  function select(node) {
    text.focus();
    text.setSelectionRange(node.start, node.end);
    const line = text.value.slice(0, node.start).split("\n").length - 1;
    text.scrollTop = Math.max(0, line - 3) * parseFloat(getComputedStyle(text).lineHeight);
  }

  function remedyItem(remedy) {
    const after = remedy.whole ? "，整个网络就能跑" : "，这一层就过了";
    const button = make("button", `${remedy.said}${after}`, { type: "button" });
    button.addEventListener("click", () => replace(remedy.text, remedy.shape.join(", ")));
    const item = document.createElement("li");
    item.append(button);
    return item;
  }

  function renderFault(result, shape) {
    const { refusal, node, row, layer } = result.fault;
    const found = result.rows[row];
    const varies = refusal.about.varies ? "（这一句的原文随机器而变。）" : "";
    const remedies = NetworkRemedies(text.value, shape, result);
    byId("fault").hidden = false;
    byId("message").textContent = `${refusal.kind}: ${refusal.message}`;
    byId("why").textContent = NetworkWhy(result) + varies;
    byId("remedies").replaceChildren(...remedies.map(remedyItem));
    byId("advice").textContent = remedies.length > 0
      ? "点一下就改好（每一个都试算过）："
      : "没有找到只改一个数就行的办法。";
    byId("show").textContent = `选中第 ${node.line} 行的这一处`;
    byId("show").onclick = () => select(node);
    const where = `第 ${node.line} 行`;
    if (result.broken) say(`${where}的 ${layer.kind.name} 建不起来。`, true);
    else if (!found.layer && found.other) say(`${where}${found.name}的两个张量，形状对不上。`, true);
    else say(`${where}的 ${found.name} 收不下它的输入 ${shapeText(found.input)}。`, true);
  }

  function notes(result) {
    const found = [];
    const lines = (all) => all.slice(0, 8).join("、") + (all.length > 8 ? " 等" : "");
    if (result.unordered) {
      found.push("print(net) 印出的只有层，没有 forward：这里按印出的先后一层接一层地算。forward 里还有展平、激活、相加，或者顺序不同，结果就不同，那就贴出代码。");
    }
    if (result.name) found.push(`算的是第 ${result.line} 行的 ${result.name}。`);
    if (result.unused.length > 0) found.push(`没有用到的层（参数算在总数里）：${lines(result.unused)}。`);
    if (result.skipped.length > 0) found.push(`没有看第 ${lines(result.skipped)} 行：读不懂，当作与网络无关。`);
    return found.join("");
  }

  function totalsText({ totals, fault }) {
    const done = `乘加 ${numberText(totals.multiplyAdds)}，激活 ${bytesText(totals.bytes)}。`;
    if (fault) return `到这里为止：${done}`;
    return `合计：参数 ${numberText(totals.parameters)}（${bytesText(4 * totals.parameters)}），${done}`;
  }

  function renderResult(result, shape) {
    byId("rows").replaceChildren(...result.rows.map(rowOf));
    byId("table").hidden = result.rows.length === 0;
    byId("note").textContent = notes(result);
    byId("totals").textContent = totalsText(result);
    if (result.fault) return renderFault(result, shape);
    const last = result.rows.at(-1)?.output ?? shape;
    const order = result.unordered ? "按印出的先后，" : "";
    return say(`${order}能跑：输入 ${shapeText(shape)}，输出 ${shapeText(last)}。`, false);
  }

  function render() {
    clearTimeout(rendering);
    const { shape, message } = Network.readShape(input.value);
    byId("undo").hidden = undone === null;
    for (const id of ["fault", "table", "refused"]) byId(id).hidden = true;
    byId("note").textContent = "";
    byId("input-error").textContent = message ?? "";
    if (message) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
    renderGiven();
    if (text.value.trim() === "") return say("贴上代码，或者 print(net) 印出的文字。", false);
    if (message) return say(message, true);
    try {
      return renderResult(Network.follow(text.value, shape), shape);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      renderRefused(error.line);
      return say(`第 ${error.line} 行：${error.message}。`, true);
    }
  }

  /** Offer what helps where the text cannot be read: to its line, or full-width marks away. */
  function renderRefused(line) {
    const lines = text.value.split("\n");
    const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    byId("refused").hidden = false;
    byId("line").textContent = `选中第 ${line} 行`;
    byId("line").onclick = () => select({ start, end: start + (lines[line - 1] ?? "").length });
    byId("wide").hidden = NetworkTokens.halved(text.value) === text.value;
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
    place.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
    text.addEventListener("input", edited);
    input.addEventListener("input", edited);
    example.append(...Object.entries(NetworkMistakes).map(([value, { name }]) => make("option", name, { value })));
    example.addEventListener("change", () => {
      const known = NetworkMistakes[example.value];
      if (known) history.pushState(null, "", `#mistake=${example.value}`);
      undone = null;
      if (known) load();
    });
    byId("wide").addEventListener("click", () => replace(NetworkTokens.halved(text.value), input.value));
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

  /** Bring the section into view: at once, and again when all above it has its size. */
  function show() {
    const section = place.closest("section");
    const jump = () => section.scrollIntoView({ behavior: "instant" }); // a smooth one may be cut off
    jump();
    if (document.readyState !== "complete") addEventListener("load", jump, { once: true });
  }

  listen();
  if (load()) show();
  else fill(START.code, START.input);
};
