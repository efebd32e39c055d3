"use strict";

/* What tensors do themselves, as methods or as functions of torch: those that change the shape, and
   those that join tensors. */

const NetworkMethods = (() => {
  const { Tensor } = NetworkValues;
  const { axis, list, runtime } = NetworkArguments;
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
