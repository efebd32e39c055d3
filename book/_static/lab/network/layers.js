"use strict";

/* The layers of torch.nn by name: what each of them is called with, how many parameters it has,
   which shape it gives, and what PyTorch says on the CPU where it refuses.

   A kind has `parameters` (of its call), `build(args)` -> its settings, `call(settings, shape)` -> the
   shape of its output; and where they apply `multiplyAdds`, `window` (size, stride, padding and
   dilation along each axis), `sees` (how its receptive field is found otherwise), `view` (it takes no
   memory of its own), `owner` (the class that PyTorch's messages name). */

const NetworkLayers = (() => {
  const { signature } = NetworkArguments;
  const lists = [
    NetworkConvolutions, NetworkPools, NetworkShaping.kinds, NetworkNorms, NetworkActivations, NetworkResizing,
  ];
  const kind = ([name, said]) => [name, {
    name, owner: name, build: () => ({ parameters: 0 }), ...said, parameters: signature(said.signature ?? ""),
  }];
  return new Map(lists.flat().map(kind));
})();
