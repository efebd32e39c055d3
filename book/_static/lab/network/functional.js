"use strict";

/* What torch.nn.functional and torch have under another name: the layers that they compute. */

const NetworkFunctional = (() => {
  const named = {
    relu: "ReLU", relu6: "ReLU6", leaky_relu: "LeakyReLU", elu: "ELU", selu: "SELU", celu: "CELU", gelu: "GELU",
    silu: "SiLU", mish: "Mish", sigmoid: "Sigmoid", tanh: "Tanh", logsigmoid: "LogSigmoid", softsign: "Softsign",
    softplus: "Softplus", hardtanh: "Hardtanh", hardsigmoid: "Hardsigmoid", hardswish: "Hardswish",
    softmax: "Softmax", log_softmax: "LogSoftmax", softmin: "Softmin", glu: "GLU", dropout: "Dropout",
    dropout1d: "Dropout1d", dropout2d: "Dropout2d", dropout3d: "Dropout3d", alpha_dropout: "AlphaDropout",
    interpolate: "Upsample", upsample: "Upsample", pixel_shuffle: "PixelShuffle", pixel_unshuffle: "PixelUnshuffle",
  };
  for (const axes of [1, 2, 3]) {
    for (const kind of ["Max", "Avg", "LP"]) named[`${kind.toLowerCase()}_pool${axes}d`] = `${kind}Pool${axes}d`;
    for (const kind of ["Max", "Avg"]) named[`adaptive_${kind.toLowerCase()}_pool${axes}d`] = `Adaptive${kind}Pool${axes}d`;
  }
  const layers = new Map(Object.entries(named));
  const inTorch = new Set(
    ("relu sigmoid tanh softmax log_softmax selu dropout pixel_shuffle pixel_unshuffle").split(" "),
  );
  return { layers, inTorch };
})();
