"use strict";

/* Receptive fields: how much of the input an output sees. An array of size and jump along each axis,
   "all", or null where the outputs do not all see equally much. */

const NetworkFields = (() => {
  /** Tell what a reshaped tensor sees: everything if nothing but the batch is left. */
  const reshaped = (x, shape) => (shape.join() === x.shape.join() || x.field === null ? x.field : "all");

  /** Give the field behind a layer. */
  function behind({ kind, a }, x, made) {
    if (x.field === "all") return "all";
    if (kind.window && x.field !== null) {
      const { k, s, d } = kind.window(a);
      const before = x.field.length ? x.field : k.map(() => ({ size: 1, jump: 1 }));
      if (before.length !== k.length) return null;
      return before.map(({ size, jump }, i) => ({ size: size + (k[i] - 1) * d[i] * jump, jump: jump * s[i] }));
    }
    if (kind.view) return reshaped(x, made);
    if (kind.sees === "adaptive") return a.size.every((size) => size === 1) ? "all" : null;
    if (kind.sees === "all") return "all";
    return kind.sees === "unknown" ? null : x.field;
  }

  /** Give the field of what two tensors give together. */
  function joined(left, right) {
    if (left === "all" || right === "all") return "all";
    if (left === null || right === null) return null;
    if (left.length === 0 || right.length === 0) {
      const [longer] = [left, right].filter((field) => field.length > 0);
      return !longer || longer.every(({ jump }) => jump === 1) ? longer ?? left : null;
    }
    const fits = left.length === right.length && left.every(({ jump }, i) => jump === right[i].jump);
    return fits ? left.map(({ size, jump }, i) => ({ size: Math.max(size, right[i].size), jump })) : null;
  }

  return { reshaped, behind, joined };
})();
