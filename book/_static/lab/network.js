"use strict";

/* Follows a network through its text: walks the trees of python.js with shapes in place of tensors.
   No Python is run: it knows the assignments, calls, loops and operators below and nothing else, and
   what it does not know is an Unreadable with its line. */

const Network = (() => {
  const { KINDS, bind, product, list } = NetworkLayers;
  const MOST_STEPS = 100000;
  const MOST_ROWS = 1000;
  const BYTES = 4; // of a float32

  class Tensor {
    /** `field` holds size and jump along each axis; "all" is everything, null is not known. */
    constructor(shape, field, plain = true) {
      Object.assign(this, { shape, field, plain });
    }
  }

  class Layer {
    constructor(kind, node) {
      Object.assign(this, { kind, node, nodes: {}, a: null, broken: null, path: "", used: 0 });
    }
  }

  class Container {
    constructor(type, node, klass = null) {
      Object.assign(this, { type, node, klass, attributes: new Map(), path: "" });
    }

    get modules() {
      return [...this.attributes].filter(([, value]) => value instanceof Layer || value instanceof Container);
    }
  }

  class Named {
    constructor(kind, name, rest = {}) {
      Object.assign(this, { kind, name, ...rest });
    }
  }

  class Stop extends Error {}

  const isModule = (value) => value instanceof Layer || value instanceof Container;
  const FUNCTIONAL = {
    relu: "ReLU", relu6: "ReLU6", leaky_relu: "LeakyReLU", elu: "ELU", selu: "SELU", celu: "CELU", gelu: "GELU",
    silu: "SiLU", mish: "Mish", sigmoid: "Sigmoid", tanh: "Tanh", logsigmoid: "LogSigmoid", softsign: "Softsign",
    softplus: "Softplus", hardtanh: "Hardtanh", hardsigmoid: "Hardsigmoid", hardswish: "Hardswish",
    softmax: "Softmax", log_softmax: "LogSoftmax", softmin: "Softmin", glu: "GLU", dropout: "Dropout", dropout1d: "Dropout1d",
    dropout2d: "Dropout2d", dropout3d: "Dropout3d", alpha_dropout: "AlphaDropout", interpolate: "Upsample",
    upsample: "Upsample", pixel_shuffle: "PixelShuffle", pixel_unshuffle: "PixelUnshuffle",
  };
  for (const axes of [1, 2, 3]) {
    for (const kind of ["Max", "Avg", "LP"]) FUNCTIONAL[`${kind.toLowerCase()}_pool${axes}d`] = `${kind}Pool${axes}d`;
    for (const kind of ["Max", "Avg"]) FUNCTIONAL[`adaptive_${kind.toLowerCase()}_pool${axes}d`] = `Adaptive${kind}Pool${axes}d`;
  }
  const SAME_IN_TORCH = ["relu", "sigmoid", "tanh", "softmax", "log_softmax", "selu", "dropout", "pixel_shuffle", "pixel_unshuffle"];
  const SHAPING = ["flatten", "reshape", "view", "permute", "transpose", "squeeze", "unsqueeze", "mean", "add", "mul", "cat", "concat", "contiguous", "size", "dim"];

  class Reader {
    constructor(text) {
      this.text = text;
      this.steps = 0;
      this.rows = [];
      this.broken = [];
      this.notes = [];
      this.names = new Map([
        ["torch", new Named("space", "torch")],
        ["nn", new Named("space", "nn")],
        ["F", new Named("space", "F")],
      ]);
    }

    said(node) {
      return this.text.slice(node.start, node.end);
    }

    fail(node, message) {
      throw new Unreadable(node.line, message);
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

    // Statements

    run(body, scope) {
      for (const statement of body) {
        const done = this.statement(statement, scope);
        if (done) return done;
      }
      return null;
    }

    statement(node, scope) {
      this.count(node);
      switch (node.type) {
        case "import":
          this.import(node, scope);
          return null;
        case "class":
          scope.set(node.name, this.defineClass(node, scope));
          return null;
        case "def":
          scope.set(node.name, this.define(node, scope));
          return null;
        case "assign":
          return this.assign(node, scope);
        case "augmented": {
          const value = this.augment(node, scope);
          this.put(node.target, value, scope);
          return null;
        }
        case "expression":
          this.value(node.value, scope);
          return null;
        case "return":
          return { value: node.value === null ? null : this.value(node.value, scope) };
        case "for":
          return this.loop(node, scope);
        case "if":
          return this.run(this.truth(node.test, scope) ? node.body : node.other, scope);
        case "pass":
        case "ignored":
          return null;
        case "break":
        case "continue":
          return { jump: node.type };
        case "raise":
          return this.fail(node, "执行到了 raise：这样的设置它自己就不接受");
        default:
          throw node.error;
      }
    }

    assign(node, scope) {
      const value = this.value(node.value, scope);
      for (const target of node.targets) this.put(target, value, scope);
      return null;
    }

    count(node) {
      this.steps += 1;
      if (this.steps > MOST_STEPS || this.rows.length > MOST_ROWS) this.fail(node, "太长了：这里只算小的网络");
    }

    loop(node, scope) {
      for (const item of this.items(node.values, scope)) {
        this.count(node);
        this.put(node.target, item, scope);
        const done = this.run(node.body, scope);
        if (done?.jump === "break") break;
        if (done && !done.jump) return done;
      }
      return null;
    }

    import(node, scope) {
      const said = node.said.trim().replace(/\s+/g, " ");
      const from = /^from ([\w.]+) import \(?(.*?)\)?$/.exec(said);
      const spaces = { torch: "torch", "torch.nn": "nn", "torch.nn.functional": "F" };
      const space = (name) => (name in spaces ? new Named("space", spaces[name]) : new Named("foreign", name));
      const parts = (from ? from[2] : said.replace(/^import /, "")).split(",").map((part) => part.trim());
      for (const part of parts.filter((one) => one && one !== "*")) {
        const [name, alias] = part.split(/ as /);
        if (!from) scope.set(alias ?? name.split(".")[0], alias ? space(name) : space(name.split(".")[0]));
        else if (`${from[1]}.${name}` in spaces) scope.set(alias ?? name, space(`${from[1]}.${name}`));
        else if (from[1] in spaces) scope.set(alias ?? name, this.member(space(from[1]), name, node));
        else if (name === "OrderedDict") scope.set(alias ?? name, new Named("builtin", "dict"));
        else scope.set(alias ?? name, new Named("foreign", name));
      }
    }

    define(node, scope) {
      const parameters = node.parameters.map((one) => ({
        ...one,
        value: one.initial ? this.value(one.initial, scope) : undefined,
        given: Boolean(one.initial),
      }));
      return new Named("function", node.name, { node, parameters, scope });
    }

    defineClass(node, scope) {
      const bases = node.bases.map((base) => this.value(base, scope));
      const fits = bases.every((base) => base instanceof Named && ["class", "module"].includes(base.kind));
      if (!fits || bases.length === 0) this.fail(node, `class ${node.name} 不是 nn.Module 的子类`);
      const members = new Map();
      const inner = new Scope(scope);
      for (const part of node.body) {
        if (part.type === "def") members.set(part.name, this.define(part, scope));
        else if (part.type === "assign" && part.targets.every((target) => target.type === "name")) {
          this.assign(part, inner);
          for (const target of part.targets) members.set(target.name, inner.get(target.name));
        } else if (!["expression", "pass", "ignored"].includes(part.type)) {
          this.fail(part, "class 里的这一行还读不懂");
        }
      }
      return new Named("class", node.name, { node, members, bases });
    }

    /** Find a member of a class or of those it is derived from. */
    inherited(klass, name) {
      if (klass.kind !== "class") return undefined;
      if (klass.members.has(name)) return klass.members.get(name);
      return klass.bases.map((base) => this.inherited(base, name)).find(Boolean);
    }

    put(target, value, scope) {
      if (target.type === "name") scope.set(target.name, value);
      else if (target.type === "attribute") {
        const object = this.value(target.object, scope);
        if (!(object instanceof Container)) this.fail(target, `不能给“${this.said(target.object)}”设属性`);
        object.attributes.set(target.name, value);
      } else if (target.type === "tuple" || target.type === "list") {
        if (!Array.isArray(value) || value.length !== target.items.length) this.fail(target, "左右的个数不一样");
        target.items.forEach((item, index) => this.put(item, value[index], scope));
      } else this.fail(target, `给“${this.said(target)}”赋值，这里还读不懂`);
    }

    augment(node, scope) {
      const left = this.value(node.target, scope);
      const right = this.value(node.value, scope);
      if (Array.isArray(left) && Array.isArray(right) && node.operator === "+") {
        if (left.length + right.length > MOST_ROWS) this.fail(node, "太长了：这里只算小的网络");
        left.push(...right);
        return left;
      }
      return this.operate(node, node.operator, left, right, left instanceof Tensor);
    }

    // Expressions

    truth(node, scope) {
      const value = this.value(node, scope);
      if (value instanceof Tensor) this.fail(node, "条件取决于张量里的数，这里读不懂");
      if (value instanceof Real) return value.value !== 0;
      return Array.isArray(value) ? value.length > 0 : Boolean(value);
    }

    items(node, scope) {
      const value = this.value(node, scope);
      if (Array.isArray(value)) return value;
      if (value instanceof Map) return [...value.keys()];
      if (value instanceof Container && value.type !== "custom") return value.modules.map(([, module]) => module);
      return this.fail(node, `“${this.said(node)}”不是这里读得懂的序列`);
    }

    value(node, scope) {
      this.count(node);
      switch (node.type) {
        case "constant":
          return node.value;
        case "float":
          return new Real(node.value);
        case "template":
          return "";
        case "name": {
          const found = scope.get(node.name);
          if (found !== undefined) return found;
          return this.builtin(node);
        }
        case "tuple":
        case "list": {
          const found = node.items.flatMap((item) => (item.type === "star" ? this.items(item.value, scope) : [this.value(item, scope)]));
          if (node.type === "list") found.isList = true; // torch prints it with other brackets
          return found;
        }
        case "dictionary":
          return new Map(node.items.map(([key, value]) => [this.value(key, scope), this.value(value, scope)]));
        case "comprehension":
          return this.comprehend(node, scope);
        case "attribute":
          return this.attribute(node, scope);
        case "subscript":
          return this.subscript(node, scope);
        case "call":
          return this.call(node, scope);
        case "printed":
          return this.printed(node, scope);
        case "choice":
          return this.value(this.truth(node.test, scope) ? node.value : node.other, scope);
        case "not":
          return !this.truth(node.value, scope);
        case "unary": {
          const value = this.value(node.value, scope);
          const sign = node.operator === "-" ? -1 : 1;
          if (value instanceof Real) return new Real(sign * value.value);
          if (typeof value === "number") return sign * value;
          if (value instanceof Tensor) return value;
          return this.fail(node, `“${this.said(node)}”还读不懂`);
        }
        case "binary":
          return this.binary(node, scope);
        default:
          return this.fail(node, `“${this.said(node)}”还读不懂`);
      }
    }

    builtin(node) {
      const { name } = node;
      if (["range", "len", "int", "float", "print", "list", "tuple", "max", "min", "super", "enumerate", "zip", "sum", "isinstance", "reversed"].includes(name)) {
        return new Named("builtin", name);
      }
      if (KINDS.has(name)) this.fail(node, `没有导入 ${name}：写 nn.${name}，或先 from torch.nn import ${name}`);
      return this.fail(node, `不知道“${name}”是什么`);
    }

    comprehend(node, scope) {
      const found = [];
      const inner = new Scope(scope);
      for (const item of this.items(node.values, scope)) {
        this.put(node.target, item, inner);
        if (!node.test || this.truth(node.test, inner)) found.push(this.value(node.element, inner));
      }
      return found;
    }

    binary(node, scope) {
      const { operator } = node;
      if (operator === "and" || operator === "or") {
        const left = this.value(node.left, scope);
        const holds = left instanceof Named || isModule(left) || this.truth({ ...node.left, type: "constant", value: left }, scope);
        return holds === (operator === "and") ? this.value(node.right, scope) : left;
      }
      const left = this.value(node.left, scope);
      const right = this.value(node.right, scope);
      return this.operate(node, operator, left, right, false);
    }

    operate(node, operator, left, right, inPlace) {
      if (left instanceof Tensor || right instanceof Tensor) return this.tensors(node, operator, left, right, inPlace);
      if (["is", "=="].includes(operator)) return this.same(left, right);
      if (["is not", "!="].includes(operator)) return !this.same(left, right);
      if (operator === "in" || operator === "not in") {
        const holds = right instanceof Map ? right.has(left) : Array.isArray(right) && right.includes(left);
        return holds === (operator === "in");
      }
      const lists = [left, right].every((value) => Array.isArray(value) || typeof value === "string");
      if (lists && operator === "+" && typeof left === typeof right) {
        if (left.length + right.length > MOST_ROWS) this.fail(node, "太长了：这里只算小的网络");
        return left.concat(right);
      }
      if (Array.isArray(left) && operator === "*" && Number.isInteger(right)) {
        if (left.length * right > MOST_ROWS) this.fail(node, "太长了：这里只算小的网络");
        return Array(Math.max(right, 0)).fill(left).flat();
      }
      const plain = (value) => (value instanceof Real ? value.value : value);
      const [a, b] = [plain(left), plain(right)];
      if (typeof a !== "number" || typeof b !== "number") this.fail(node, `“${this.said(node)}”还读不懂`);
      const compared = { "<": a < b, ">": a > b, "<=": a <= b, ">=": a >= b };
      if (operator in compared) return compared[operator];
      if (["//", "%", "/"].includes(operator) && b === 0) this.fail(node, "除以 0");
      const results = { "+": a + b, "-": a - b, "*": a * b, "/": a / b, "//": Math.floor(a / b), "%": a - b * Math.floor(a / b), "**": a ** b };
      if (!(operator in results)) this.fail(node, `运算 ${operator} 还读不懂`);
      const result = results[operator];
      const real = operator === "/" || left instanceof Real || right instanceof Real || (operator === "**" && b < 0);
      if (!real && !Number.isSafeInteger(result)) this.fail(node, "这个数太大了");
      return real ? new Real(result) : result;
    }

    same(left, right) {
      const plain = (value) => (value instanceof Real ? value.value : value);
      if (Array.isArray(left) && Array.isArray(right)) {
        return left.length === right.length && left.every((one, i) => this.same(one, right[i]));
      }
      return plain(left) === plain(right);
    }

    /** Add, or otherwise join, two tensors or a tensor and a number. */
    tensors(node, operator, left, right, inPlace) {
      if (!["+", "-", "*", "/"].includes(operator)) this.fail(node, `张量的运算 ${operator} 还读不懂`);
      const isNumber = (value) => typeof value === "number" || value instanceof Real;
      if (isNumber(left) || isNumber(right)) return left instanceof Tensor ? left : right;
      if (!(left instanceof Tensor) || !(right instanceof Tensor)) this.fail(node, `“${this.said(node)}”还读不懂`);
      const name = { "+": "相加", "-": "相减", "*": "相乘", "/": "相除" }[operator];
      return this.step(node, { name, input: left, other: right }, () => {
        const shape = broadcast(left.shape, right.shape);
        if (inPlace && shape.join() !== left.shape.join()) {
          throw new Refusal(
            "RuntimeError",
            `output with shape ${list(left.shape)} doesn't match the broadcast shape ${list(shape)}`,
            { topic: "sum", left: left.shape, right: right.shape },
          );
        }
        return new Tensor(shape, joined(left.field, right.field), left.plain && right.plain);
      });
    }

    attribute(node, scope) {
      const object = this.value(node.object, scope);
      const { name } = node;
      if (object instanceof Named && object.kind === "space") return this.member(object, name, node);
      if (object instanceof Container) {
        if (object.attributes.has(name)) return object.attributes.get(name);
        const method = object.klass && this.inherited(object.klass, name);
        if (method instanceof Named && method.kind === "function") return new Named("method", name, { object, method });
        if (method !== undefined && method !== null) return method;
        if (name === "training") return true;
        if (["append", "extend", "add_module"].includes(name)) return new Named("grow", name, { object });
        if (["parameters", "to", "train", "eval", "apply", "modules", "state_dict"].includes(name)) {
          return new Named("foreign", name);
        }
        return this.fail(node, `“${this.said(node.object)}”没有“${name}”`);
      }
      if (object instanceof Tensor) {
        if (name === "shape") return [...object.shape];
        if (name === "ndim") return object.shape.length;
        return new Named("tensor", name, { object });
      }
      if (object instanceof Layer) {
        const parameter = object.kind.parameters.find((one) => one.name === name);
        if (parameter && object.given && name in object.given) return object.given[name];
        return this.fail(node, `“${name}”还读不懂`);
      }
      if (Array.isArray(object) && ["append", "extend", "insert"].includes(name)) return new Named("list", name, { object });
      if (object instanceof Map) return new Named("map", name, { object });
      return this.fail(node, `“${this.said(node)}”还读不懂`);
    }

    member(space, name, node) {
      if (space.name === "torch") {
        if (name === "nn") return new Named("space", "nn");
        if (SAME_IN_TORCH.includes(name)) return new Named("functional", name);
        if (SHAPING.includes(name)) return new Named("tensor", name, { free: true });
        return new Named("foreign", `torch.${name}`);
      }
      if (space.name === "F") {
        if (name in FUNCTIONAL) return new Named("functional", name);
        return this.fail(node, `F.${name} 还读不懂`);
      }
      if (name === "functional") return new Named("space", "F");
      if (name === "Module") return new Named("module", "nn.Module");
      if (name === "Sequential" || name === "ModuleList") return new Named("container", name);
      if (KINDS.has(name)) return new Named("layer", name);
      if (name === "Parameter") return this.fail(node, "自己定义的参数（nn.Parameter）还读不懂");
      return this.fail(node, `nn.${name} 不在这里读得懂的层之中`);
    }

    subscript(node, scope) {
      const object = this.value(node.object, scope);
      if (object instanceof Map) {
        const key = this.value(node.index, scope);
        if (!object.has(key)) this.fail(node, `字典里没有 ${NetworkLayers.shown(key)}`);
        return object.get(key);
      }
      const container = object instanceof Container && object.type !== "custom";
      const values = container ? object.modules.map(([, module]) => module) : object;
      if (!Array.isArray(values)) this.fail(node, `“${this.said(node)}”还读不懂`);
      const whole = (part, otherwise) => {
        if (part === null) return otherwise;
        const found = this.value(part, scope);
        if (!Number.isInteger(found)) this.fail(node, "下标要整数");
        return found;
      };
      if (node.index.type === "slice") {
        const { low, high, step } = node.index;
        if (step !== null) this.fail(node, "带步长的切片还读不懂");
        const found = values.slice(whole(low, 0), whole(high, values.length));
        return container ? this.sequential(found, object.node) : found;
      }
      const index = whole(node.index, 0);
      if (values.at(index) === undefined || index < -values.length) this.fail(node, `没有第 ${index} 个`);
      return values.at(index);
    }

    // Calls

    call(node, scope) {
      const { called } = node;
      if (called.type === "attribute" && called.name === "__init__") return this.initBase(node, scope);
      if (node.printed) return this.printed(node, scope);
      const target = this.value(called, scope);
      if (target instanceof Named && target.kind === "foreign") this.fail(node, `“${this.said(called)}”还读不懂`);
      const { positional, keywords, nodes } = this.given(node, scope);
      return this.apply(node, target, positional, keywords, nodes);
    }

    given(node, scope) {
      const positional = [];
      const nodes = [];
      for (const argument of node.positional) {
        if (argument.type === "doublestar") this.fail(argument, "** 还读不懂");
        if (argument.type === "star") {
          for (const item of this.items(argument.value, scope)) {
            positional.push(item);
            nodes.push(argument);
          }
        } else {
          positional.push(this.value(argument, scope));
          nodes.push(argument);
        }
      }
      const keywords = node.keywords.map((one) => [one.name, this.value(one.value, scope)]);
      return { positional, keywords, nodes };
    }

    /** Call `super().__init__(…)`: nothing happens, unless a class of the text is above. */
    initBase(node, scope) {
      const { object } = node.called;
      const self = scope.get("self");
      const isSuper = object.type === "call" && object.called.name === "super";
      if (!isSuper && this.said(object) !== "nn.Module") this.fail(node, `“${this.said(node)}”还读不懂`);
      if (!(self instanceof Container)) this.fail(node, "这里没有 self");
      const owner = scope.get("__class__");
      const above = owner?.bases.map((base) => this.inherited(base, "__init__")).find(Boolean);
      if (!above) return null;
      const { positional, keywords } = this.given(node, scope);
      return this.invoke(above, [self, ...positional], keywords, node);
    }

    apply(node, target, positional, keywords, nodes) {
      if (target instanceof Layer || target instanceof Container) return this.forward(target, positional, keywords, node);
      if (!(target instanceof Named)) this.fail(node, `“${this.said(node.called)}”不能调用`);
      switch (target.kind) {
        case "layer":
          return this.layer(KINDS.get(target.name), node, positional, keywords, nodes);
        case "container":
          return this.container(target.name, node, positional, keywords);
        case "class":
          return this.instance(target, positional, keywords, node);
        case "function":
          return this.invoke(target, positional, keywords, node);
        case "method":
          return this.invoke(target.method, [target.object, ...positional], keywords, node);
        case "functional":
          return this.functional(target.name, node, positional, keywords, nodes);
        case "tensor":
          return this.method(target, node, positional, keywords, nodes);
        case "builtin":
          return this.callBuiltin(target.name, node, positional);
        case "list":
          if (target.name === "append") target.object.push(positional[0]);
          else if (target.name === "extend" && Array.isArray(positional[0])) target.object.push(...positional[0]);
          else this.fail(node, `“${this.said(node)}”还读不懂`);
          return null;
        case "grow":
          return this.grow(target, node, positional);
        case "map":
          if (target.name === "keys") return [...target.object.keys()];
          if (target.name === "values") return [...target.object.values()];
          if (target.name === "items") return [...target.object.entries()];
          return this.fail(node, `“${this.said(node)}”还读不懂`);
        default:
          return this.fail(node, `“${this.said(node)}”还读不懂`);
      }
    }

    grow({ object, name }, node, positional) {
      const many = object.modules.length;
      if (object.type === "custom" && name !== "add_module") this.fail(node, `“${this.said(node)}”还读不懂`);
      if (name === "append") object.attributes.set(String(many), positional[0]);
      else if (name === "add_module") object.attributes.set(positional[0], positional[1]);
      else positional[0].forEach((module, i) => object.attributes.set(String(many + i), module));
      return object;
    }

    callBuiltin(name, node, positional) {
      const [first, second, third] = positional;
      const numbers = positional.every(Number.isInteger);
      const plain = (value) => (value instanceof Real ? value.value : value);
      switch (name) {
        case "range": {
          if (!numbers || positional.length === 0) this.fail(node, "range 要整数");
          const [low, high, step] = positional.length === 1 ? [0, first, 1] : [first, second, third ?? 1];
          const many = step === 0 ? 0 : Math.max(0, Math.ceil((high - low) / step));
          if (many > MOST_ROWS) this.fail(node, "太长了：这里只算小的网络");
          return Array.from({ length: many }, (_, i) => low + i * step);
        }
        case "len":
          if (Array.isArray(first)) return first.length;
          if (first instanceof Container) return first.modules.length;
          return this.fail(node, `“${this.said(node)}”还读不懂`);
        case "int":
          if (typeof plain(first) === "number") return Math.trunc(plain(first));
          return this.fail(node, `“${this.said(node)}”还读不懂`);
        case "list":
        case "tuple":
          if (first instanceof Container && first.type !== "custom") return first.modules.map(([, module]) => module);
          if (Array.isArray(first)) return [...first];
          return this.fail(node, `“${this.said(node)}”还读不懂`);
        case "max":
        case "min": {
          const values = Array.isArray(first) ? first : positional;
          if (!values.every(Number.isInteger)) this.fail(node, `“${this.said(node)}”还读不懂`);
          return Math[name](...values);
        }
        case "dict": {
          const pairs = Array.isArray(first) ? first : first instanceof Map ? [...first] : [];
          if (!pairs.every((pair) => Array.isArray(pair) && pair.length === 2)) this.fail(node, `“${this.said(node)}”还读不懂`);
          return new Map(pairs);
        }
        case "enumerate":
          if (Array.isArray(first)) return first.map((item, i) => [i, item]);
          return this.fail(node, `“${this.said(node)}”还读不懂`);
        case "zip":
          if (positional.every(Array.isArray)) return first.map((_, i) => positional.map((one) => one[i])).slice(0, Math.min(...positional.map((one) => one.length)));
          return this.fail(node, `“${this.said(node)}”还读不懂`);
        case "print":
          return null;
        default:
          return this.fail(node, `“${this.said(node)}”还读不懂`);
      }
    }

    /** Call a function of the text. */
    invoke(target, positional, keywords, node) {
      const scope = new Scope(target.scope);
      const given = new Map(keywords);
      const rest = [...positional];
      for (const parameter of target.parameters) {
        const { name, star } = parameter;
        if (star === "*") scope.set(name, rest.splice(0));
        else if (star === "**") {
          scope.set(name, new Map(given));
          given.clear();
        } else if (star !== "only") {
          if (rest.length > 0) scope.set(name, rest.shift());
          else if (given.has(name)) {
            scope.set(name, given.get(name));
            given.delete(name);
          } else if (parameter.given) scope.set(name, parameter.value);
          else this.fail(node, `调用 ${target.name} 少了参数 ${name}`);
        }
      }
      if (rest.length > 0) this.fail(node, `调用 ${target.name} 多了 ${rest.length} 个参数`);
      if (given.size > 0) this.fail(node, `${target.name} 没有参数 ${[...given.keys()][0]}`);
      const [self] = positional;
      if (self instanceof Container && self.klass) {
        const owner = this.ownerOf(self.klass, target);
        if (owner) scope.set("__class__", owner);
      }
      this.depth = (this.depth ?? 0) + 1;
      if (this.depth > 60) this.fail(node, "调用太深了");
      const done = this.run(target.node.body, scope);
      this.depth -= 1;
      return done ? done.value : null;
    }

    ownerOf(klass, method) {
      if (klass.kind !== "class") return null;
      if ([...klass.members.values()].includes(method)) return klass;
      return klass.bases.map((base) => this.ownerOf(base, method)).find(Boolean) ?? null;
    }

    instance(klass, positional, keywords, node) {
      const made = new Container("custom", node, klass);
      const init = this.inherited(klass, "__init__");
      if (init) this.invoke(init, [made, ...positional], keywords, node);
      else if (positional.length > 0) this.fail(node, `${klass.name} 没有 __init__，不收参数`);
      return made;
    }

    /** Make a layer; where PyTorch refuses its settings, it is broken, and the first such is the fault. */
    layer(kind, node, positional, keywords, nodes) {
      const made = new Layer(kind, node);
      if (kind.anything) {
        made.a = kind.build({});
        return made;
      }
      nodes.forEach((argument, i) => {
        const parameter = kind.parameters[i];
        if (parameter) made.nodes[parameter.name] = argument;
      });
      for (const one of node.keywords) made.nodes[one.name] = one.value;
      const ignored = kind.name.startsWith("Upsampling") && node.printed ? ["mode"] : [];
      try {
        made.given = bind(kind.owner, kind.parameters, positional, keywords.filter(([name]) => !ignored.includes(name)));
        this.at(node, () => { made.a = kind.build(made.given); });
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        made.broken = error;
        made.a = { parameters: 0 };
        this.broken.push(made);
      }
      return made;
    }

    container(type, node, positional, keywords) {
      if (keywords.length > 0) this.fail(node, `nn.${type} 不收有名字的参数`);
      if (type === "ModuleList") {
        if (positional.length > 0 && !Array.isArray(positional[0])) this.fail(node, "nn.ModuleList 要一个列表");
        return this.sequential(positional[0] ?? [], node, "ModuleList");
      }
      const [first] = positional;
      if (positional.length === 1 && first instanceof Map) {
        const made = new Container("Sequential", node);
        for (const [name, module] of first) made.attributes.set(name, module);
        return made;
      }
      return this.sequential(positional, node);
    }

    sequential(modules, node, type = "Sequential") {
      const made = new Container(type, node);
      modules.forEach((module, i) => {
        if (!isModule(module)) this.fail(node, this.stranger(module, i));
        made.attributes.set(String(i), module);
      });
      return made;
    }

    stranger(value, i) {
      if (Array.isArray(value)) return `第 ${i} 项是列表，不是层；前面加 * 把它展开`;
      if (value instanceof Named && value.kind === "layer") return `第 ${i} 项 nn.${value.name} 少了括号`;
      return `第 ${i} 项不是层`;
    }

    /** Turn what print(net) printed into modules. */
    printed(node, scope) {
      if (node.type === "call") {
        const { name } = node.called;
        if (["Sequential", "ModuleList"].includes(name)) return this.sequential([], node, name);
        if (!KINDS.has(name)) this.fail(node, `${name} 不在这里读得懂的层之中`);
        const word = (argument) => (argument.type === "name" ? argument.name : this.value(argument, scope));
        const positional = node.positional.map(word);
        const keywords = node.keywords.map((one) => [one.name, word(one.value)]);
        return this.layer(KINDS.get(name), node, positional, keywords, node.positional);
      }
      const made = new Container("Sequential", node);
      if (!["Sequential", "ModuleList"].includes(node.name)) this.unordered = true;
      for (const [name, child] of node.children) made.attributes.set(name, this.printed(child, scope));
      return made;
    }

    // The forward pass

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
      if (module instanceof Layer) return this.layerStep(module, x, node);
      if (module.type !== "Sequential") this.fail(node, `nn.${module.type} 不能直接调用`);
      return module.modules.reduce((y, [, child]) => this.forward(child, [y], [], node), x);
    }

    layerStep(layer, x, node) {
      const { kind } = layer;
      const about = { name: kind.name, input: x, layer, path: layer.path, node: layer.functional ? node : layer.node };
      return this.step(about.node, about, () => {
        if (layer.broken) throw layer.broken;
        const shape = this.at(about.node, () => kind.call(layer.a, x.shape));
        return new Tensor(shape, fieldBehind(layer, x, shape), x.plain);
      });
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
        made = call();
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        row.refusal = error;
        throw new Stop();
      }
      if (made.shape.some((size) => size < 1)) this.fail(node, `输出 ${list(made.shape)} 是空的，这里不算`);
      if (made.shape.some((size) => !Number.isSafeInteger(size)) || !Number.isSafeInteger(product(made.shape))) this.fail(node, "这个数太大了");
      row.output = made.shape;
      row.field = made.field;
      const view = layer ? layer.kind.view || layer.a.inplace : about.view;
      row.bytes = view ? 0 : BYTES * product(made.shape);
      if (layer) {
        row.multiplyAdds = layer.kind.multiplyAdds?.(layer.a, input.shape, made.shape) ?? 0;
        row.parameters = layer.used === 0 ? layer.a.parameters : 0;
        layer.used += 1;
      }
      return made;
    }

    functional(name, node, positional, keywords, nodes) {
      const kind = KINDS.get(FUNCTIONAL[name]);
      const words = new Map(keywords);
      const x = positional.length > 0 ? positional[0] : words.get("input");
      words.delete("input");
      if (!(x instanceof Tensor)) this.fail(node, `“${this.said(node)}”的输入读不懂：这里要一个张量`);
      const rest = positional.slice(1);
      if (name.includes("dropout")) {
        words.delete("training");
        if (rest.length > 1) rest.splice(1, 1);
      }
      words.delete("dtype");
      words.delete("antialias");
      if (/^max_pool/.test(name) && rest.length > 4) this.fail(node, "ceil_mode 请写出名字");
      const layer = new Layer(kind, node);
      layer.functional = true;
      nodes.slice(1).forEach((argument, i) => { layer.nodes[kind.parameters[i]?.name] = argument; });
      for (const one of node.keywords) layer.nodes[one.name] = one.value;
      return this.step(node, { name: kind.name, input: x, layer }, () => {
        layer.given = bind(kind.owner, kind.parameters, rest, [...words]);
        return this.at(node, () => {
          layer.a = kind.build(layer.given);
          const shape = kind.call(layer.a, x.shape);
          return new Tensor(shape, fieldBehind(layer, x, shape), x.plain);
        });
      });
    }

    /** Call a method of a tensor, or torch's function of the same name. */
    method(target, node, positional, keywords, nodes) {
      const { name } = target;
      const words = new Map(keywords);
      if (name === "cat" || name === "concat") return this.concatenate(node, positional, words);
      const x = target.free ? positional[0] : target.object;
      if (!(x instanceof Tensor)) this.fail(node, `“${this.said(node)}”的输入读不懂：这里要一个张量`);
      const rest = target.free ? positional.slice(1) : positional;
      const places = target.free ? nodes.slice(1) : nodes;
      const argument = (index, word, otherwise) => {
        const found = words.has(word) ? words.get(word) : rest[index];
        return found === undefined ? otherwise : found;
      };
      const whole = (value) => (Number.isInteger(value) ? value : this.fail(node, `“${this.said(node)}”要整数`));
      const sizes = () => (Array.isArray(rest[0]) ? rest[0] : rest).map(whole);
      const shaped = (call, view = true, plain = x.plain) =>
        this.step(node, { name, input: x, view, sizes: places }, () => {
          const shape = call();
          return new Tensor(shape, shape.join() === x.shape.join() ? x.field : fieldReshaped(x), plain);
        });
      switch (name) {
        case "size": {
          const dim = argument(0, "dim", null);
          if (dim === null) return [...x.shape];
          return x.shape[NetworkLayers.axis(x.shape, whole(dim))];
        }
        case "dim":
          return x.shape.length;
        case "contiguous":
          return new Tensor(x.shape, x.field, true);
        case "flatten":
          return shaped(() => NetworkLayers.flatten(x.shape, whole(argument(0, "start_dim", 0)), whole(argument(1, "end_dim", -1))));
        case "view":
          if (!x.plain) this.fail(node, "换过轴的张量能不能 view，这里不判断；请写 reshape");
          return shaped(() => NetworkLayers.reshape(x.shape, sizes()));
        case "reshape":
          return shaped(() => NetworkLayers.reshape(x.shape, sizes()));
        case "unsqueeze": {
          const dim = whole(argument(0, "dim"));
          return shaped(() => {
            const place = NetworkLayers.axis([...x.shape, 1], dim);
            return [...x.shape.slice(0, place), 1, ...x.shape.slice(place)];
          });
        }
        case "squeeze": {
          const dim = argument(0, "dim", null);
          return shaped(() => {
            if (dim === null) return x.shape.filter((size) => size !== 1);
            const place = NetworkLayers.axis(x.shape, whole(dim));
            return x.shape.filter((size, i) => i !== place || size !== 1);
          });
        }
        case "transpose": {
          const dims = [argument(0, "dim0"), argument(1, "dim1")].map(whole);
          return shaped(() => {
            const [a, b] = dims.map((dim) => NetworkLayers.axis(x.shape, dim));
            return x.shape.map((_, i) => x.shape[i === a ? b : i === b ? a : i]);
          }, true, false);
        }
        case "permute": {
          const dims = sizes();
          return shaped(() => {
            if (dims.length !== x.shape.length) {
              throw new Refusal(
                "RuntimeError",
                "permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired " +
                  `ordering of dimensions i.e. input.dim() = ${x.shape.length} is not equal to len(dims) = ${dims.length}`,
                { topic: "axis", shape: x.shape },
              );
            }
            const order = dims.map((dim) => NetworkLayers.axis(x.shape, dim));
            if (new Set(order).size < order.length) {
              throw new Refusal("RuntimeError", "permute(): duplicate dims are not allowed.", { topic: "axis", shape: x.shape });
            }
            return order.map((dim) => x.shape[dim]);
          }, true, false);
        }
        case "mean": {
          const given = argument(0, "dim", null);
          const keep = words.get("keepdim") === true || rest[1] === true;
          if (given === null) this.fail(node, "全部取平均之后没有轴了，这里不算");
          const dims = (Array.isArray(given) ? given : [given]).map(whole);
          return shaped(() => {
            const places = dims.map((dim) => NetworkLayers.axis(x.shape, dim));
            return x.shape.flatMap((size, i) => (!places.includes(i) ? [size] : keep ? [1] : []));
          }, false);
        }
        case "add":
        case "mul":
          return this.tensors(node, name === "add" ? "+" : "*", x, rest[0], false);
        default:
          if (name in FUNCTIONAL && SAME_IN_TORCH.includes(name)) {
            return this.functional(name, node, [x, ...rest], keywords, [node, ...places]);
          }
          return this.fail(node, `张量的“${name}”还读不懂`);
      }
    }

    concatenate(node, positional, words) {
      const [parts] = positional;
      const dim = words.get("dim") ?? positional[1] ?? 0;
      if (!Array.isArray(parts) || !parts.every((part) => part instanceof Tensor) || !Number.isInteger(dim)) {
        this.fail(node, `“${this.said(node)}”还读不懂`);
      }
      const [first] = parts;
      return this.step(node, { name: "拼接", input: first }, () => {
        const place = NetworkLayers.axis(first.shape, dim);
        parts.forEach((part, index) => {
          if (part.shape.length !== first.shape.length) {
            throw new Refusal("RuntimeError", `Tensors must have same number of dimensions: got ${first.shape.length} and ${part.shape.length}`, { topic: "cat" });
          }
          const other = part.shape.findIndex((size, i) => i !== place && size !== first.shape[i]);
          if (other >= 0) {
            throw new Refusal(
              "RuntimeError",
              `Sizes of tensors must match except in dimension ${place}. Expected size ${first.shape[other]} but got size ${part.shape[other]} for tensor number ${index} in the list.`,
              { topic: "cat" },
            );
          }
        });
        const total = parts.reduce((sum, part) => sum + part.shape[place], 0);
        const field = parts.map((part) => part.field).reduce(joined);
        return new Tensor(first.shape.map((size, i) => (i === place ? total : size)), field, parts.every((part) => part.plain));
      });
    }
  }

  class Scope {
    constructor(parent) {
      this.own = new Map();
      this.parent = parent;
    }

    get(name) {
      return this.own.has(name) ? this.own.get(name) : this.parent.get(name);
    }

    set(name, value) {
      this.own.set(name, value);
    }
  }

  // Receptive fields

  function fieldBehind(layer, x, made) {
    const { kind, a } = layer;
    if (x.field === "all") return "all";
    if (kind.window && x.field !== null) {
      const { k, s, d } = kind.window(a);
      const before = x.field.length ? x.field : k.map(() => ({ size: 1, jump: 1 }));
      if (before.length !== k.length) return null;
      return before.map(({ size, jump }, i) => ({ size: size + (k[i] - 1) * d[i] * jump, jump: jump * s[i] }));
    }
    if (kind.view) return made.join() === x.shape.join() ? x.field : fieldReshaped(x);
    if (kind.sees === "adaptive") return a.size.every((size) => size === 1) ? "all" : null;
    if (kind.sees === "all") return "all";
    return kind.sees === "unknown" ? null : x.field;
  }

  /** Tell what a reshaped tensor sees: everything if nothing but the batch is left. */
  const fieldReshaped = (x) => (x.field === null ? null : "all");

  function joined(left, right) {
    if (left === "all" || right === "all") return "all";
    if (left === null || right === null) return null;
    if (left.length === 0 || right.length === 0) {
      const [longer] = [left, right].filter((field) => field.length > 0);
      return !longer || longer.every(({ jump }) => jump === 1) ? longer ?? left : null;
    }
    const fits = left.length === right.length && left.every(({ jump }, i) => jump === right[i].jump);
    return fits ? left.map(({ size, jump }, i) => ({ size: Math.max(size, right[i].size), jump })) : null;
  }

  function broadcast(left, right) {
    const many = Math.max(left.length, right.length);
    const wide = (shape) => [...Array(many - shape.length).fill(1), ...shape];
    const [a, b] = [wide(left), wide(right)];
    for (let i = many - 1; i >= 0; i--) {
      if (a[i] !== b[i] && a[i] !== 1 && b[i] !== 1) {
        throw new Refusal(
          "RuntimeError",
          `The size of tensor a (${a[i]}) must match the size of tensor b (${b[i]}) at non-singleton dimension ${i}`,
          { topic: "sum", left, right },
        );
      }
    }
    return a.map((size, i) => (size === 1 ? b[i] : size));
  }

  // The network of a text

  const CHANGES = /\.(?:add_module|append|insert|extend|register_module|load_state_dict)\b|\[[^\]]*\]\s*=[^=]|\.\w+\s*=[^=]/;

  /** Find the network: the last module that a name gets, else an expression, a class or a function. */
  function find(reader, body) {
    const scope = reader.names;
    let found = null;
    let loose = null;
    const skipped = [];
    for (const statement of body) {
      try {
        if (statement.type === "expression") {
          if (statement.value.type !== "constant") {
            const value = reader.value(statement.value, scope);
            if (isModule(value)) loose = { module: value, name: "", line: statement.line };
          }
        } else reader.statement(statement, scope);
        if (statement.type === "assign" && statement.targets[0].type === "name") {
          const [{ name }] = statement.targets;
          if (isModule(scope.get(name))) found = { module: scope.get(name), name, line: statement.line };
        }
      } catch (error) {
        if (!(error instanceof Unreadable)) throw error;
        skipped.push({ statement, error });
      }
    }
    found ??= loose;
    // What could not be read must not be what builds the network, or what changes it.
    for (const { statement, error } of skipped) {
      const said = reader.said(statement);
      if (/\b(?:nn|F)\.|nn\.Module|\bself\b/.test(said) && !/\b(?:nn\.\w*Loss|nn\.init|nn\.utils)\b/.test(said)) throw error;
      if (found?.name && said.includes(found.name) && CHANGES.test(said)) throw error;
    }
    if (!found) found = lastDefinition(reader, body, skipped);
    return { ...found, skipped: skipped.map(({ statement }) => statement.line) };
  }

  function lastDefinition(reader, body, skipped) {
    const scope = reader.names;
    const defined = body.filter(({ type }) => ["class", "def"].includes(type)).reverse();
    for (const { type, name, line } of defined) {
      const target = scope.get(name);
      if (!target) continue;
      const method = type === "class" ? reader.inherited(target, "__init__") : target;
      const parameters = (method?.parameters ?? []).slice(type === "class" ? 1 : 0);
      const open = parameters.find((one) => !one.given && !one.star);
      if (open && type === "class") throw new Unreadable(line, `${name} 要参数 ${open.name}：在下面加一行 net = ${name}(…)，写出各个数`);
      if (open) continue;
      const node = { ...body.at(-1), line };
      const module = type === "class" ? reader.instance(target, [], [], node) : reader.invoke(target, [], [], node);
      if (isModule(module)) return { module, name: `${name}()`, line };
    }
    if (skipped.length > 0) throw skipped[0].error;
    throw new Unreadable(1, "没有找到网络：要有 nn.Sequential(…)、一个 nn.Module 的类，或者 print(net) 印出的文字");
  }

  function name(module, path) {
    if (!module.path) module.path = path;
    if (module instanceof Container) {
      for (const [key, child] of module.modules) name(child, path ? `${path}.${key}` : key);
    }
  }

  function leaves(module, found = new Set()) {
    if (module instanceof Layer) found.add(module);
    else for (const [, child] of module.modules) leaves(child, found);
    return found;
  }

  /** Follow a shape through the network of a text: rows, the first fault, totals. */
  function follow(text, shape) {
    const reader = new Reader(text);
    const parsed = NetworkPython.parse(text);
    const scope = reader.names;
    const found = parsed.printed
      ? { module: reader.printed(parsed.printed, scope), name: "", line: 1, skipped: [] }
      : find(reader, parsed.body);
    name(found.module, "");
    const layers = leaves(found.module);
    const broken = reader.broken.filter((layer) => layers.has(layer) || parsed.printed)[0] ?? null;
    reader.rows = [];
    try {
      const node = parsed.printed ?? parsed.body.at(-1);
      reader.forward(found.module, [new Tensor(shape, [])], [], node);
    } catch (error) {
      if (error instanceof Refusal) throw new Unreadable(found.line, error.message);
      if (!(error instanceof Stop)) throw error;
    }
    const rows = reader.rows;
    const last = rows.at(-1);
    let fault = null;
    if (broken) fault = { refusal: broken.broken, layer: broken, node: broken.node, row: rows.findIndex((row) => row.layer === broken) };
    else if (last?.refusal) fault = { refusal: last.refusal, layer: last.layer ?? null, node: last.node, row: rows.length - 1 };
    const finished = rows.filter((row) => row.output);
    const sum = (key) => finished.reduce((total, row) => total + row[key], 0);
    return {
      rows, fault, broken, name: found.name, line: found.line, skipped: found.skipped,
      unordered: Boolean(reader.unordered), layers: [...layers],
      unused: fault ? [] : [...layers].filter((layer) => layer.used === 0).map((layer) => layer.path),
      totals: {
        parameters: [...layers].reduce((total, layer) => total + layer.a.parameters, 0),
        multiplyAdds: sum("multiplyAdds"), bytes: sum("bytes"),
      },
    };
  }

  /** Read an input size: "1, 3, 32, 32", with or without brackets; {shape} or {message}. */
  function readShape(text) {
    const plain = text
      .normalize("NFKC")
      .replace(/^\s*(?:torch\.Size|size\s*=)/, "")
      .replace(/[()[\]]/g, " ")
      .replace(/(?<=\d)\s*[×xX*]\s*(?=\d)/g, ",");
    const parts = plain.split(/[\s,]+/).filter(Boolean);
    if (parts.length === 0) return { message: "写出输入的大小，例如 1, 3, 32, 32" };
    const strange = parts.find((part) => !/^\d+$/.test(part));
    if (strange) return { message: `输入的大小只能是整数，这里有“${strange}”` };
    const shape = parts.map(Number);
    if (shape.some((size) => size < 1)) return { message: "输入的每一维至少是 1" };
    if (shape.length > 6) return { message: "输入最多 6 维" };
    if (!(product(shape) <= 2 ** 40)) return { message: "输入太大了" };
    return { shape };
  }

  return { follow, readShape, Tensor, Layer, Container };
})();
