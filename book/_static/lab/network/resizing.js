"use strict";

/* Interpolation, shuffled pixels and channels, padding. */

const NetworkResizing = (() => {
  const {
    list, repeat, runtime, invalid, unclear, aboutAxes, aboutLeast, integer, each, number,
    inRange, axesOf, shown,
  } = NetworkArguments;

  const MODES = { nearest: 0, "nearest-exact": 0, area: 0, linear: 3, bilinear: 4, trilinear: 5, bicubic: 4 };

  function interpolate(a, shape) {
    const wide = shape.slice(2);
    const told = list(wide);
    const { size, factor, mode } = a;
    if (a.corners !== null && MODES[mode] === 0) {
      throw invalid("align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear", { topic: "mode" });
    }
    if (size !== null && factor !== null) throw invalid("only one of size or scale_factor should be defined", { topic: "call" });
    if (size === null && factor === null) throw invalid("either size or scale_factor should be defined", { topic: "call" });
    const many = Math.max(shape.length - 2, 0);
    const given = size ?? factor;
    if (Array.isArray(given) && given.length !== many) {
      const parts = given.map((one) => (size || !Number.isInteger(one) ? one : `${one}.0`)).join(", ");
      const numbers = size?.isList ? `[${parts}]` : `(${parts}${given.length === 1 ? "," : ""})`;
      const form = size
        ? `Input and output must have the same number of spatial dimensions, but got input with spatial dimensions of ${told} and output size of ${numbers}. Please provide input tensor in (N, C, d1, d2, ...,dK) format and output size in (o1, o2, ...,oK) format.`
        : `Input and scale_factor must have the same number of spatial dimensions, but got input with spatial dimensions of ${told} and scale_factor of shape ${numbers}. Please provide input tensor in (N, C, d1, d2, ...,dK) format and scale_factor in (s1, s2, ...,sK) format.`;
      throw invalid(form, { topic: "scaling" });
    }
    const modes = "nearest | linear | bilinear | bicubic | trilinear | lanczos | area | nearest-exact";
    const strange = (message) => new Refusal("NotImplementedError", message, { topic: "mode" });
    const needs = MODES[mode];
    if (!inRange(3, 5, shape.length) || (mode === "bicubic" && shape.length !== 4)) {
      throw strange(`Input Error: Only 3D, 4D and 5D input Tensors supported (got ${shape.length}D) for the modes: ${modes} (got ${mode})`);
    }
    if (needs && shape.length !== needs) {
      throw strange(`Got ${shape.length}D input, but ${mode} mode needs ${needs}D input`);
    }
    const factors = Array.isArray(factor) ? factor : repeat(factor, many);
    const sizes = size
      ? Array.isArray(size) ? size : repeat(size, many)
      : wide.map((n, i) => Math.floor(n * factors[i]));
    if (sizes.some((one) => one < 1)) throw unclear(`放大之后是空的：${list(sizes)}`);
    return [...shape.slice(0, 2), ...sizes];
  }

  function buildUpsample(args, mode) {
    const sizes = (value) => {
      if (value === null) return null;
      if (!Array.isArray(value)) return integer({ size: value }, "size");
      for (const one of value) integer({ size: one }, "size");
      return value;
    };
    const factors = (value) => {
      const one = number(value);
      if (Array.isArray(value)) return value.map(factors);
      if (one === null || one === 0) return null; // `float(scale_factor) if scale_factor else None`
      if (typeof one !== "number") throw unclear(`scale_factor 要数，这里是 ${shown(value)}`);
      return one;
    };
    if (!(mode in MODES)) throw unclear(`mode 没有 ${shown(mode)} 这一种`);
    const corners = args.align_corners ?? null;
    return { size: sizes(args.size), factor: factors(args.scale_factor), mode, corners, parameters: 0 };
  }

  function checkPixels(name, parameter, factor, shape) {
    if (shape.length < 3) {
      const message = `${name} expects input to have at least 3 dimensions, but got input with ${shape.length} dimension(s)`;
      throw runtime(message, aboutAxes(3, 4));
    }
    if (factor <= 0) throw runtime(`${name} expects a positive ${parameter}, but got ${factor}`, aboutLeast(parameter, 1));
  }

  const resizing = [
    ["Upsample", {
      signature: "size=None scale_factor=None mode=nearest align_corners=None recompute_scale_factor=None",
      build: (args) => buildUpsample(args, args.mode),
      call: interpolate,
      sees: "unknown",
    }],
    ...[["Nearest", "nearest"], ["Bilinear", "bilinear"]].map(([name, mode]) => [
      `Upsampling${name}2d`,
      {
        signature: "size=None scale_factor=None",
        build: (args) => buildUpsample(args, mode),
        call: interpolate,
        sees: "unknown",
      },
    ]),
    ["PixelShuffle", {
      signature: "upscale_factor",
      build: (args) => ({ r: integer(args, "upscale_factor"), parameters: 0 }),
      call({ r }, shape) {
        checkPixels("pixel_shuffle", "upscale_factor", r, shape);
        const [c, h, w] = shape.slice(-3);
        if (c % (r * r) !== 0) {
          throw runtime(
            "pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of upscale_factor, " +
              `but input.size(-3)=${c} is not divisible by ${r * r}`,
            { topic: "shuffle", channels: c },
          );
        }
        return [...shape.slice(0, -3), c / (r * r), h * r, w * r];
      },
      sees: "unknown",
    }],
    ["PixelUnshuffle", {
      signature: "downscale_factor",
      build: (args) => ({ r: integer(args, "downscale_factor"), parameters: 0 }),
      call({ r }, shape) {
        checkPixels("pixel_unshuffle", "downscale_factor", r, shape);
        const [c, h, w] = shape.slice(-3);
        for (const [name, size, place] of [["height", h, -2], ["width", w, -1]]) {
          if (size % r !== 0) {
            const message = `pixel_unshuffle expects ${name} to be divisible by downscale_factor, ` +
              `but input.size(${place})=${size} is not divisible by ${r}`;
            throw runtime(message, { topic: "unshuffle", r });
          }
        }
        return [...shape.slice(0, -3), c * r * r, h / r, w / r];
      },
      sees: "unknown",
    }],
    ["ChannelShuffle", {
      signature: "groups",
      build: (args) => ({ groups: integer(args, "groups"), parameters: 0 }),
      call(a, shape) {
        if (shape.length < 3) throw runtime(`channel_shuffle expects input with > 2 dims, but got input with sizes ${list(shape)}`, aboutAxes(3, 4));
        if (a.groups <= 0) throw runtime(`Number of groups to divide channels in must be positive. Value of groups:${a.groups}`, aboutLeast("groups", 1));
        if (shape[1] % a.groups !== 0) throw runtime(`Number of channels must be divisible by groups. Got ${shape[1]} channels and ${a.groups} groups.`, { topic: "shuffle_groups", channels: shape[1], groups: a.groups });
        return shape;
      },
    }],
    ...axesOf((axes) => [["Zero", ""], ["Constant", " value"]].map(([name, more]) => [
      `${name}Pad${axes}d`,
      {
        signature: `padding${more}`,
        build(args) {
          const p = each(args, "padding", 2 * axes);
          if (p.some((one) => one < 0)) throw unclear("这里不算小于 0 的 padding");
          return { p, parameters: 0 };
        },
        call(a, shape) {
          if (shape.length < axes) {
            throw runtime(
              "Padding length should be less than or equal to two times the input dimension but got padding length " +
                `${2 * axes} and input of dimension ${shape.length}`,
              aboutAxes(axes, axes + 2),
            );
          }
          return shape.map((n, i) => {
            const back = shape.length - 1 - i;
            return back < axes ? n + a.p[2 * back] + a.p[2 * back + 1] : n;
          });
        },
      },
    ])).flat(),
  ];

  return resizing;
})();
