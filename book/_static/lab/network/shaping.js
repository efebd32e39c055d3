"use strict";

/* Linear layers, and what only reshapes: layers, and the same as methods of tensors. */

const NetworkShaping = (() => {
  const {
    product, list, runtime, unclear, integer, each, flag, create, axis,
  } = NetworkArguments;

  function flatten(shape, start, end) {
    if (shape.length === 0) throw unclear("这里不算没有轴的张量");
    const [first, last] = [axis(shape, start), axis(shape, end)];
    if (first > last) {
      throw runtime("flatten() has invalid args: start_dim cannot come after end_dim", { topic: "axis", shape });
    }
    return [...shape.slice(0, first), product(shape.slice(first, last + 1)), ...shape.slice(last + 1)];
  }

  /** Fill in the -1 of `view` and `reshape`. */
  function reshape(shape, sizes) {
    const total = product(shape);
    if (sizes.filter((size) => size === -1).length > 1) throw runtime("only one dimension can be inferred", { topic: "view" });
    const low = sizes.findIndex((size) => size < -1);
    if (low >= 0) {
      throw runtime(`invalid shape dimension ${sizes[low]} at index ${low} of shape ${list(sizes)}`, { topic: "view" });
    }
    const known = product(sizes.filter((size) => size !== -1));
    const open = sizes.includes(-1);
    if (open ? known === 0 || total % known !== 0 : known !== total) {
      const message = `shape '${list(sizes)}' is invalid for input of size ${total}`;
      throw runtime(message, { topic: "view", total, shape, sizes });
    }
    return sizes.map((size) => (size === -1 ? total / known : size));
  }

  const kinds = [
    ["Linear", {
      signature: "in_features out_features bias=True device=None dtype=None",
      build(args) {
        const [given, made] = [integer(args, "in_features"), integer(args, "out_features")];
        const parameters = create([made, given]) + (flag(args, "bias") ? made : 0);
        return { in: given, out: made, parameters };
      },
      call(a, shape) {
        if (shape.at(-1) === a.in) return [...shape.slice(0, -1), a.out];
        const rows = product(shape.slice(0, -1));
        throw runtime(
          `mat1 and mat2 shapes cannot be multiplied (${rows}x${shape.at(-1)} and ${a.in}x${a.out})`,
          { topic: "features", wanted: a.in, given: shape.at(-1) },
        );
      },
      multiplyAdds: (a, given, made) => product(made) * a.in,
      sees: "all",
    }],
    ["Flatten", {
      signature: "start_dim=1 end_dim=-1",
      build: (args) => ({ start: integer(args, "start_dim"), end: integer(args, "end_dim"), parameters: 0 }),
      call: (a, shape) => flatten(shape, a.start, a.end),
      sees: "all",
      view: true,
    }],
    ["Unflatten", {
      signature: "dim unflattened_size",
      build(args) {
        const { unflattened_size: sizes } = args;
        if (!Array.isArray(sizes) || sizes.length === 0) throw unclear("unflattened_size 要一个元组");
        return { dim: integer(args, "dim"), sizes: each(args, "unflattened_size", sizes.length), parameters: 0 };
      },
      call(a, shape) {
        const place = axis(shape, a.dim);
        const size = shape[place];
        const open = a.sizes.filter((one) => one === -1).length;
        const known = product(a.sizes.filter((one) => one !== -1));
        if (open > 1 || a.sizes.some((one) => one < -1)) throw unclear("unflattened_size 里最多一个 -1");
        if (open ? known === 0 || size % known !== 0 : known !== size) {
          throw runtime(
            `unflatten: Provided sizes ${list(a.sizes)} don't multiply up to the size of dim ${place} (${size}) in the input tensor`,
            { topic: "unflatten", size, sizes: a.sizes },
          );
        }
        return [...shape.slice(0, place), ...a.sizes.map((one) => (one === -1 ? size / known : one)), ...shape.slice(place + 1)];
      },
      sees: "unknown",
      view: true,
    }],
    ["Identity", { anything: true, call: (a, shape) => shape, view: true }],
  ];

  return { flatten, reshape, kinds };
})();
