"use strict";

/* Why a layer cannot take its input, in Chinese, and which change of the text or of the input lets
   it. Every remedy is tried before it is offered: the network of the changed text must get past the
   layer. */

const NetworkRemedies = (() => {
  const { product } = NetworkLayers;
  const MOST = 4; // offered at once
  const USUAL = [28, 32, 64, 96, 112, 128, 160, 224, 227, 256, 299, 384, 512];
  const WIDEST = 2048;
  const MOST_NUMBERS = 2 ** 26; // of an input that is offered
  const list = (numbers) => `(${numbers.join(", ")})`;
  const times = (numbers) => numbers.join(" × ");
  const divisor = (a, b) => (b === 0 ? Math.abs(a) : divisor(b, a % b));

  // Why

  const WHY = {
    features: ({ wanted, given }, { input }) =>
      `它的 in_features 是 ${wanted}，来的最后一维却是 ${given}（输入 ${list(input)}）。` +
      (input.length > 2 ? "全连接层只看最后一维：图像要先展平。" : "两个数必须相等。"),
    channels: ({ wanted, given, groups }, { input }) =>
      `它的 in_channels 是 ${wanted}，来的却有 ${given} 个通道（输入 ${list(input)}）。` +
      `PyTorch 的图像是（批，通道，高，宽），第 1 维是通道${groups > 1 ? "；这里还分了组" : ""}。`,
    kernel: ({ padded, reach }) =>
      `窗口盖住 ${times(reach)}，输入连填充只有 ${times(padded)}，放不下。前面的步幅和池化把图缩得太小，或者输入本来就太小。`,
    dimensions: ({ least, most }, { input }) =>
      `它要 ${least === most ? least : `${least} 或 ${most}`} 维的输入，来的是 ${input.length} 维：${list(input)}。` +
      "多半是少了批或通道那一维，已经展平，或者用错了 1d、2d、3d。",
    features_norm: (about, { input, layer }) => `归一化层的数要等于来的通道数 ${input[layer.kind.name.startsWith("Instance") && input.length === Number(layer.kind.name.at(-2)) + 1 ? 0 : 1]}，这里写的是 ${layer.a.features}。`,
    single: (about, { input }) =>
      `训练时要在每个通道的许多数上算均值和方差，而输入 ${list(input)} 的每个通道只有一个数。批至少要 2；只预测时先写 net.eval()。`,
    single_pixel: (about, { input }) => `每张图的每个通道只剩一个像素（输入 ${list(input)}），没有方差可算。`,
    least: ({ name, least }) => `${name} 至少是 ${least}。`,
    half: ({ most }) => `池化的填充最多是窗口的一半，这里最多 ${most}。`,
    same: () => 'padding="same" 的意思是输出和输入一样大，步幅大于 1 时做不到。要写出填充的数。',
    groups: ({ least, in: given, out, groups }) =>
      least ? "groups 至少是 1。" : `通道要平均分成 groups 组：in_channels=${given} 和 out_channels=${out} 都要被 groups=${groups} 整除。`,
    output_padding: ({ most }) => `output_padding 要小于步幅或空洞，这里最多 ${times(most)}。`,
    vanishes: () => "铺开以后两侧切掉的 padding 太多，什么也不剩。",
    padding: ({ most }) => `这种填充取自图像自己，每侧最多 ${most}。`,
    padding_mode: () => "转置卷积只能用 0 填充。",
    normalized_shape: (about, { input }) => `normalized_shape 要等于输入 ${list(input)} 的最后几维。`,
    group_norm: ({ channels, groups }) => `来的有 ${channels} 个通道，要分成 ${groups} 组：num_channels 要等于通道数，并被 num_groups 整除。`,
    axis: (about, { input }) => `输入 ${list(input)} 有 ${input.length} 个轴，能写的是 0 到 ${input.length - 1}，或 −1 到 −${input.length}，也不能前后颠倒。`,
    view: ({ total, shape }) => (total ? `${list(shape)} 一共 ${total} 个数，排不成这个形状；一个样本有 ${product(shape.slice(1))} 个数。` : "形状里最多一个 −1，其余的不能小于 0。"),
    unflatten: ({ size, sizes }) => `这一维有 ${size} 个数，${list(sizes)} 的乘积不是它。`,
    sum: ({ left, right }) => `相加的两个张量是 ${list(left)} 和 ${list(right)}：形状要一样（或者其中一个是 1）。`,
    cat: () => "拼接的张量，除了拼接的那一维，形状要一样。",
    halving: (about, { input }) => `GLU 把一个轴分成两半，那个轴的长度要是偶数（输入 ${list(input)}）。`,
    prelu: ({ channels }) => `num_parameters 只能是 1 或通道数 ${channels}。`,
    shuffle: ({ channels }) => `${channels} 个通道要能被 upscale_factor 的平方整除。`,
    shuffle_groups: ({ channels, groups }) => `${channels} 个通道不能平均分成 ${groups} 组。`,
    unshuffle: ({ r }) => `高和宽都要能被 ${r} 整除。`,
    mode: (about, { input }) => `这种插值与 ${input.length} 维的输入对不上：nearest 都行，linear 要 3 维，bilinear 要 4 维，trilinear 要 5 维；align_corners 只能和后三种一起用。`,
    scaling: () => "size 或 scale_factor 的个数要等于图像的轴数。",
    probability: () => "丢弃的概率在 0 和 1 之间。",
    negative: () => "层的大小不能是负数。",
    call: () => "参数的个数或名字不对。",
  };

  /** Say in Chinese why the fault of a network is one. */
  function explain(result) {
    const { refusal, row, layer } = result.fault;
    const { topic } = refusal.about;
    const place = result.rows[row] ?? { input: [], layer };
    return WHY[topic]?.(refusal.about, { ...place, layer: place.layer ?? layer }) ?? "";
  }

  // Changes of the text

  const change = (node, text) => ({ start: node.start, end: node.end, text });

  function apply(text, edits) {
    return [...edits]
      .sort((a, b) => b.start - a.start)
      .reduce((all, { start, end, text: put }) => all.slice(0, start) + put + all.slice(end), text);
  }

  class Search {
    constructor(text, shape, result) {
      Object.assign(this, { text, shape, result });
      const { row, layer, refusal } = result.fault;
      this.row = result.rows[row] ?? null;
      this.index = row;
      this.layer = layer ?? this.row?.layer ?? null;
      this.input = this.row?.input ?? [];
      this.about = refusal.about;
      this.name = this.layer?.kind.name ?? "";
      this.found = [];
    }

    /** Give the change that sets an argument of a layer, in place or as a new one. */
    set(layer, name, value) {
      const text = Array.isArray(value) ? list(value) : String(value);
      const node = layer?.nodes[name];
      if (node && node.type !== "star") return change(node, text);
      if (!layer || layer.kind.anything) return null;
      const { start, end } = layer.node;
      const before = this.text.slice(start, end - 1).replace(/\s+$/, "");
      const comma = /[(,]$/.test(before) ? "" : ", ";
      const at = start + before.length;
      return { start: at, end: at, text: `${comma}${name}=${text}` };
    }

    /** Keep a remedy if it works. */
    offer(said, { edits = [], shape = this.shape, inserted = 0 }) {
      if (edits.some((edit) => edit === null)) return false;
      const text = apply(this.text, edits);
      const known = this.found.some((one) => one.text === text && one.shape.join() === shape.join());
      const same = text === this.text && shape.join() === this.shape.join();
      if (known || same || shape.some((size) => !(size >= 1)) || product(shape) > MOST_NUMBERS) return false;
      let after;
      try {
        after = Network.follow(text, shape);
      } catch (error) {
        if (error instanceof Unreadable) return false;
        throw error;
      }
      if (!this.passes(after, edits, inserted)) return false;
      this.found.push({ said, text, shape, whole: !after.fault, edits });
      return true;
    }

    passes(after, edits, inserted) {
      if (!after.fault) return true;
      const before = this.result;
      if (before.broken) {
        const moved = edits.reduce((sum, edit) => sum + edit.text.length - (edit.end - edit.start), 0);
        return !after.broken || after.broken.node.start > before.broken.node.start + Math.max(moved, 0);
      }
      return !after.broken && after.fault.row > before.fault.row + inserted;
    }

    argument(name, value, layer = this.layer) {
      const edit = this.set(layer, name, value);
      const where = layer === this.layer ? "" : `第 ${layer.node.line} 行 ${layer.kind.name} 的`;
      const text = Array.isArray(value) ? list(value) : value;
      return this.offer(`把${where} ${name} 改成 ${text}`, { edits: [edit] });
    }

    tryInput(shape) {
      return this.offer(`输入改成 ${shape.join(", ")}`, { shape });
    }

    /** Find the layer before that gave this many channels or features. */
    before(kinds) {
      for (let i = (this.index < 0 ? this.result.rows.length : this.index) - 1; i >= 0; i--) {
        const { layer } = this.result.rows[i];
        if (layer && kinds.test(layer.kind.name)) return layer;
      }
      return null;
    }

    square(side) {
      return [...this.shape.slice(0, 2), ...this.shape.slice(2).map(() => side)];
    }

    get images() {
      return this.shape.length >= 3;
    }

    /** Look for the smallest larger images that get through. */
    larger() {
      if (!this.images) return;
      const now = Math.max(...this.shape.slice(2));
      const fits = (side) => {
        try {
          return this.passes(Network.follow(this.text, this.square(side)), [], 0);
        } catch (error) {
          if (error instanceof Unreadable) return false;
          throw error;
        }
      };
      let [low, high] = [now, now * 2];
      while (high <= WIDEST && !fits(high)) [low, high] = [high, high * 2];
      if (high > WIDEST) return;
      while (high - low > 1) {
        const middle = Math.floor((low + high) / 2);
        if (fits(middle)) high = middle;
        else low = middle;
      }
      this.tryInput(this.square(high));
    }

    /** Look for images of a size with which the whole fits. */
    otherSize() {
      if (!this.images) return;
      const sides = [...USUAL, ...Array.from({ length: 72 }, (_, i) => i + 1)];
      sides.some((side) => this.tryInput(this.square(side)));
    }

    /** Look for an input with the axes that were forgotten or are in another order. */
    otherAxes() {
      const { shape } = this;
      const [first, ...rest] = shape;
      this.tryInput([1, ...shape]);
      this.tryInput([first, 1, ...rest]);
      this.tryInput([1, 1, ...shape]);
      if (shape.length > 2) this.tryInput([first, shape.at(-1), ...shape.slice(1, -1)]);
      if (shape.length === 3) this.tryInput([1, shape.at(-1), ...shape.slice(0, -1)]);
    }

    /** Use the same layer for another number of axes. */
    otherDimension() {
      const called = this.layer?.node.called;
      if (!called || !/\dd$/.test(this.name)) return;
      for (const axes of [1, 2, 3]) {
        const name = `${this.name.slice(0, -2)}${axes}d`;
        const at = called.end - 2;
        const edit = { start: at, end: called.end, text: `${axes}d` };
        if (/\dd$/.test(this.text.slice(called.start, called.end))) this.offer(`把 ${this.name} 换成 ${name}`, { edits: [edit] });
      }
    }

    /** Flatten before a linear layer. */
    flatten() {
      const { layer, input } = this;
      if (input.length < 3 || !layer || layer.functional) return;
      const node = layer.node;
      const inSequence = /^[\w.]*\w\.\d+$|^\d+$/.test(layer.path) && !this.result.rows[this.index].node.printed;
      const many = product(input.slice(1));
      const insert = { start: node.start, end: node.start, text: "nn.Flatten(), " };
      if (inSequence) {
        if (this.offer("在它前面加 nn.Flatten()", { edits: [insert], inserted: 1 })) return;
        const { start, end, text } = this.set(layer, "in_features", many);
        const both = { start: node.start, end: node.end, text: `nn.Flatten(), ${apply(this.text.slice(node.start, node.end), [{ start: start - node.start, end: end - node.start, text }])}` };
        this.offer(`在它前面加 nn.Flatten()，并把 in_features 改成 ${many}`, { edits: [both], inserted: 1 });
        return;
      }
      const call = this.callOf(layer.path);
      if (!call) return;
      const wrap = change(call, `torch.flatten(${this.text.slice(call.start, call.end)}, 1)`);
      if (this.offer("先展平：torch.flatten(…, 1)", { edits: [wrap], inserted: 1 })) return;
      this.offer(`先展平，并把 in_features 改成 ${many}`, { edits: [wrap, this.set(layer, "in_features", many)], inserted: 1 });
    }

    /** Find the argument of the call `self.name(argument)` in the text. */
    callOf(path) {
      const at = this.text.search(new RegExp(`\\bself\\.${path.replace(/\./g, "\\.")}\\(`));
      if (at < 0) return null;
      const start = this.text.indexOf("(", at) + 1;
      let depth = 1;
      let end = start;
      for (; end < this.text.length && depth > 0; end++) depth += { "(": 1, ")": -1 }[this.text[end]] ?? 0;
      return { start, end: end - 1 };
    }
  }

  const FIND = {
    features(s) {
      const { given, wanted } = s.about;
      s.flatten();
      const flat = s.result.rows[s.index - 1];
      const image = flat && /flatten|view|reshape/i.test(flat.name) && flat.input.length > 2 ? flat.input.slice(1) : null;
      const asProduct = image && product(image) === given && s.layer.nodes.in_features?.type === "binary";
      if (s.images && s.shape.length < 4) s.tryInput([1, ...s.shape]);
      if (s.input.length <= 2) s.argument("in_features", asProduct ? image.join(" * ") : given);
      const before = s.before(/^(Linear|Conv|BatchNorm)/);
      if (before?.kind.name === "Linear") s.argument("out_features", wanted, before);
      if (s.input.length > 2) s.argument("in_features", given);
      else s.otherSize();
    },
    channels(s) {
      const { given, wanted } = s.about;
      const before = s.before(/^(Conv|ConvTranspose)\dd$/);
      const { shape } = s;
      const axes = Number(s.name.at(-2));
      let turned = false;
      if (!before) {
        if (shape.at(-1) === wanted && shape.length === axes + 2) turned = s.tryInput([shape[0], wanted, ...shape.slice(1, -1)]);
        if (shape.length === axes + 1 && shape.at(-1) === wanted) s.tryInput([1, wanted, ...shape.slice(0, -1)]);
        if (shape.length === axes + 1 && wanted === 1) s.tryInput([shape[0], 1, ...shape.slice(1)]);
      }
      if (s.layer.a.groups > 1 && s.layer.a.groups === s.layer.a.in) {
        s.offer(`把 in_channels 和 groups 都改成 ${given}`, { edits: [s.set(s.layer, "in_channels", given), s.set(s.layer, "groups", given)] });
      }
      s.argument("in_channels", given);
      if (before) s.argument("out_channels", wanted, before);
      else if (shape.length === axes + 2 && !turned) s.tryInput([shape[0], wanted, ...shape.slice(2)]);
    },
    kernel(s) {
      const { padded, reach } = s.about;
      s.larger();
      const { a } = s.layer;
      const lack = Math.max(...reach.map((size, i) => Math.ceil((size - padded[i]) / 2)));
      s.argument("padding", Math.max(...a.p) + lack);
      const smaller = a.k.map((k, i) => Math.min(k, Math.floor((padded[i] - 1) / a.d[i]) + 1));
      s.argument("kernel_size", new Set(smaller).size === 1 ? smaller[0] : smaller.slice(-s.layer.a.k.length));
      if (new Set(smaller).size > 1) s.argument("kernel_size", Math.min(...smaller));
      s.otherDimension();
    },
    dimensions(s) {
      s.otherDimension();
      const before = s.result.rows[s.index - 1];
      if (before?.name === "Flatten" && before.layer && !before.layer.functional) {
        s.offer(`去掉第 ${before.line} 行的 Flatten（换成 nn.Identity()）`, { edits: [change(before.node, "nn.Identity()")] });
      }
      s.otherAxes();
    },
    features_norm(s) {
      const unbatched = s.name.startsWith("Instance") && s.input.length === Number(s.name.at(-2)) + 1;
      s.argument("num_features", s.input[unbatched ? 0 : 1]);
      const before = s.before(/^(Conv|ConvTranspose|Linear)/);
      if (before) s.argument(before.kind.name === "Linear" ? "out_features" : "out_channels", s.layer.a.features, before);
      s.otherAxes();
    },
    single(s) {
      s.tryInput([2, ...s.shape.slice(1)]);
      if (s.name === "GroupNorm") s.argument("num_groups", 1);
    },
    single_pixel: (s) => s.larger(),
    least(s) {
      const { name, least } = s.about;
      s.argument(name, name === "kernel_size" ? 3 : least);
      s.argument(name, Math.max(least, 1));
      if (name === "stride") {
        s.argument("kernel_size", 2);
        s.argument("stride", 2);
      }
    },
    half: (s) => s.argument("padding", s.about.most),
    same(s) {
      const { k, d } = s.about;
      const pads = k.map((size, i) => Math.floor((d[i] * (size - 1)) / 2));
      s.argument("padding", new Set(pads).size === 1 ? pads[0] : pads);
      s.argument("stride", 1);
    },
    groups(s) {
      const { in: given, out, groups } = s.about;
      if (given) s.argument("groups", divisor(divisor(given, out), groups));
      if (given && given % groups !== 0) s.argument("in_channels", Math.ceil(given / groups) * groups);
      if (given && out % groups !== 0) s.argument("out_channels", Math.ceil(out / groups) * groups);
      s.argument("groups", 1);
    },
    output_padding(s) {
      const { most } = s.about;
      s.argument("output_padding", new Set(most).size === 1 ? most[0] : most);
    },
    vanishes(s) {
      for (let p = Math.max(...s.layer.a.p) - 1; p >= 0; p--) if (s.argument("padding", p)) return;
    },
    padding: (s) => s.argument("padding", s.about.most),
    padding_mode: (s) => s.argument("padding_mode", "'zeros'"),
    normalized_shape(s) {
      const { many } = s.about;
      const tail = s.input.slice(-many);
      s.argument("normalized_shape", tail.length > 1 ? tail : tail[0]);
      if (s.input.length === 4) s.offer("换成 nn.GroupNorm(1, 通道数)", { edits: [change(s.layer.node, `nn.GroupNorm(1, ${s.input[1]})`)] });
    },
    group_norm(s) {
      const { channels, groups } = s.about;
      const fitting = divisor(channels, groups);
      s.argument("num_channels", channels);
      s.argument("num_groups", fitting);
      s.offer(`把 num_groups 改成 ${fitting}，num_channels 改成 ${channels}`, {
        edits: [s.set(s.layer, "num_groups", fitting), s.set(s.layer, "num_channels", channels)],
      });
    },
    axis(s) {
      if (s.name === "Flatten") {
        s.tryInput([1, ...s.shape]);
        s.argument("start_dim", 1);
        s.argument("end_dim", -1);
      } else if (s.layer) s.argument("dim", -1);
      else for (const node of s.row?.sizes ?? []) s.offer("改成 1", { edits: [change(node, "1")] });
    },
    view(s) {
      const { total, shape, sizes } = s.about;
      if (!total) return;
      const nodes = s.row.sizes.length === 1 && s.row.sizes[0].items ? s.row.sizes[0].items : s.row.sizes;
      if (nodes.length !== sizes.length) return;
      const last = sizes.length - 1;
      const others = product(sizes.slice(1, last).filter((size) => size > 0));
      const each = product(shape.slice(1)) / others;
      if (Number.isInteger(each)) s.offer(`把 ${sizes[last]} 改成 ${each}`, { edits: [change(nodes[last], String(each))] });
      s.otherSize();
      s.offer("改成展平：（批，−1）", { edits: [change({ start: nodes[0].start, end: nodes[last].end }, `${shape[0]}, -1`)] });
    },
    unflatten(s) {
      const { size, sizes } = s.about;
      const others = product(sizes.slice(0, -1).filter((one) => one > 0));
      if (size % others === 0) s.argument("unflattened_size", [...sizes.slice(0, -1), size / others]);
      const before = s.before(/^Linear$/);
      if (before && !sizes.includes(-1)) s.argument("out_features", product(sizes), before);
    },
    sum(s) {
      const { left, right } = s.about;
      const rows = s.result.rows.slice(Math.max(0, s.index - 12), s.index).filter((row) => row.layer && /^Conv\dd$/.test(row.layer.kind.name));
      const layers = [...new Set(rows.map((row) => row.layer))].reverse();
      const half = (layer) => layer.a.k.map((k, i) => Math.floor((layer.a.d[i] * (k - 1)) / 2));
      const even = (values) => (new Set(values).size === 1 ? values[0] : values);
      const shrinking = layers.filter((layer) => half(layer).join() !== layer.a.p.join());
      for (const layer of layers) {
        s.argument("padding", even(half(layer)), layer);
        s.argument("stride", 1, layer);
        for (const channels of [left[1], right[1]]) s.argument("out_channels", channels, layer);
      }
      for (let many = 2; many <= shrinking.length; many++) {
        const edits = shrinking.slice(0, many).map((layer) => s.set(layer, "padding", even(half(layer))));
        const lines = shrinking.slice(0, many).map((layer) => layer.node.line).reverse();
        if (s.offer(`给第 ${lines.join("、")} 行的卷积补上填充`, { edits })) break;
      }
    },
    cat(s) {
      s.about = { left: s.input, right: s.input };
      FIND.sum(s);
    },
    halving(s) {
      s.input.forEach((size, i) => {
        if (i > 0 && size % 2 === 0) s.argument("dim", i);
      });
      const before = s.before(/^(Conv|ConvTranspose|Linear)/);
      if (!before) return;
      const name = before.kind.name === "Linear" ? "out_features" : "out_channels";
      s.argument(name, before.a.out + 1, before);
    },
    prelu(s) {
      s.argument("num_parameters", s.about.channels);
      s.argument("num_parameters", 1);
    },
    shuffle(s) {
      const { channels } = s.about;
      const r = s.layer.a.r;
      const before = s.before(/^(Conv|ConvTranspose)/);
      if (before) s.argument("out_channels", Math.ceil(channels / (r * r)) * r * r, before);
      for (let fitting = r; fitting > 1; fitting--) if (channels % (fitting * fitting) === 0) s.argument("upscale_factor", fitting);
      if (!before && s.images) s.tryInput([s.shape[0], Math.ceil(channels / (r * r)) * r * r, ...s.shape.slice(2)]);
    },
    shuffle_groups: (s) => s.argument("groups", divisor(s.about.channels, s.about.groups)),
    unshuffle(s) {
      s.larger();
      for (let r = s.layer.a.r - 1; r > 0; r--) if (s.argument("downscale_factor", r)) return;
    },
    mode(s) {
      for (const mode of ["linear", "bilinear", "trilinear", "nearest"]) s.argument("mode", `'${mode}'`);
    },
    scaling(s) {
      for (const name of ["scale_factor", "size"]) {
        const given = s.layer.a[name === "size" ? "size" : "factor"];
        if (Array.isArray(given)) s.argument(name, given[0]);
      }
    },
    probability: (s) => s.argument("p", 0.5),
    negative(s) {
      for (const [name, value] of Object.entries(s.layer.given)) {
        if (Number.isInteger(value) && value < 0) s.argument(name, -value);
        if (Array.isArray(value) && s.layer.nodes[name]) s.argument(name, value.map(Math.abs));
      }
    },
    call(s) {
      if (!s.layer || s.layer.kind.parameters.length > 0) return;
      const { called, end } = s.layer.node;
      s.offer(`${s.name} 不要参数`, { edits: [{ start: called.end, end, text: "()" }] });
    },
  };

  /** Find up to four remedies, those first with which the whole network runs. */
  function find(text, shape, result) {
    if (!result.fault) return [];
    const search = new Search(text, shape, result);
    FIND[search.about.topic]?.(search);
    return search.found.sort((a, b) => Number(b.whole) - Number(a.whole)).slice(0, MOST);
  }

  return { explain, find, apply };
})();
