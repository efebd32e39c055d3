"use strict";

/* The forward pass: each layer and each operation on tensors is a step, and a row of the table. */

const NetworkLimits = { steps: 100000, rows: 1000, depth: 60, text: 200000 };

/** Ends the forward pass at the first step that PyTorch refuses. */
class NetworkStop extends Error {}

const NetworkSteps = (() => {
  const { Tensor, Layer, Container } = NetworkValues;
  const { bind, axis, list, product } = NetworkArguments;
  const { layers: FUNCTIONS, inTorch } = NetworkFunctional;
  const { SHAPES, joined, concatenated } = NetworkMethods;
  const BYTES = 4; // of a float32
  const OPERATIONS = { "+": "相加", "-": "相减", "*": "相乘", "/": "相除" };
  const NOT_IN_TORCH = ["view", "expand", "expand_as", "pad"];
  const inTorchToo = (name) => (SHAPES.has(name) && !NOT_IN_TORCH.includes(name)) || ["add", "mul", "cat", "concat"].includes(name);

  class Steps {
    constructor(text) {
      Object.assign(this, { text, steps: 0, depth: 0, rows: [] });
    }

    said(node) {
      return this.text.slice(node.start, node.end);
    }

    fail(node, message) {
      throw new Unreadable(node.line, message);
    }

    unknown(node) {
      return this.fail(node, `“${this.said(node)}”还读不懂`);
    }

    /** Call something whose complaints have no line yet. */
    at(node, call) {
      try {
        return call();
      } catch (error) {
        if (error instanceof Unreadable && !error.line) error.line = node.line;
        throw error;
      }
    }

    count(node, more = 1) {
      this.steps += more;
      const { steps, rows } = NetworkLimits;
      if (this.steps > steps || this.rows.length > rows) this.fail(node, "太长了：这里只算小的网络");
    }

    tensor(value, node) {
      if (value instanceof Tensor) return value;
      return this.fail(node, `“${this.said(node)}”的输入读不懂：这里要一个张量`);
    }

    /** Note a row for an operation; its output is what `call` returns. */
    step(node, about, call) {
      const { layer = null, input } = about;
      const row = {
        node, line: node.line, said: this.said(node), path: "", ...about, input: input.shape, inner: input.field,
        output: null, parameters: 0, multiplyAdds: 0, bytes: 0,
      };
      this.count(node);
      this.rows.push(row);
      let made;
      try {
        made = this.at(node, call);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        row.refusal = error;
        throw new NetworkStop();
      }
      if (made.shape.some((size) => size < 1)) this.fail(node, `输出 ${list(made.shape)} 是空的，这里不算`);
      if (![...made.shape, product(made.shape)].every(Number.isSafeInteger)) this.fail(node, "这个数太大了");
      const view = layer ? layer.kind.view || layer.a.inplace : about.view;
      Object.assign(row, { output: made.shape, field: made.field, bytes: view ? 0 : BYTES * product(made.shape) });
      if (layer) {
        row.multiplyAdds = layer.kind.multiplyAdds?.(layer.a, input.shape, made.shape) ?? 0;
        row.parameters = layer.used === 0 ? layer.a.parameters : 0;
        layer.used += 1;
      }
      return made;
    }

    through(layer, x) {
      const shape = layer.kind.call(layer.a, x.shape);
      return new Tensor(shape, NetworkFields.behind(layer, x, shape), x.plain);
    }

    forward(module, positional, keywords, node) {
      const [x] = positional;
      if (module instanceof Container && module.type === "custom") {
        const method = this.inherited(module.klass, "forward");
        if (!method) this.fail(module.klass.node, `class ${module.klass.name} 没有 forward`);
        return this.invoke(method, [module, ...positional], keywords, node);
      }
      if (!(x instanceof Tensor) || positional.length !== 1) {
        this.fail(node, `“${this.said(node)}”的输入读不懂：这里要恰好一个张量`);
      }
      if (module instanceof Container) {
        if (module.type !== "Sequential") this.fail(node, `nn.${module.type} 不能直接调用`);
        return module.children.reduce((y, child) => this.forward(child, [y], [], node), x);
      }
      return this.step(module.node, { name: module.kind.name, input: x, layer: module, path: module.path }, () => {
        if (module.broken) throw module.broken;
        return this.through(module, x);
      });
    }

    /** Call a function of torch.nn.functional as the layer that it is. */
    functional(name, { node, positional, keywords, nodes }) {
      const kind = NetworkLayers.get(FUNCTIONS.get(name));
      const words = new Map(keywords);
      const x = this.tensor(positional.length > 0 ? positional[0] : words.get("input"), node);
      const rest = positional.slice(1);
      if (name.includes("dropout") && rest.length > 1) rest.splice(1, 1);
      for (const word of ["input", "training", "dtype", "antialias"]) words.delete(word);
      if (/^max_pool/.test(name) && rest.length > 4) this.fail(node, "ceil_mode 请写出名字");
      const layer = new Layer(kind, node, { functional: true });
      nodes.slice(1).forEach((argument, i) => { layer.nodes[kind.parameters[i]?.name] = argument; });
      for (const one of node.keywords) layer.nodes[one.name] = one.value;
      layer.given = this.refusing(node, () => bind(kind.owner, kind.parameters, rest, [...words]), `${name} 的参数不对`);
      return this.step(node, { name: kind.name, input: x, layer }, () => {
        layer.a = kind.build(layer.given);
        return this.through(layer, x);
      });
    }

    /** Call a method of a tensor, or torch's function of the same name. */
    method({ name, object }, call) {
      const { node, keywords } = call;
      if (name === "cat" || name === "concat") return this.concatenate(call);
      const x = this.tensor(object ?? call.positional[0], node);
      const [rest, places] = [call.positional, call.nodes].map((all) => (object ? all : all.slice(1)));
      const words = new Map(keywords);
      const given = (i, word, otherwise) => words.get(word) ?? rest[i] ?? otherwise;
      const integer = (value) => (Number.isInteger(value) ? value : this.fail(node, `“${this.said(node)}”要整数`));
      const whole = (...which) => integer(given(...which));
      const wholes = (...which) => [given(...which)].flat().map(integer);
      const tensor = (...which) => this.tensor(given(...which), node);
      const sizes = (word) => (Array.isArray(given(0, word)) ? given(0, word) : rest).map(integer);
      if (name === "contiguous") return new Tensor(x.shape, x.field, true);
      if (name === "dim") return x.shape.length;
      if (name === "size") {
        return given(0, "dim") === undefined ? [...x.shape] : x.shape[this.refusing(node, () => axis(x.shape, whole(0, "dim")))];
      }
      if (name === "add" || name === "mul") return this.tensors(node, name === "add" ? "+" : "*", x, rest[0], false);
      if (inTorch.has(name)) {
        return this.functional(name, { node, positional: [x, ...rest], keywords, nodes: [node, ...places] });
      }
      const method = SHAPES.get(name);
      if (!method || (object && name === "pad")) return this.fail(node, `张量的“${name}”还读不懂`);
      if (method.plainOnly && !x.plain) this.fail(node, "换过轴的张量能不能 view，这里不判断；请写 reshape");
      if (name === "mean" && given(0, "dim") === undefined) this.fail(node, "全部取平均之后没有轴了，这里不算");
      return this.step(node, { name, input: x, view: !method.copies, sizes: places }, () => {
        const shape = method.shape(x, { given, whole, wholes, sizes, tensor });
        return new Tensor(shape, NetworkFields.reshaped(x, shape), x.plain && !method.turns);
      });
    }

    /** Say with its line what PyTorch refuses where no step is. */
    refusing(node, call, said) {
      try {
        return call();
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        return this.fail(node, said ?? error.message);
      }
    }

    concatenate({ node, positional, keywords }) {
      const [parts] = positional;
      const dim = new Map(keywords).get("dim") ?? positional[1] ?? 0;
      const fits = Array.isArray(parts) && parts.length > 0 && parts.every((part) => part instanceof Tensor);
      if (!fits || !Number.isInteger(dim)) this.unknown(node);
      return this.step(node, { name: "拼接", input: parts[0] }, () => concatenated(parts, dim));
    }

    /** Add, or otherwise join, two tensors or a tensor and a number. */
    tensors(node, operator, left, right, inPlace) {
      if (!(operator in OPERATIONS)) this.fail(node, `张量的运算 ${operator} 还读不懂`);
      const isNumber = (value) => typeof NetworkValues.plain(value) === "number";
      if (isNumber(left) || isNumber(right)) return left instanceof Tensor ? left : right;
      if (!(left instanceof Tensor) || !(right instanceof Tensor)) this.unknown(node);
      const about = { name: OPERATIONS[operator], input: left, other: right };
      return this.step(node, about, () => joined(left, right, inPlace));
    }
  }

  return Object.assign(Steps, { inTorchToo });
})();
