"use strict";

/* Normalisation: over the batch, an instance, a layer, groups of channels, neighbouring channels. */

const NetworkNorms = (() => {
  const {
    product, list, runtime, invalid, unclear, aboutAxes, aboutLeast, integer, each, flag,
    create, inRange, axesOf, batched,
  } = NetworkArguments;

  const batchDimensions = { 1: "2D or 3D", 2: "4D", 3: "5D" };

  function checkElements(name, found, wanted) {
    if (found === wanted) return;
    throw runtime(`${name} should contain ${found} elements not ${wanted}`, { topic: "features_norm" });
  }

  function buildStatistics(args) {
    const features = integer(args, "num_features");
    const affine = flag(args, "affine");
    const tracked = flag(args, "track_running_stats");
    const bias = affine && flag(args, "bias");
    if (features < 0 && !affine && tracked) throw unclear("num_features 不能小于 0");
    if (affine) create([features]);
    return { features, affine, tracked, parameters: affine ? features * (bias ? 2 : 1) : 0 };
  }

  const torchSize = (shape) => `torch.Size(${list(shape)})`;

  const statistics = axesOf((axes) => [
    [`BatchNorm${axes}d`, {
      owner: "_BatchNorm",
      signature: "num_features eps=0.00001 momentum=0.1 affine=True track_running_stats=True device=None dtype=None | bias=True",
      build: buildStatistics,
      call(a, shape) {
        const fits = axes === 1 ? inRange(2, 3, shape.length) : shape.length === axes + 2;
        if (!fits) {
          const message = `expected ${batchDimensions[axes]} input (got ${shape.length}D input)`;
          throw invalid(message, aboutAxes(axes === 1 ? 2 : axes + 2, axes + 2));
        }
        const values = product([shape[0], ...shape.slice(2)]);
        if (values === 1) {
          const message = `Expected more than 1 value per channel when training, got input size ${torchSize(shape)}`;
          throw invalid(message, { topic: "single" });
        }
        if (a.tracked) checkElements("running_mean", shape[1], a.features);
        if (a.affine) checkElements("weight", shape[1], a.features);
        return shape;
      },
    }],
    [`InstanceNorm${axes}d`, {
      owner: "_InstanceNorm",
      signature: "num_features eps=0.00001 momentum=0.1 affine=False track_running_stats=False device=None dtype=None | bias=True",
      build: buildStatistics,
      call(a, shape) {
        if (!inRange(axes + 1, axes + 2, shape.length)) {
          const message = `expected ${axes + 1}D or ${axes + 2}D input (got ${shape.length}D input)`;
          throw invalid(message, aboutAxes(axes + 1, axes + 2));
        }
        const place = shape.length - axes - 1;
        if (a.affine && shape[place] !== a.features) {
          throw invalid(
            `expected input's size at dim=${place} to match num_features (${a.features}), but got: ${shape[place]}.`,
            { topic: "features_norm" },
          );
        }
        return batched(shape, axes, (whole) => {
          if (product(whole.slice(2)) === 1) {
            const message = `Expected more than 1 spatial element when training, got input size ${torchSize(whole)}`;
            throw invalid(message, { topic: "single_pixel" });
          }
          if (a.tracked) checkElements("running_mean", whole[0] * whole[1], a.features * whole[0]);
          return whole;
        });
      },
      sees: "all",
    }],
  ]).flat();

  const norms = [
    ["LayerNorm", {
      signature: "normalized_shape eps=0.00001 elementwise_affine=True bias=True device=None dtype=None",
      build(args) {
        const { normalized_shape: given } = args;
        const sizes = Array.isArray(given) ? each(args, "normalized_shape", given.length) : [integer(args, "normalized_shape")];
        if (sizes.length === 0) throw unclear("normalized_shape 不能是空的");
        const affine = flag(args, "elementwise_affine");
        const numbers = affine ? create(sizes) : 0;
        return { sizes, parameters: numbers * (flag(args, "bias") ? 2 : 1) };
      },
      call(a, shape) {
        const tail = shape.slice(-a.sizes.length);
        if (shape.length >= a.sizes.length && a.sizes.every((size, i) => size === tail[i])) return shape;
        throw runtime(
          `Given normalized_shape=${list(a.sizes)}, expected input with shape [*, ${a.sizes.join(", ")}], ` +
            `but got input of size${list(shape)}`,
          { topic: "normalized_shape", many: a.sizes.length, shape },
        );
      },
      sees: "unknown",
    }],
    ["GroupNorm", {
      signature: "num_groups num_channels eps=0.00001 affine=True device=None dtype=None | bias=True",
      build(args) {
        const [groups, channels] = [integer(args, "num_groups"), integer(args, "num_channels")];
        if (groups === 0) throw new Refusal("ZeroDivisionError", "integer modulo by zero", aboutLeast("num_groups", 1));
        if (channels % groups !== 0) {
          const message = `num_channels (${channels}) must be divisible by num_groups (${groups})`;
          throw invalid(message, { topic: "group_norm", channels, groups });
        }
        const affine = flag(args, "affine");
        if (affine) create([channels]);
        return { groups, channels, affine, parameters: affine ? channels * (flag(args, "bias") ? 2 : 1) : 0 };
      },
      call(a, shape) {
        if (shape.length < 2) {
          const message = `Expected at least 2 dimensions for input tensor but received ${shape.length}`;
          throw runtime(message, aboutAxes(2, 5));
        }
        const verified = [Math.floor((shape[0] * shape[1]) / a.groups), a.groups, ...shape.slice(2)];
        if (product([verified[0], ...verified.slice(2)]) === 1) {
          const message = `Expected more than 1 value per channel when training, got input size ${list(verified)}`;
          throw invalid(message, { topic: "single" });
        }
        if (a.groups < 0) {
          throw runtime(`Expected num groups to be greater than 0, got ${a.groups}`, aboutLeast("num_groups", 1));
        }
        if (shape[1] % a.groups !== 0) {
          throw runtime(
            "Expected number of channels in input to be divisible by num_groups, but got input of shape " +
              `${list(shape)} and num_groups=${a.groups}`,
            { topic: "group_norm", channels: shape[1], groups: a.groups },
          );
        }
        if (a.affine && shape[1] !== a.channels) {
          throw runtime(
            "Expected weight to be a vector of size equal to the number of channels in input, but got weight of shape " +
              `[${a.channels}] and input of shape ${list(shape)}`,
            { topic: "group_norm", channels: shape[1], groups: a.groups },
          );
        }
        return shape;
      },
      sees: "all",
    }],
    ["LocalResponseNorm", {
      signature: "size alpha=0.0001 beta=0.75 k=1.0",
      build(args) {
        if (integer(args, "size") < 1) throw unclear("size 至少是 1");
        return { parameters: 0 };
      },
      call(a, shape) {
        if (shape.length >= 3) return shape;
        const gap = " ".repeat(25);
        throw invalid(`Expected 3D or higher dimensionality ${gap}input (got ${shape.length} dimensions)`, aboutAxes(3, 5));
      },
    }],
  ];

  return [...statistics, ...norms];
})();
