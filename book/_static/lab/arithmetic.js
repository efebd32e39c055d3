"use strict";

/* Output sizes, windows and receptive fields along one axis, exactly as torch has them (floor
   division, its checks and its ceil_mode). Pure functions: texts and numbers in, numbers out. */

const ShapeLab = (() => {
  const LIMIT = 2 ** 31 - 1;
  const MOST_LAYERS = 40;
  const FIELDS = {
    n: { name: "输入大小 n", least: 1 },
    k: { name: "窗口 k", least: 1, initial: "3" },
    s: { name: "步幅 s", least: 1, initial: "1" },
    p: { name: "填充 p", least: 0, initial: "0" },
    d: { name: "空洞 d", least: 1, initial: "1" },
    o: { name: "多留 o", least: 0, initial: "0" },
  };
  const KINDS = {
    conv: { name: "卷积", fields: "kspd" },
    max: { name: "最大池化", fields: "kspd", pools: true },
    avg: { name: "平均池化", fields: "ksp", pools: true },
    transposed: { name: "转置卷积", fields: "kspdo" },
  };

  /** What a field of a layer says when nobody has said anything; no stride means that of torch. */
  const initial = (kind, field) =>
    field === "s" && KINDS[kind].pools ? "" : FIELDS[field].initial;

  const newLayer = (kind) => {
    const texts = [..."kspdo"].map((field) => [field, initial(kind, field)]);
    return { kind, ceil: false, ...Object.fromEntries(texts) };
  };

  /** Read an integer as people type it: {value}, or {message} that tells what was wanted. */
  function integer(field, text) {
    const { name, least } = FIELDS[field];
    const plain = text.normalize("NFKC").replace("−", "-").trim();
    const value = /^[+-]?\d+$/.test(plain) ? Number(plain) : NaN;
    if (value < least) return { message: `${name} 至少是 ${least}，现在是 ${text.trim()}` };
    if (value > LIMIT) return { message: `${name} 最多是 ${LIMIT}，现在是 ${text.trim()}` };
    if (Number.isInteger(value)) return { value };
    return { message: `${name} 要填整数，${plain ? `现在是“${text.trim()}”` : "现在空着"}` };
  }

  /** Read the fields of a layer: {values, errors}; what a kind does not have is torch's default. */
  function values(layer) {
    const kind = KINDS[layer.kind];
    const found = { s: 1, p: 0, d: 1, o: 0, ceil: Boolean(kind.pools && layer.ceil) };
    const errors = [];
    for (const field of kind.fields) {
      const same = field === "s" && kind.pools && layer.s.trim() === "";
      const { value, message } = integer(field, same ? layer.k : layer[field]);
      if (message && !same) errors.push({ field, message });
      found[field] = value;
    }
    return { values: found, errors };
  }

  /** Measure the output for checked values: {size, reach, …}, or {field, message}. */
  function measure(kind, n, { k, s, p, d, o, ceil }) {
    const reach = d * (k - 1) + 1;
    if (kind === "transposed") {
      const spread = (n - 1) * s + reach;
      const size = spread - 2 * p + o;
      if (o >= Math.max(s, d)) {
        const message = `多留 o 要小于步幅 ${s} 或空洞 ${d}，现在是 ${o}`;
        return { field: "o", message };
      }
      if (size < 1) {
        const message = `铺开后有 ${spread + o} 格，两侧各切掉 ${p} 格就什么也不剩；填充 p 要小一些`;
        return { field: "p", message };
      }
      if (size > LIMIT) return { field: "n", message: `输出超过 ${LIMIT} 格，这里不算这么大的` };
      return { size, reach, spread, count: n };
    }
    if (KINDS[kind].pools && p > Math.floor(k / 2)) {
      const message = `池化的填充 p 最多是窗口的一半：窗口 ${k}，最多 ${Math.floor(k / 2)}，现在是 ${p}`;
      return { field: "p", message };
    }
    const room = n + 2 * p - reach;
    let size = (ceil ? Math.ceil(room / s) : Math.floor(room / s)) + 1;
    const dropped = ceil && (size - 1) * s >= n + p;
    if (dropped) size -= 1;
    if (size < 1) {
      const cells = reach > LIMIT ? `超过 ${LIMIT}` : `${d} × (${k} − 1) + 1 = ${reach}`;
      const message = `窗口盖住 ${cells} 格，输入连填充只有 ${n} + 2 × ${p} = ${n + 2 * p} 格，放不下`;
      return { field: "k", message };
    }
    if (size > LIMIT) return { field: "n", message: `输出超过 ${LIMIT} 格，这里不算这么大的` };
    return { size, reach, room, dropped, count: size };
  }

  /** Follow a size and a receptive field through a stack. A row without a size says in `errors`
      what is wrong with it, or is `blocked` because the row before has no output. A transposed
      convolution has no receptive field here: its outputs do not all see equally many inputs. */
  function stack(n, layers) {
    const first = integer("n", n);
    const rows = [];
    let before = { size: first.value, field: 1, jump: 1 };
    for (const layer of layers) {
      const row = { ...values(layer), input: before.size, blocked: before.size === undefined };
      if (!row.blocked && row.errors.length === 0) {
        const { k, s, d } = row.values;
        const found = measure(layer.kind, row.input, row.values);
        const field = before.field + d * (k - 1) * before.jump;
        const jump = before.jump * s;
        if (found.message) row.errors.push(found);
        else if (layer.kind === "transposed") Object.assign(row, found);
        else if (Math.max(field, jump) <= LIMIT) Object.assign(row, found, { field, jump });
        else row.errors.push({ field: "s", message: `感受野或步距超过 ${LIMIT} 格` });
      }
      rows.push(row);
      before = row;
    }
    return { message: first.message, rows };
  }

  /** List where window i has its taps, from `low` to `high`: on the input, or, if transposed, on
      the output. Cell 0 is the first that is no padding. */
  function taps({ k, s, p, d }, i, low = -Infinity, high = Infinity) {
    const start = i * s - p;
    const first = Math.max(0, Math.ceil((low - start) / d));
    const last = Math.min(k - 1, Math.floor((high - start) / d));
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, j) => start + (first + j) * d);
  }

  /** Tell whether any of `count` windows has a tap on a cell. */
  function touched({ k, s, p, d }, count, cell) {
    const end = cell + p;
    const first = Math.max(0, Math.ceil((end - (k - 1) * d) / s));
    const last = Math.min(count - 1, Math.floor(end / s));
    if (last - first < k) {
      for (let i = first; i <= last; i++) if ((end - i * s) % d === 0) return true;
      return false;
    }
    for (let j = 0; j < k; j++) {
      const i = (end - j * d) / s;
      if (Number.isInteger(i) && first <= i && i <= last) return true;
    }
    return false;
  }

  /** Write a state as "n=7&conv=k3,s2,p1&at=1": a part per layer, without what is initial. */
  function write({ n, layers, at, column, row }) {
    const parts = [`n=${encodeURIComponent(n)}`];
    for (const layer of layers) {
      const said = [...KINDS[layer.kind].fields].filter(
        (field) => field === "k" || layer[field] !== initial(layer.kind, field),
      );
      const texts = said.map((field) => field + encodeURIComponent(layer[field]));
      if (KINDS[layer.kind].pools && layer.ceil) texts.push("ceil");
      parts.push(`${layer.kind}=${texts.join(",")}`);
    }
    const places = [["at", at + 1, 1], ["w", column, 0], ["r", row, 0]];
    for (const [key, value, usual] of places) if (value !== usual) parts.push(`${key}=${value}`);
    return parts.join("&");
  }

  /** Read what `write` has written; null if it is something else, such as a heading's anchor. */
  function read(text) {
    const state = { n: "", layers: [], at: 0, column: 0, row: 0 };
    const place = (value) => Math.min(Math.max(0, Math.trunc(Number(value)) || 0), LIMIT);
    try {
      for (const part of text.replace(/^#/, "").split("&")) {
        const [key, value = ""] = part.split("=");
        if (key === "n") state.n = decodeURIComponent(value);
        else if (key === "at") state.at = place(Number(value) - 1);
        else if (key === "w") state.column = place(value);
        else if (key === "r") state.row = place(value);
        else if (Object.hasOwn(KINDS, key)) {
          const layer = newLayer(key);
          for (const setting of value.split(",")) {
            if (setting === "ceil") layer.ceil = true;
            else if ("kspdo".includes(setting[0] ?? " ")) {
              layer[setting[0]] = decodeURIComponent(setting.slice(1));
            }
          }
          state.layers.push(layer);
        }
      }
    } catch {
      return null; // a broken percent sequence
    }
    const many = state.layers.length;
    const mixed = many > 1 && state.layers.some(({ kind }) => kind === "transposed");
    if (many === 0 || many > MOST_LAYERS || mixed) return null;
    state.at = Math.min(state.at, many - 1);
    return state;
  }

  return {
    FIELDS, KINDS, LIMIT, MOST_LAYERS,
    initial, newLayer, integer, values, measure, stack, taps, touched, write, read,
  };
})();
