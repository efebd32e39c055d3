"use strict";

/* What tensors do themselves, as methods or as functions of torch: those that change the shape, and
   those that join tensors. */

const NetworkMethods = (() => {
  const { Tensor } = NetworkValues;
  const { aboutAxes, axis, list, runtime, unclear } = NetworkArguments;
  const { flatten, reshape } = NetworkShaping;

  function permuted(x, dims) {
    const about = { topic: "axis", shape: x.shape };
    if (dims.length !== x.shape.length) {
      throw runtime(
        "permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired " +
          `ordering of dimensions i.e. input.dim() = ${x.shape.length} is not equal to len(dims) = ${dims.length}`,
        about,
      );
    }
    const order = dims.map((dim) => axis(x.shape, dim));
    if (new Set(order).size < order.length) throw runtime("permute(): duplicate dims are not allowed.", about);
    return order.map((dim) => x.shape[dim]);
  }

  function averaged(x, dims, keep) {
    const places = dims.map((dim) => axis(x.shape, dim));
    return x.shape.flatMap((size, i) => (!places.includes(i) ? [size] : keep ? [1] : []));
  }

  function squeezed(x, dim) {
    if (dim === null) return x.shape.filter((size) => size !== 1);
    const place = axis(x.shape, dim);
    return x.shape.filter((size, i) => i !== place || size !== 1);
  }

  /** Pad the last axes by what stands in pairs, the last axis first; what is below 0 cuts off. */
  function padded(x, pads, mode) {
    if (mode !== "constant") throw unclear(`pad 的 mode=${NetworkArguments.shown(mode)} 还读不懂`);
    if (pads.length % 2 !== 0) throw runtime("Padding length must be divisible by 2", { topic: "call" });
    if (pads.length > 2 * x.shape.length) {
      throw runtime(
        "Padding length should be less than or equal to two times the input dimension but got padding length " +
          `${pads.length} and input of dimension ${x.shape.length}`,
        aboutAxes(pads.length / 2, pads.length / 2 + 2),
      );
    }
    const sizes = x.shape.map((n, i) => {
      const place = 2 * (x.shape.length - 1 - i);
      return n + (pads[place] ?? 0) + (pads[place + 1] ?? 0);
    });
    if (sizes.some((size) => size < 1)) throw unclear(`补完以后是空的：${list(sizes)}`);
    return sizes;
  }

  /** Repeat axes of length 1 without copying; -1 leaves an axis as it is. */
  function expanded({ shape }, sizes) {
    const more = sizes.length - shape.length;
    const about = { topic: "expand" };
    if (more < 0) {
      throw runtime(
        `expand(torch.FloatTensor{${list(shape)}}, size=${list(sizes)}): the number of sizes provided (${sizes.length}) ` +
          `must be greater or equal to the number of dimensions in the tensor (${shape.length})`,
        about,
      );
    }
    if (sizes.some((size) => size < -1)) throw unclear("expand 的大小不能小于 −1");
    return sizes.map((size, i) => {
      const given = i < more ? 1 : shape[i - more];
      if (i < more && size === -1) {
        const message = `The expanded size of the tensor (-1) isn't allowed in a leading, non-existing dimension ${i}`;
        throw runtime(message, about);
      }
      if (size === -1 || size === given || given === 1) return size === -1 ? given : size;
      throw runtime(
        `The expanded size of the tensor (${size}) must match the existing size (${given}) at non-singleton ` +
          `dimension ${i}.  Target sizes: ${list(sizes)}.  Tensor sizes: ${list(shape)}`,
        about,
      );
    });
  }

  /** By name: the shape that comes out of a tensor and the arguments; `turns` leaves the numbers in
      another order than that of the axes, `copies` takes memory. */
  const SHAPES = new Map(Object.entries({
    flatten: { shape: (x, { whole }) => flatten(x.shape, whole(0, "start_dim", 0), whole(1, "end_dim", -1)) },
    view: { shape: (x, { sizes }) => reshape(x.shape, sizes()), plainOnly: true },
    reshape: { shape: (x, { sizes }) => reshape(x.shape, sizes()) },
    squeeze: { shape: (x, { given, whole }) => squeezed(x, given(0, "dim") === undefined ? null : whole(0, "dim")) },
    unsqueeze: {
      shape(x, { whole }) {
        const place = axis([...x.shape, 1], whole(0, "dim"));
        return [...x.shape.slice(0, place), 1, ...x.shape.slice(place)];
      },
    },
    transpose: {
      shape(x, { whole }) {
        const [a, b] = [whole(0, "dim0"), whole(1, "dim1")].map((dim) => axis(x.shape, dim));
        return x.shape.map((_, i) => x.shape[i === a ? b : i === b ? a : i]);
      },
      turns: true,
    },
    permute: { shape: (x, { sizes }) => permuted(x, sizes("dims")), turns: true },
    expand: { shape: (x, { sizes }) => expanded(x, sizes("size")), turns: true },
    expand_as: { shape: (x, { tensor }) => expanded(x, tensor(0, "other").shape), turns: true },
    pad: { shape: (x, { given, wholes }) => padded(x, wholes(0, "pad"), given(1, "mode", "constant")), copies: true },
    mean: {
      shape: (x, { given, wholes }) => averaged(x, wholes(0, "dim"), given(1, "keepdim") === true),
      copies: true,
    },
  }));

  function broadcast(left, right) {
    const many = Math.max(left.length, right.length);
    const wide = (shape) => [...Array(many - shape.length).fill(1), ...shape];
    const [a, b] = [wide(left), wide(right)];
    for (let i = many - 1; i >= 0; i--) {
      if (a[i] !== b[i] && a[i] !== 1 && b[i] !== 1) {
        throw runtime(
          `The size of tensor a (${a[i]}) must match the size of tensor b (${b[i]}) at non-singleton dimension ${i}`,
          { topic: "sum", left, right },
        );
      }
    }
    return a.map((size, i) => (size === 1 ? b[i] : size));
  }

  /** Add two tensors, or otherwise join them number by number. */
  function joined(left, right, inPlace) {
    const shape = broadcast(left.shape, right.shape);
    if (inPlace && shape.join() !== left.shape.join()) {
      throw runtime(
        `output with shape ${list(left.shape)} doesn't match the broadcast shape ${list(shape)}`,
        { topic: "sum", left: left.shape, right: right.shape },
      );
    }
    return new Tensor(shape, NetworkFields.joined(left.field, right.field), left.plain && right.plain);
  }

  function concatenated(parts, dim) {
    const [first] = parts;
    const place = axis(first.shape, dim);
    parts.forEach(({ shape }, index) => {
      const [many, wanted] = [shape.length, first.shape.length];
      if (many !== wanted) {
        throw runtime(`Tensors must have same number of dimensions: got ${wanted} and ${many}`, { topic: "cat" });
      }
      const other = shape.findIndex((size, i) => i !== place && size !== first.shape[i]);
      if (other >= 0) {
        throw runtime(
          `Sizes of tensors must match except in dimension ${place}. Expected size ${first.shape[other]} ` +
            `but got size ${shape[other]} for tensor number ${index} in the list.`,
          { topic: "cat" },
        );
      }
    });
    const total = parts.reduce((sum, part) => sum + part.shape[place], 0);
    const field = parts.map((part) => part.field).reduce(NetworkFields.joined);
    const shape = first.shape.map((size, i) => (i === place ? total : size));
    return new Tensor(shape, field, parts.every((part) => part.plain));
  }

  return { SHAPES, joined, concatenated };
})();
