"use strict";

/* Convolutions and transposed ones: their checks, in the order of PyTorch, and the shapes they give. */

const NetworkConvolutions = (() => {
  const {
    product, list, cross, repeat, runtime, invalid, unclear, aboutAxes, aboutLeast, integer,
    each, flag, create, inRange, axesOf, shown, batched,
  } = NetworkArguments;

  const PADDING_MODES = ["zeros", "reflect", "replicate", "circular"];

  function buildConvolution(args, axes, transposed) {
    const a = { in: integer(args, "in_channels"), out: integer(args, "out_channels") };
    a.groups = integer(args, "groups");
    a.k = each(args, "kernel_size", axes);
    if (Array.isArray(args.kernel_size) && args.kernel_size.length !== axes) {
      throw unclear(`kernel_size 要一个整数或 ${axes} 个整数，这里有 1 个`);
    }
    a.s = each(args, "stride", axes);
    a.d = each(args, "dilation", axes);
    a.bias = flag(args, "bias");
    a.mode = args.padding_mode;
    a.same = args.padding === "same";
    if (transposed && a.mode !== "zeros") {
      const message = `Only "zeros" padding mode is supported for ConvTranspose${axes}d`;
      throw invalid(message, { topic: "padding_mode" });
    }
    if (a.groups <= 0) throw invalid("groups must be a positive integer", { topic: "groups", least: true });
    if (a.in % a.groups !== 0) {
      throw invalid("in_channels must be divisible by groups", { topic: "groups", ...a });
    }
    if (a.out % a.groups !== 0) {
      throw invalid("out_channels must be divisible by groups", { topic: "groups", ...a });
    }
    if (typeof args.padding === "string") {
      if (transposed) throw unclear("转置卷积的 padding 要整数");
      if (!["same", "valid"].includes(args.padding)) {
        throw unclear(`padding 要整数、"same" 或 "valid"，这里是 ${shown(args.padding)}`);
      }
      if (a.same && a.s.some((s) => s !== 1)) {
        const message = "padding='same' is not supported for strided convolutions";
        throw invalid(message, { topic: "same", ...a });
      }
    }
    if (!PADDING_MODES.includes(a.mode)) throw unclear(`padding_mode 没有 ${shown(a.mode)} 这一种`);
    a.p = typeof args.padding === "string" ? repeat(0, axes) : each(args, "padding", axes);
    if (transposed) a.o = each(args, "output_padding", axes);
    const [first, second] = transposed ? [a.in, a.out / a.groups] : [a.out, a.in / a.groups];
    a.weight = [first, second, ...a.k];
    a.parameters = create(a.weight) + (a.bias ? a.out : 0);
    return a;
  }

  function checkInput(shape, axes, name) {
    if (inRange(axes + 1, axes + 2, shape.length)) return;
    const kinds = `${axes + 1}D (unbatched) or ${axes + 2}D (batched)`;
    const message = `Expected ${kinds} input to ${name}, but got input of size: ${list(shape)}`;
    throw runtime(message, aboutAxes(axes + 1, axes + 2));
  }

  function checkConvolution(a, shape, transposed) {
    if (a.p.some((p) => p < 0)) throw runtime("negative padding is not supported", aboutLeast("padding", 0));
    if (transposed && a.o.some((o) => o < 0)) {
      throw runtime("negative output_padding is not supported", aboutLeast("output_padding", 0));
    }
    if (a.s.some((s) => s <= 0)) {
      throw runtime("non-positive stride is not supported", aboutLeast("stride", 1));
    }
    if (a.d.some((d) => d < 0)) {
      throw runtime("dilation should be greater than zero", aboutLeast("dilation", 1));
    }
    if (a.weight[0] < a.groups) {
      const wanted = `expected weight to be at least ${a.groups} at dimension 0`;
      const message = `Given groups=${a.groups}, ${wanted}, but got weight of size ${list(a.weight)} instead`;
      throw runtime(message, aboutLeast(transposed ? "in_channels" : "out_channels", 1));
    }
    if (shape[1] !== a.in) {
      const given = transposed ? "transposed=1" : `groups=${a.groups}`;
      throw runtime(
        `Given ${given}, weight of size ${list(a.weight)}, expected input${list(shape)} to have ` +
          `${a.in} channels, but got ${shape[1]} channels instead`,
        { topic: "channels", wanted: a.in, given: shape[1], groups: a.groups },
      );
    }
  }

  /** Refuse what the kernels of the CPU refuse once the shapes fit. */
  function checkKernel(a, axes, transposed) {
    const height = axes === 1 ? [1] : [];
    if (a.k.some((k) => k === 0)) {
      if (a.k.some((k) => k !== 0)) throw unclear("kernel_size 的每一个数都至少是 1"); // torch's words vary
      const [h, w] = [...height, ...a.k];
      const got = axes === 3 ? `: ${a.k.join(" x ")} (TxHxW)` : ` kernel_height: ${h} kernel_width: ${w}`;
      const message = `kernel size should be greater than zero, but got${got}`;
      if (transposed && axes === 3) throw unclear("kernel_size 至少是 1");
      throw runtime(message, { ...aboutLeast("kernel_size", 1), varies: true });
    }
    if (a.d.some((d) => d === 0)) {
      if (a.d.some((d) => d !== 0)) throw unclear("dilation 的每一个数都至少是 1"); // here too
      const names = axes === 3 ? ["depth", "height", "width"] : ["height", "width"];
      const values = [...height, ...a.d];
      const got = transposed
        ? values.map((value, i) => `dilation_${names[i]}: ${value}`).join(", ")
        : list(values);
      throw runtime(`dilation should be greater than zero, but got ${got}`, aboutLeast("dilation", 1));
    }
  }

  function convolve(a, shape, axes) {
    let wide = shape.slice(2);
    let p = a.p;
    if (a.same && a.mode !== "zeros") {
      const totals = a.k.map((k, i) => a.d[i] * (k - 1));
      const most = a.mode === "replicate" ? Infinity : a.mode === "circular" ? 0 : 1;
      if (totals.some((total, i) => Math.ceil(total / 2) + most > wide[i] && most < Infinity)) {
        throw unclear(`padding_mode='${a.mode}' 要补的比输入还大`);
      }
      wide = wide.map((n, i) => n + totals[i]);
    } else if (a.same) {
      const totals = a.k.map((k, i) => a.d[i] * (k - 1));
      p = totals.map((total) => Math.floor(total / 2));
      wide = wide.map((n, i) => n + Math.max(totals[i] - 2 * p[i], 0));
    } else if (a.mode !== "zeros") {
      const last = wide.length - 1;
      wide.forEach((n, i) => {
        const backwards = wide[last - i];
        const pad = p[last - i];
        if (a.mode === "circular" && pad > backwards) {
          throw runtime("Padding value causes wrapping around more than once.", { topic: "padding", most: backwards });
        }
        if (a.mode === "reflect" && pad >= backwards) {
          if (axes === 3 || i > 0) throw unclear("padding_mode='reflect' 的 padding 要小于输入的大小");
          throw runtime(
            "Argument #4: Padding size should be less than the corresponding input dimension, but got: " +
              `padding (${pad}, ${pad}) at dimension ${shape.length - 1} of input ${list(shape)}`,
            { topic: "padding", most: backwards - 1 },
          );
        }
      });
      if (p.some((one) => one < 0)) throw unclear("padding 不能小于 0");
      wide = wide.map((n, i) => n + 2 * p[i]);
      p = repeat(0, axes);
    }
    checkConvolution({ ...a, p }, [...shape.slice(0, 2), ...wide], false);
    const padded = wide.map((n, i) => n + 2 * p[i]);
    const reach = a.k.map((k, i) => a.d[i] * (k - 1) + 1);
    if (padded.some((n, i) => n < reach[i])) {
      throw runtime(
        `Calculated padded input size per channel: ${cross(padded)}. Kernel size: ${cross(reach)}. ` +
          "Kernel size can't be greater than actual input size",
        { topic: "kernel", padded, reach },
      );
    }
    checkKernel(a, axes, false);
    const sizes = padded.map((n, i) => Math.floor((n - reach[i]) / a.s[i]) + 1);
    return [shape[0], a.out, ...sizes];
  }

  function convolveBack(a, shape, axes) {
    checkConvolution(a, shape, true);
    checkKernel(a, axes, true);
    const names = axes === 3 ? ["depth", "height", "width"] : ["height", "width"];
    const wide = axes === 1 ? (values, first) => [first, ...values] : (values) => values;
    if (a.o.some((o, i) => o >= Math.max(a.s[i], a.d[i]))) {
      const told = (name, values) => names.map((one, i) => `${name}_${one}: ${values[i]}`).join(" ");
      const rows = [told("output_padding", wide(a.o, 0)), told("stride", wide(a.s, 1)), told("dilation", wide(a.d, 1))];
      throw runtime(
        `output padding must be smaller than either stride or dilation, but got ${rows.join(" ")}`,
        { topic: "output_padding", most: a.o.map((o, i) => Math.min(o, Math.max(a.s[i], a.d[i]) - 1)) },
      );
    }
    const given = shape.slice(2);
    const sizes = given.map(
      (n, i) => (n - 1) * a.s[i] - 2 * a.p[i] + a.d[i] * (a.k[i] - 1) + a.o[i] + 1,
    );
    if (sizes.some((size) => size < 1)) {
      throw runtime(
        `Given input size per channel: ${cross(wide(given, 1))}. Calculated output size per channel: ` +
          `${cross(wide(sizes, 1))}. Output size is too small`,
        { topic: "vanishes", varies: true }, // oneDNN's kernels say it otherwise, or let it pass
      );
    }
    return [shape[0], a.out, ...sizes];
  }

  const convolutions = axesOf((axes) => [
    `Conv${axes}d`,
    {
      signature: "in_channels out_channels kernel_size stride=1 padding=0 dilation=1 groups=1 bias=True " +
        "padding_mode=zeros device=None dtype=None",
      build: (args) => buildConvolution(args, axes, false),
      call(a, shape) {
        if (a.mode !== "zeros" && !inRange(axes + 1, axes + 2, shape.length)) {
          throw unclear(`Conv${axes}d 的输入要有 ${axes + 1} 或 ${axes + 2} 维，这里有 ${shape.length} 维`);
        }
        checkInput(shape, axes, `conv${axes}d`);
        return batched(shape, axes, (whole) => convolve(a, whole, axes));
      },
      multiplyAdds: (a, given, made) => (product(made) * a.in * product(a.k)) / a.groups,
      window: (a) => a,
    },
  ]);

  const transposed = axesOf((axes) => [
    `ConvTranspose${axes}d`,
    {
      signature: "in_channels out_channels kernel_size stride=1 padding=0 output_padding=0 groups=1 bias=True " +
        "dilation=1 padding_mode=zeros device=None dtype=None",
      build: (args) => buildConvolution(args, axes, true),
      call(a, shape) {
        checkInput(shape, axes, `conv_transpose${axes}d`);
        return batched(shape, axes, (whole) => convolveBack(a, whole, axes));
      },
      multiplyAdds: (a, given) => (product(given) * a.out * product(a.k)) / a.groups,
      sees: "unknown",
    },
  ]);

  return [...convolutions, ...transposed];
})();
