"use strict";

/* Which change mends which fault: for each, what is worth a trial, the likeliest first. */

const NetworkRemedies = (() => {
  const { product } = NetworkArguments;
  const { change } = NetworkSearch;
  const MOST = 4; // offered at once
  const divisor = (a, b) => (b === 0 ? Math.abs(a) : divisor(b, a % b));

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
    const search = new NetworkSearch(text, shape, result);
    FIND[search.about.topic]?.(search);
    return search.found.sort((a, b) => Number(b.whole) - Number(a.whole)).slice(0, MOST);
  }

  return find;
})();
