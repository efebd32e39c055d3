"use strict";

/* Pooling of all kinds: the checks of PyTorch, in its order, and the shapes they give. */

const NetworkPools = (() => {
  const {
    list, repeat, runtime, invalid, unclear, aboutAxes, aboutLeast, integer, each, number, flag,
    create, axis, inRange, axesOf,
  } = NetworkArguments;

  function buildPool(args, axes) {
    const k = each(args, "kernel_size", axes);
    const s = args.stride === null ? k : each(args, "stride", axes);
    const p = "padding" in args ? each(args, "padding", axes) : repeat(0, axes);
    const d = "dilation" in args ? each(args, "dilation", axes) : repeat(1, axes);
    const divisor = args.divisor_override ?? null;
    if (divisor !== null) integer(args, "divisor_override");
    return { k, s, p, d, ceil: flag(args, "ceil_mode"), divisor, parameters: 0 };
  }

  /** Measure the output of a pooling along an axis; torch's checks come with it. */
  function pooled(n, k, s, p, d, ceil) {
    if (s === 0) throw runtime("stride should not be zero", aboutLeast("stride", 1));
    if (p < 0) throw runtime(`pad must be non-negative, but got pad: ${p}`, aboutLeast("padding", 0));
    const most = Math.trunc((d * (k - 1) + 1) / 2);
    if (p > most) {
      throw runtime(
        `pad should be at most half of effective kernel size, but got pad=${p}, kernel_size=${k} and dilation=${d}`,
        { topic: "half", most },
      );
    }
    const size = Math.floor((n + 2 * p - d * (k - 1) - 1 + (ceil ? s - 1 : 0)) / s) + 1;
    return ceil && (size - 1) * s >= n + p ? size - 1 : size;
  }

  const letters = (axes) => (axes === 3 ? "THW" : "HW");
  const lettered = (prefix, values) =>
    values.map((value, i) => `${prefix}${letters(values.length)[i]}: ${value}`).join(" ");

  /** Pool over two or three axes; `image` is the shape without the batch. */
  function pool(a, image, average) {
    const [channels, ...wide] = image;
    const sizes = wide.map((n, i) => pooled(n, a.k[i], a.s[i], a.p[i], a.d[i], a.ceil));
    const positive = (values, what, prefix, name) => {
      if (values.every((value) => value > 0)) return;
      const message = `${what} should be greater than zero, but got ${lettered(prefix, values)}`;
      throw runtime(message, aboutLeast(name, 1));
    };
    positive(a.k, "kernel size", "k", "kernel_size");
    positive(a.s, "stride", "d", "stride");
    positive(a.d, "dilation", "dilation", "dilation");
    const axes = wide.length;
    if (average && axes === 3 && wide.some((n, i) => n < a.k[i])) {
      const message = `input image (${lettered("", wide)}) smaller than kernel size (${lettered("k", a.k)})`;
      throw runtime(message, { topic: "kernel", padded: wide, reach: a.k });
    }
    if (a.p.some((p, i) => p > Math.floor(a.k[i] / 2))) {
      const [pads, kernels] = [a.p.slice(-2), a.k.slice(-2)];
      const told = axes === 3
        ? `kT: ${a.k[0]} kW: ${a.k[2]} kH: ${a.k[1]} padT: ${a.p[0]} padW: ${a.p[2]} padH: ${a.p[1]}`
        : `padW = ${pads[1]}, padH = ${pads[0]}, kW = ${kernels[1]}, kH = ${kernels[0]}`;
      const message = `pad should be smaller than or equal to half of kernel size, but got ${told}`;
      throw runtime(message, { topic: "half", most: Math.min(...a.k.map((k) => Math.floor(k / 2))) });
    }
    if (sizes.some((size) => size < 1)) {
      const told = (numbers) => `(${[channels, ...numbers].join("x")})`;
      throw runtime(
        `Given input size: ${told(wide)}. Calculated output size: ${told(sizes)}. Output size is too small`,
        { topic: "kernel", padded: wide.map((n, i) => n + 2 * a.p[i]), reach: a.k.map((k, i) => a.d[i] * (k - 1) + 1) },
      );
    }
    if (average && a.divisor === 0) throw runtime("divisor must be not zero", { topic: "call" });
    return [channels, ...sizes];
  }

  function maxPool1d(a, shape) {
    if (!inRange(2, 3, shape.length)) {
      throw runtime(
        "max_pool1d: Expected 2D or 3D (batch mode) tensor with optional 0 dim batch size for input, but got:" +
          list(shape),
        aboutAxes(2, 3),
      );
    }
    const [k, s, p, d] = [a.k[0], a.s[0], a.p[0], a.d[0]];
    const say = (text, about) => runtime(`max_pool1d() ${text}`, about);
    if (k <= 0) throw say(`kernel_size must be greater than zero, but got ${k}`, aboutLeast("kernel_size", 1));
    if (s <= 0) throw say(`stride must be greater than zero, but got ${s}`, aboutLeast("stride", 1));
    if (p < 0) throw say(`padding must be non-negative, but got ${p}`, aboutLeast("padding", 0));
    if (p > Math.floor(k / 2)) {
      const text = `padding should be at most half of kernel size, but got padding=${p} and kernel_size=${k}`;
      throw say(text, { topic: "half", most: Math.floor(k / 2) });
    }
    if (d <= 0) throw say(`dilation must be greater than zero, but got ${d}`, aboutLeast("dilation", 1));
    const n = shape.at(-1);
    const size = pooled(n, k, s, p, d, a.ceil);
    if (size < 1) {
      const about = { topic: "kernel", padded: [n + 2 * p], reach: [d * (k - 1) + 1] };
      throw say(`Invalid computed output size: ${size}`, about);
    }
    return [...shape.slice(0, -1), size];
  }

  function checkRange(shape, name) {
    if (inRange(2, 3, shape.length)) return;
    throw runtime(
      `Expected 2 to 3 dimensions, but got ${shape.length}-dimensional tensor for argument #1 'self' ` +
        `(while checking arguments for ${name})`,
      aboutAxes(2, 3),
    );
  }

  function checkPool(shape, axes, message) {
    if (inRange(axes + 1, axes + 2, shape.length)) return;
    throw runtime(message, aboutAxes(axes + 1, axes + 2));
  }

  function averagePool(a, shape, axes) {
    const cut = shape.length - axes - 1;
    if (axes === 1) {
      checkRange(shape, "avg_pool1d");
      const wide = {
        ...a, k: [1, ...a.k], s: [1, ...a.s], p: [0, ...a.p], d: [1, 1],
      };
      const [channels, , size] = pool(wide, [shape.at(-2), 1, shape.at(-1)], true);
      return [...shape.slice(0, cut), channels, size];
    }
    if (axes === 2 && shape.length < 3) axis(shape, -3);
    if (axes === 2) {
      const told = "Expected 3D or 4D (batch mode) tensor with optional 0 dim batch size for input, but got:";
      checkPool(shape, 2, told + list(shape));
    } else checkPool(shape, 3, "non-empty 4D or 5D (batch mode) tensor expected for input");
    return [...shape.slice(0, cut), ...pool(a, shape.slice(cut), true)];
  }

  const pools = axesOf((axes) => {
    const window = (a) => a;
    const divisor = axes === 1 ? "" : " divisor_override=None";
    const build = (args) => buildPool(args, axes);
    return [
      [`MaxPool${axes}d`, {
        owner: "_MaxPoolNd",
        signature: "kernel_size stride=None padding=0 dilation=1 return_indices=False ceil_mode=False",
        build(args) {
          if (flag(args, "return_indices")) throw unclear("return_indices=True 有两个输出，还读不懂");
          return build(args);
        },
        call(a, shape) {
          if (axes === 1) return maxPool1d(a, shape);
          const kinds = axes === 2 ? "3D or 4D" : "4D or 5D";
          checkPool(shape, axes, `non-empty ${kinds} (batch mode) tensor expected for input`);
          const cut = shape.length - axes - 1;
          return [...shape.slice(0, cut), ...pool(a, shape.slice(cut), false)];
        },
        window,
      }],
      [`AvgPool${axes}d`, {
        signature: `kernel_size stride=None padding=0 ceil_mode=False count_include_pad=True${divisor}`,
        build,
        call: (a, shape) => averagePool(a, shape, axes),
        window,
      }],
      [`LPPool${axes}d`, {
        owner: "_LPPoolNd",
        signature: "norm_type kernel_size stride=None ceil_mode=False",
        build(args) {
          const power = number(args.norm_type);
          if (typeof power !== "number" || power === 0) throw unclear("norm_type 要一个不是 0 的数");
          const { kernel_size: k } = args;
          if (axes === 1 && Array.isArray(k)) throw unclear("LPPool1d 的 kernel_size 要一个整数");
          if (Array.isArray(k) && k.length !== axes) throw unclear(`kernel_size 要一个整数或 ${axes} 个整数，这里有 ${k.length} 个`);
          return build(args);
        },
        call: (a, shape) => averagePool(a, shape, axes),
        window,
      }],
    ];
  }).flat();

  function adaptivePool(a, shape, axes, kind) {
    const name = `adaptive_${kind}_pool${axes}d`;
    if (axes === 1) checkRange(shape, name);
    else {
      if (a.listed && shape.length <= a.size.length) {
        const message = `Input dimension should be at least ${a.size.length + 1}`;
        throw invalid(message, aboutAxes(axes + 1, axes + 2));
      }
      const colon = kind === "max" ? ":" : "";
      checkPool(shape, axes, `${name}(): Expected ${axes + 1}D or ${axes + 2}D tensor, but got${colon} ${list(shape)}`);
    }
    const wide = shape.slice(-axes);
    const sizes = a.size.map((size, i) => size ?? wide[i]);
    const made = [...shape.slice(0, -axes), ...sizes];
    if (sizes.some((size) => size < 0)) {
      if (kind === "max") create(axes === 1 ? [...made.slice(0, -1), 1, made.at(-1)] : made);
      const told = axes === 3 ? `${sizes[0]}, ${sizes[1]},${sizes[2]}` : axes === 1 ? `1, ${sizes}` : sizes.join(", ");
      const message = `adaptive_avg_pool${axes === 3 ? 3 : 2}d: elements of output_size must be greater than or ` +
        `equal to 0 but received {${told}}`;
      throw runtime(message, aboutLeast("output_size", 1));
    }
    return made;
  }

  const adaptive = axesOf((axes) =>
    ["Max", "Avg"].map((kind) => [
      `Adaptive${kind}Pool${axes}d`,
      {
        owner: `_Adaptive${kind}PoolNd`,
        signature: `output_size${kind === "Max" ? " return_indices=False" : ""}`,
        build(args) {
          const { output_size: given } = args;
          const listed = Array.isArray(given);
          if (given === null || (axes === 1 && listed && given.includes(null))) {
            throw unclear("output_size 要整数");
          }
          if (kind === "Max" && flag(args, "return_indices")) throw unclear("return_indices=True 有两个输出，还读不懂");
          if (listed && given.length !== axes) throw unclear(`output_size 要 ${axes} 个数，这里有 ${given.length} 个`);
          const size = listed
            ? given.map((one) => (one === null ? null : integer({ output_size: one }, "output_size")))
            : each(args, "output_size", axes);
          return { size, listed, parameters: 0 };
        },
        call: (a, shape) => adaptivePool(a, shape, axes, kind.toLowerCase()),
        sees: "adaptive",
      },
    ]),
  ).flat();

  return [...pools, ...adaptive];
})();
