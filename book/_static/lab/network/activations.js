"use strict";

/* Activation functions and dropout: the shape stays as it is, but for GLU. */

const NetworkActivations = (() => {
  const {
    runtime, invalid, unclear, aboutAxes, integer, number, flag, create, axis, inRange, shown,
  } = NetworkArguments;

  const dropouts = ["Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout"].map((name) => [
    name,
    {
      owner: "_DropoutNd",
      signature: "p=0.5 inplace=False",
      build(args) {
        const p = number(args.p);
        if (typeof p !== "number") throw unclear(`p 要 0 到 1 之间的数，这里是 ${shown(args.p)}`);
        if (!inRange(0, 1, p)) {
          const said = args.p instanceof Real && Number.isInteger(p) ? `${p}.0` : p;
          throw invalid(`dropout probability has to be between 0 and 1, but got ${said}`, { topic: "probability" });
        }
        return { inplace: flag(args, "inplace"), parameters: 0 };
      },
      call(a, shape) {
        const dimensions = shape.length;
        if (name === "Dropout1d" && !inRange(2, 3, dimensions)) {
          throw runtime(
            `dropout1d: Expected 2D or 3D input, but received a ${dimensions}D input. Note that dropout1d exists to ` +
              "provide channel-wise dropout on inputs with 1 spatial dimension, a channel dimension, and an optional " +
              "batch dimension (i.e. 2D or 3D inputs).",
            aboutAxes(2, 3),
          );
        }
        if (["Dropout2d", "FeatureAlphaDropout"].includes(name) && dimensions < 2) {
          throw runtime("Feature dropout requires at least 2 dimensions in the input", aboutAxes(2, 4));
        }
        return shape;
      },
    },
  ]);

  const PLAIN = {
    ReLU: "inplace=False", ReLU6: "inplace=False", LeakyReLU: "negative_slope=0.01 inplace=False",
    ELU: "alpha=1.0 inplace=False", SELU: "inplace=False", CELU: "alpha=1.0 inplace=False",
    GELU: "approximate=none", SiLU: "inplace=False", Mish: "inplace=False",
    Hardsigmoid: "inplace=False", Hardswish: "inplace=False", Softplus: "beta=1.0 threshold=20.0",
    Hardshrink: "lambd=0.5", Softshrink: "lambd=0.5",
    Threshold: "threshold value inplace=False",
    Sigmoid: "", Tanh: "", LogSigmoid: "", Softsign: "", Tanhshrink: "",
  };

  const plain = Object.entries(PLAIN).map(([name, text]) => [
    name,
    {
      signature: text,
      build: (args) => ({ inplace: "inplace" in args && flag(args, "inplace"), parameters: 0 }),
      call: (a, shape) => shape,
    },
  ]);

  const softmaxes = ["Softmax", "LogSoftmax", "Softmin"].map((name) => [
    name,
    {
      signature: "dim=None",
      build: (args) => ({ dim: args.dim === null ? null : integer(args, "dim"), parameters: 0 }),
      call(a, shape) {
        axis(shape, a.dim ?? ([0, 1, 3].includes(shape.length) ? 0 : 1));
        return shape;
      },
    },
  ]);

  const activations = [
    ...plain,
    ...softmaxes,
    ["Softmax2d", {
      signature: "",
      build: () => ({ parameters: 0 }),
      call(a, shape) {
        if (inRange(3, 4, shape.length)) return shape;
        const message = `Softmax2d: expected input to be 3D or 4D, got ${shape.length}D instead`;
        throw invalid(message, aboutAxes(3, 4));
      },
    }],
    ["GLU", {
      signature: "dim=-1",
      build: (args) => ({ dim: integer(args, "dim"), parameters: 0 }),
      call(a, shape) {
        const place = axis(shape, a.dim);
        if (shape[place] % 2 !== 0) {
          const message = `Halving dimension must be even, but dimension ${place} is size ${shape[place]}`;
          throw runtime(message, { topic: "halving" });
        }
        return shape.map((size, i) => (i === place ? size / 2 : size));
      },
    }],
    ["PReLU", {
      signature: "num_parameters=1 init=0.25 device=None dtype=None",
      build(args) {
        const many = integer(args, "num_parameters");
        return { many, parameters: create([many]) };
      },
      call(a, shape) {
        const channels = shape.length > 1 ? shape[1] : 1;
        if (a.many === 1 || a.many === channels) return shape;
        throw runtime(
          "Mismatch of parameter numbers and input channel size. Found parameter numbers = " +
            `${a.many} and channel size = ${channels}.`,
          { topic: "prelu", channels },
        );
      },
    }],
    ["RReLU", {
      signature: "lower=0.125 upper=0.3333 inplace=False",
      build(args) {
        if (number(args.lower) > number(args.upper)) throw unclear("lower 不能大于 upper");
        return { inplace: flag(args, "inplace"), parameters: 0 };
      },
      call: (a, shape) => shape,
    }],
    ["Hardtanh", {
      signature: "min_val=-1.0 max_val=1.0 inplace=False",
      build(args) {
        if (number(args.min_val) >= number(args.max_val)) throw unclear("max_val 要大于 min_val");
        return { inplace: flag(args, "inplace"), parameters: 0 };
      },
      call: (a, shape) => shape,
    }],
  ];

  return [...dropouts, ...activations];
})();
