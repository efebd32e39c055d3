"use strict";

/* The layers of torch.nn: what each of them is called with, how many parameters it has, which shape
   it gives, and what PyTorch says on the CPU where it refuses. Shapes are arrays of integers, None is
   null, tuples and lists are arrays, floats are Real. Where PyTorch refuses, the Refusal carries also
   what it is `about`, for the explanation. */

class Refusal extends Error {
  constructor(kind, message, about = {}) {
    super(message);
    this.kind = kind;
    this.about = about;
  }
}

class Real {
  constructor(value) {
    this.value = value;
  }
}

const NetworkLayers = (() => {
  const product = (numbers) => numbers.reduce((all, one) => all * one, 1);
  const list = (numbers) => `[${numbers.join(", ")}]`;
  const cross = (numbers) => `(${numbers.join(" x ")})`;
  const repeat = (value, times) => Array(times).fill(value);
  const runtime = (message, about) => new Refusal("RuntimeError", message, about);
  const invalid = (message, about) => new Refusal("ValueError", message, about);
  const unclear = (message) => new Unreadable(0, message);

  // Arguments

  /** Read "kernel_size stride=1 bias=True | keyword_only=None" into parameters with defaults. */
  function signature(text) {
    const words = { None: null, True: true, False: false };
    let keywordOnly = false;
    const parameters = [];
    for (const part of text.split(/\s+/).filter(Boolean)) {
      const [name, said] = part.split("=");
      if (part === "|") keywordOnly = true;
      else {
        const value = said in words ? words[said] : /^-?\d+$/.test(said) ? Number(said) : said;
        const real = /^-?\d+\.\d*$/.test(said ?? "") ? new Real(Number(said)) : value;
        parameters.push({ name, keywordOnly, required: said === undefined, initial: real });
      }
    }
    return parameters;
  }

  /** Put arguments to their parameters as Python does. */
  function bind(owner, parameters, positional, keywords) {
    const args = {};
    const places = parameters.filter((one) => !one.keywordOnly);
    const wrong = (said) => new Refusal("TypeError", `${owner}.__init__() ${said}`, { topic: "call" });
    for (const [name] of keywords) {
      const place = places.findIndex((one) => one.name === name);
      if (!parameters.some((one) => one.name === name)) {
        throw wrong(`got an unexpected keyword argument '${name}'`);
      }
      if (place >= 0 && place < positional.length) {
        throw wrong(`got multiple values for argument '${name}'`);
      }
    }
    if (positional.length > places.length) {
      const required = places.filter((one) => one.required).length + 1;
      const most = places.length + 1;
      const range = required === most ? `${most} positional argument${most === 1 ? "" : "s"}` :
        `from ${required} to ${most} positional arguments`;
      throw wrong(`takes ${range} but ${positional.length + 1} ${positional.length ? "were" : "was"} given`);
    }
    const given = new Map(keywords);
    const missing = [];
    parameters.forEach((parameter, index) => {
      const { name, required, initial } = parameter;
      if (!parameter.keywordOnly && index < positional.length) args[name] = positional[index];
      else if (given.has(name)) args[name] = given.get(name);
      else if (required) missing.push(`'${name}'`);
      else args[name] = initial;
    });
    if (missing.length > 0) {
      const last = missing.length > 2 ? `, and ${missing.pop()}` : missing.length > 1 ? ` and ${missing.pop()}` : "";
      const many = last ? "arguments" : "argument";
      const count = missing.length + (last ? 1 : 0);
      throw wrong(`missing ${count} required positional ${many}: ${missing.join(", ")}${last}`);
    }
    return args;
  }

  const shown = (value) =>
    value instanceof Real ? `小数 ${value.value}` : value === null ? "None" : JSON.stringify(value);

  function integer(args, name) {
    const value = args[name];
    if (Number.isSafeInteger(value)) return value;
    if (value instanceof Real) throw unclear(`${name} 要整数，这里是小数 ${value.value}；整除写作 //`);
    throw unclear(`${name} 要整数，这里是 ${shown(value)}`);
  }

  /** Read an integer for all axes, or one for each. */
  function each(args, name, axes) {
    const value = args[name];
    if (!Array.isArray(value)) return repeat(integer(args, name), axes);
    if (value.length === 1 && axes > 0) return repeat(integer({ [name]: value[0] }, name), axes);
    if (value.length !== axes) throw unclear(`${name} 要一个整数或 ${axes} 个整数，这里有 ${value.length} 个`);
    return value.map((one) => integer({ [name]: one }, name));
  }

  const number = (value) => (value instanceof Real ? value.value : value);

  function flag(args, name) {
    const value = args[name];
    if (typeof value === "boolean") return value;
    if (value === 0 || value === 1) return value === 1;
    throw unclear(`${name} 要 True 或 False，这里是 ${shown(value)}`);
  }

  function create(sizes) {
    const low = sizes.find((size) => size < 0);
    if (low === undefined) return product(sizes);
    const message = `Trying to create tensor with negative dimension ${low}: ${list(sizes)}`;
    throw runtime(message, { topic: "negative" });
  }

  /** Turn an axis as torch counts it into an index. */
  function axis(shape, dim) {
    const many = Math.max(shape.length, 1);
    if (dim >= -many && dim < many) return dim < 0 ? dim + many : dim;
    const range = `expected to be in range of [${-many}, ${many - 1}], but got ${dim}`;
    throw new Refusal("IndexError", `Dimension out of range (${range})`, { topic: "axis", dim, shape });
  }

  const inRange = (low, high, wanted) => low <= wanted && wanted <= high;

  // Convolutions

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
    throw runtime(`Expected ${kinds} input to ${name}, but got input of size: ${list(shape)}`, {
      topic: "dimensions", least: axes + 1, most: axes + 2,
    });
  }

  /** Give a shape its batch axis for the time of a call. */
  function batched(shape, axes, call) {
    if (shape.length === axes + 2) return call(shape);
    return call([1, ...shape]).slice(1);
  }

  function checkConvolution(a, shape, transposed) {
    if (a.p.some((p) => p < 0)) throw runtime("negative padding is not supported", { topic: "least", name: "padding", least: 0 });
    if (transposed && a.o.some((o) => o < 0)) {
      throw runtime("negative output_padding is not supported", { topic: "least", name: "output_padding", least: 0 });
    }
    if (a.s.some((s) => s <= 0)) {
      throw runtime("non-positive stride is not supported", { topic: "least", name: "stride", least: 1 });
    }
    if (a.d.some((d) => d < 0)) {
      throw runtime("dilation should be greater than zero", { topic: "least", name: "dilation", least: 1 });
    }
    if (a.weight[0] < a.groups) {
      const wanted = `expected weight to be at least ${a.groups} at dimension 0`;
      throw runtime(`Given groups=${a.groups}, ${wanted}, but got weight of size ${list(a.weight)} instead`, {
        topic: "least", name: transposed ? "in_channels" : "out_channels", least: 1,
      });
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
      throw runtime(message, { topic: "least", name: "kernel_size", least: 1, varies: true });
    }
    if (a.d.some((d) => d === 0)) {
      if (a.d.some((d) => d !== 0)) throw unclear("dilation 的每一个数都至少是 1"); // here too
      const names = axes === 3 ? ["depth", "height", "width"] : ["height", "width"];
      const values = [...height, ...a.d];
      const got = transposed
        ? values.map((value, i) => `dilation_${names[i]}: ${value}`).join(", ")
        : list(values);
      throw runtime(`dilation should be greater than zero, but got ${got}`, { topic: "least", name: "dilation", least: 1 });
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

  const axesOf = (build) => [1, 2, 3].map((axes) => build(axes));

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

  // Pooling

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
    if (s === 0) throw runtime("stride should not be zero", { topic: "least", name: "stride", least: 1 });
    if (p < 0) throw runtime(`pad must be non-negative, but got pad: ${p}`, { topic: "least", name: "padding", least: 0 });
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
      throw runtime(message, { topic: "least", name, least: 1 });
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
        { topic: "dimensions", least: 2, most: 3 },
      );
    }
    const [k, s, p, d] = [a.k[0], a.s[0], a.p[0], a.d[0]];
    const say = (text, about) => runtime(`max_pool1d() ${text}`, about);
    const least = (name, bound) => ({ topic: "least", name, least: bound });
    if (k <= 0) throw say(`kernel_size must be greater than zero, but got ${k}`, least("kernel_size", 1));
    if (s <= 0) throw say(`stride must be greater than zero, but got ${s}`, least("stride", 1));
    if (p < 0) throw say(`padding must be non-negative, but got ${p}`, least("padding", 0));
    if (p > Math.floor(k / 2)) {
      const text = `padding should be at most half of kernel size, but got padding=${p} and kernel_size=${k}`;
      throw say(text, { topic: "half", most: Math.floor(k / 2) });
    }
    if (d <= 0) throw say(`dilation must be greater than zero, but got ${d}`, least("dilation", 1));
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
      { topic: "dimensions", least: 2, most: 3 },
    );
  }

  function checkPool(shape, axes, message) {
    if (inRange(axes + 1, axes + 2, shape.length)) return;
    throw runtime(message, { topic: "dimensions", least: axes + 1, most: axes + 2 });
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
        throw invalid(message, { topic: "dimensions", least: axes + 1, most: axes + 2 });
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
      throw runtime(message, { topic: "least", name: "output_size", least: 1 });
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

  // Linear layers and shapes

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

  const shaping = [
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

  // Normalisation

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
          throw invalid(message, { topic: "dimensions", least: axes === 1 ? 2 : axes + 2, most: axes + 2, norm: true });
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
          throw invalid(message, { topic: "dimensions", least: axes + 1, most: axes + 2 });
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
        if (groups === 0) throw new Refusal("ZeroDivisionError", "integer modulo by zero", { topic: "least", name: "num_groups", least: 1 });
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
          throw runtime(message, { topic: "dimensions", least: 2, most: 5 });
        }
        const verified = [Math.floor((shape[0] * shape[1]) / a.groups), a.groups, ...shape.slice(2)];
        if (product([verified[0], ...verified.slice(2)]) === 1) {
          const message = `Expected more than 1 value per channel when training, got input size ${list(verified)}`;
          throw invalid(message, { topic: "single" });
        }
        if (a.groups < 0) {
          throw runtime(`Expected num groups to be greater than 0, got ${a.groups}`, { topic: "least", name: "num_groups", least: 1 });
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
        throw invalid(`Expected 3D or higher dimensionality ${gap}input (got ${shape.length} dimensions)`, {
          topic: "dimensions", least: 3, most: 5,
        });
      },
    }],
  ];

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
            { topic: "dimensions", least: 2, most: 3 },
          );
        }
        if (["Dropout2d", "FeatureAlphaDropout"].includes(name) && dimensions < 2) {
          throw runtime("Feature dropout requires at least 2 dimensions in the input", { topic: "dimensions", least: 2, most: 4 });
        }
        return shape;
      },
    },
  ]);

  // Activations

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
        throw invalid(message, { topic: "dimensions", least: 3, most: 4 });
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

  // Scaling

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

  const scaling = [
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
      call(a, shape) {
        const { r } = a;
        if (shape.length < 3) {
          const message = `pixel_shuffle expects input to have at least 3 dimensions, but got input with ${shape.length} dimension(s)`;
          throw runtime(message, { topic: "dimensions", least: 3, most: 4 });
        }
        if (r <= 0) throw runtime(`pixel_shuffle expects a positive upscale_factor, but got ${r}`, { topic: "least", name: "upscale_factor", least: 1 });
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
      call(a, shape) {
        const { r } = a;
        if (shape.length < 3) {
          const message = `pixel_unshuffle expects input to have at least 3 dimensions, but got input with ${shape.length} dimension(s)`;
          throw runtime(message, { topic: "dimensions", least: 3, most: 4 });
        }
        if (r <= 0) throw runtime(`pixel_unshuffle expects a positive downscale_factor, but got ${r}`, { topic: "least", name: "downscale_factor", least: 1 });
        const [c, h, w] = shape.slice(-3);
        for (const [name, size, place] of [["height", h, -2], ["width", w, -1]]) {
          if (size % r !== 0) {
            const message = `pixel_unshuffle expects ${name} to be divisible by downscale_factor, but input.size(${place})=${size} is not divisible by ${r}`;
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
        if (shape.length < 3) throw runtime(`channel_shuffle expects input with > 2 dims, but got input with sizes ${list(shape)}`, { topic: "dimensions", least: 3, most: 4 });
        if (a.groups <= 0) throw runtime(`Number of groups to divide channels in must be positive. Value of groups:${a.groups}`, { topic: "least", name: "groups", least: 1 });
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
              { topic: "dimensions", least: axes, most: axes + 2 },
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

  const KINDS = new Map(
    [...convolutions, ...transposed, ...pools, ...adaptive, ...shaping, ...statistics, ...norms, ...dropouts,
      ...activations, ...scaling].map(([name, kind]) => [
      name,
      { name, owner: kind.owner ?? name, parameters: signature(kind.signature ?? ""), ...kind,
        build: kind.build ?? (() => ({ parameters: 0 })) },
    ]),
  );

  return { KINDS, Refusal, Real, bind, flatten, reshape, axis, product, list, integer, shown };
})();
