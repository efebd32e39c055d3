"use strict";

/* The small lab on the front page: guess how many windows there are, then change what decides it. */

(() => {
  const FIELDS = [
    { field: "n", name: "输入", least: 1, most: 12 },
    { field: "k", name: "窗口", least: 1, most: 7 },
    { field: "s", name: "步幅", least: 1, most: 4 },
    { field: "p", name: "填充", least: 0, most: 3 },
  ];
  const CELL = 22; // units of the drawing
  const place = document.getElementById("front-lab");
  const state = { n: 7, k: 3, s: 2, p: 1 };
  let guess = null; // what the reader thinks; nothing is told before

  function element(name, text = "", attributes = {}) {
    const made = document.createElement(name);
    made.textContent = text;
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  }

  const measure = () => ShapeLab.measure("conv", state.n, { ...state, d: 1, o: 0, ceil: false });

  /** Draw the cells, padding dashed, and below them a bar for each window. */
  function picture({ size }) {
    const { n, k, s, p } = state;
    const shown = guess === null ? 0 : (size ?? 0);
    const box = (x, y, width, height, kind) =>
      `<rect x="${x * CELL + 2}" y="${y + 2}" width="${width * CELL - 4}" height="${height}" rx="3" class="${kind}"/>`;
    const cells = Array.from({ length: n + 2 * p }, (_, i) =>
      box(i, 0, 1, CELL - 4, i < p || i >= n + p ? "padding" : "cell"));
    const windows = Array.from({ length: shown }, (_, i) => box(i * s, CELL + 6 + i * 9, k, 5, "window"));
    const width = Math.max(n + 2 * p, k) * CELL;
    const height = CELL + 8 + Math.max(shown, 4) * 9;
    const said = shown ? `窗口停 ${shown} 次` : "窗口停几次？";
    return `<svg viewBox="0 0 ${width} ${height}" width="${width * 1.2}" role="img" aria-label="输入 ${n} 格，两侧各填充 ${p} 格；${said}">${cells.join("")}${windows.join("")}</svg>`;
  }

  function verdict({ size, message }) {
    const { n, k, s, p } = state;
    if (message) return `${message}。`;
    const sum = `⌊(${n} + 2 × ${p} − ${k}) / ${s}⌋ + 1 = ${size}`;
    const judged = guess === undefined ? "" : guess === size ? "猜对了，" : `不是 ${guess}，`;
    return `${judged}输出 ${size} 格：${sum}`;
  }

  function choices({ size }) {
    const row = element("div", "", { class: "front-choices" });
    for (const value of [size - 1, size, size + 1]) {
      const button = element("button", `${value} 格`, { type: "button" });
      button.addEventListener("click", () => {
        guess = value;
        render();
        place.querySelector(".front-said").focus();
      });
      row.append(button);
    }
    return row;
  }

  function steppers() {
    const row = element("div", "", { class: "front-steppers" });
    for (const { field, name, least, most } of FIELDS) {
      const group = element("div", "", { role: "group", "aria-label": name });
      for (const by of [-1, 1]) {
        const button = element("button", by < 0 ? "−" : "+", {
          type: "button", "aria-label": `${name}${by < 0 ? "减" : "加"} 1`,
        });
        button.disabled = by < 0 ? state[field] <= least : state[field] >= most;
        button.addEventListener("click", () => {
          state[field] += by;
          guess = undefined;
          render();
          const again = place.querySelector(`[aria-label="${button.getAttribute("aria-label")}"]`);
          (again.disabled ? again.parentElement.querySelector("button:enabled") : again).focus();
        });
        group.append(button);
        if (by < 0) group.append(element("span", `${name} ${state[field]}`));
      }
      row.append(group);
    }
    return row;
  }

  function render() {
    const found = measure();
    const { n, k, s, p } = state;
    const ask = element("p", `一排 ${n} 格，两侧各填充 ${p} 格，窗口 ${k} 格，每次走 ${s} 格。窗口停几次，输出就有几格。`);
    if (guess === null) ask.append(element("strong", "先猜：输出几格？"));
    place.replaceChildren(ask);
    place.insertAdjacentHTML("beforeend", picture(found));
    if (guess === null) {
      place.append(choices(found));
      return;
    }
    place.append(element("p", verdict(found), { class: "front-said", role: "status", tabindex: "-1" }));
    place.append(steppers());
    const link = element("a", "到形状实验室：池化、转置卷积、空洞，两个方向一起看", {
      href: `lab.html#n=${n}&conv=k${k},s${s},p${p}`,
    });
    place.append(link);
  }

  render();
  place.hidden = false;
})();

/* What was read, as book.js keeps it. */
(() => {
  const place = document.getElementById("front-resume");
  const ROOT = new URL("../..", document.currentScript.src);
  const READ = `read ${ROOT.pathname}`;

  function pagesRead() {
    try {
      return JSON.parse(localStorage.getItem(READ)) ?? {};
    } catch {
      return {};
    }
  }

  function show() {
    const all = Object.entries(pagesRead()).sort(([, a], [, b]) => b.time - a.time);
    place.hidden = all.length === 0;
    if (place.hidden) return;
    const done = all.filter(([, page]) => page.done).length;
    const going = all.find(([, page]) => !page.done);
    place.replaceChildren();
    if (going) {
      const [name, { title, part, at }] = going;
      const link = document.createElement("a");
      link.href = new URL(name + (at && `#${at}`), ROOT);
      link.textContent = part ? `${title} · ${part}` : title;
      place.append("接着读：", link, "。");
    }
    const clear = document.createElement("button");
    clear.textContent = "清除记录";
    clear.title = "记录只在这个浏览器里";
    clear.addEventListener("click", () => {
      localStorage.removeItem(READ);
      showReading();
      show();
    });
    place.append(done ? `读完 ${done} 章。` : "", clear);
  }

  show(); // at once, before what is below is drawn and would move: book.js comes later
  for (const event of ["pageshow", "storage"]) addEventListener(event, show); // who came before may tell late
})();
