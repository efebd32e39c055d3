"use strict";

/* Why a layer cannot take its input, in Chinese. */

const NetworkWhy = (() => {
  const { product } = NetworkArguments;
  const list = (numbers) => `(${numbers.join(", ")})`;
  const times = (numbers) => numbers.join(" × ");

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
    expand: () => "expand 只能重复长度是 1 的轴，其余的轴要一样长。",
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

  return explain;
})();
