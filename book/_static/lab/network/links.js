"use strict";

/* Which rows open in the laboratory of one layer: those whose windows it knows, along each axis. */

const NetworkLinks = (() => {
  const SLIDING = { Conv: "conv", MaxPool: "max", AvgPool: "avg", ConvTranspose: "transposed" };
  const AXES = { 1: ["长"], 2: ["高", "宽"], 3: ["深", "高", "宽"] };

  /** Write a row along an axis as an address there; null where it would say something else. */
  function address({ layer: { a }, input, output }, kind, axis, axes) {
    const place = input.length - axes + axis;
    const totals = a.same ? a.d[axis] * (a.k[axis] - 1) : 2 * a.p[axis];
    const numbers = { k: a.k[axis], s: a.s[axis], p: totals / 2, d: a.d[axis], o: a.o?.[axis] ?? 0 };
    const texts = Object.entries(numbers).map(([field, value]) => [field, String(value)]);
    const one = { ...ShapeLab.newLayer(kind), ...Object.fromEntries(texts), ceil: Boolean(a.ceil) };
    const n = String(input[place]);
    const [{ size }] = ShapeLab.stack(n, [one]).rows;
    if (totals % 2 !== 0 || (output && size !== output[place])) return null;
    return `#${ShapeLab.write({ n, layers: [one], at: 0, column: 0, row: 0 })}`;
  }

  return function links(row) {
    const [, name, number] = /^(\w+)(\d)d$/.exec(row.name) ?? [];
    const axes = Number(number);
    if (!(name in SLIDING) || !row.layer.a?.k || row.input.length <= axes) return [];
    const found = AXES[axes].map((_, axis) => address(row, SLIDING[name], axis, axes));
    if (found.includes(null)) return [];
    const link = (href, said) => {
      const made = NetworkForm.make("a", said, { href });
      made.setAttribute("aria-label", `${said}：第 ${row.line} 行的 ${row.name}`);
      return made;
    };
    if (new Set(found).size === 1) return [link(found[0], "单看这一层")];
    return found.map((href, axis) => link(href, `单看${AXES[axes][axis]}`));
  };
})();
