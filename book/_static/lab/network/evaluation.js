"use strict";

/* Gives the values of expressions: numbers, texts, lists, layers, shapes. What is not known is not
   guessed: it is an Unreadable with its line. */

const NetworkEvaluation = (() => {
  const { Tensor, Layer, Container, Named, Scope, plain } = NetworkValues;
  const { own, items, same } = NetworkBuiltins;
  const ASIDE = "apply eval float double half cpu cuda to train requires_grad_".split(" "); // of a module
  const UNCHANGED = "clone cpu cuda detach double float half requires_grad_ to".split(" "); // of a tensor
  const FOREIGN = "parameters named_parameters state_dict load_state_dict".split(" ");
  const PYTHON = "abs all any bool filter getattr hasattr map open round set setattr sorted type".split(" ");
  const KNOWN = {
    "collections.OrderedDict": "dict", "math.prod": "prod", "numpy.prod": "prod", "math.floor": "floor",
    "math.ceil": "ceil", "math.sqrt": "sqrt", "torch.compile": "same",
    "torch.cuda.is_available": "never",
  };
  const tooLong = "太长了：这里只算小的网络";

  /** The value of each type of tree. */
  const VALUES = {
    constant: (reader, { value }) => value,
    float: (reader, { value }) => new Real(value),
    name(reader, node, scope) {
      const found = scope.get(node.name);
      if (found instanceof Named && found.kind === "unread") throw found.error;
      return found === undefined ? reader.builtin(node) : found;
    },
    tuple: (reader, node, scope) => reader.listOf(node, scope),
    list: (reader, node, scope) => Object.assign(reader.listOf(node, scope), { isList: true }), // printed with other brackets
    dictionary: (reader, node, scope) =>
      new Map(node.items.map(([key, value]) => [reader.value(key, scope), reader.value(value, scope)])),
    comprehension: (reader, node, scope) => reader.comprehend(node, scope),
    attribute: (reader, node, scope) => reader.attribute(node, scope),
    subscript: (reader, node, scope) => reader.subscript(node, scope),
    call: (reader, node, scope) => reader.call(node, scope),
    printed: (reader, node, scope) => reader.printed(node, scope),
    choice: (reader, node, scope) => reader.value(reader.truth(node.test, scope) ? node.value : node.other, scope),
    not: (reader, node, scope) => !reader.truth(node.value, scope),
    unary: (reader, node, scope) => reader.signed(node, reader.value(node.value, scope)),
    binary: (reader, node, scope) => reader.binary(node, scope),
    template(reader, node, scope) {
      const parts = node.parts?.map((part) => (typeof part === "string" ? part : reader.value(part, scope)));
      const fits = parts?.every((part) => typeof part === "string" || Number.isInteger(part));
      return fits ? parts.join("") : reader.unknown(node);
    },
  };

  /** Numbers by operator; both are plain. */
  const ARITHMETIC = {
    "+": (a, b) => a + b, "-": (a, b) => a - b, "*": (a, b) => a * b, "/": (a, b) => a / b, "**": (a, b) => a ** b,
    "//": (a, b) => Math.floor(a / b), "%": (a, b) => a - b * Math.floor(a / b),
  };
  const COMPARISON = { "<": (a, b) => a < b, ">": (a, b) => a > b, "<=": (a, b) => a <= b, ">=": (a, b) => a >= b };

  return class Evaluation extends NetworkCalls {
    value(node, scope) {
      this.count(node);
      return node.type in VALUES ? VALUES[node.type](this, node, scope) : this.unknown(node);
    }

    truth(node, scope) {
      return this.holds(node, this.value(node, scope));
    }

    holds(node, value) {
      if (value instanceof Tensor) this.fail(node, "条件取决于张量里的数，这里读不懂");
      if (value instanceof Named && value.kind === "foreign") this.unknown(node);
      const many = items(value);
      return many ? many.length > 0 : Boolean(plain(value));
    }

    items(node, scope) {
      return items(this.value(node, scope)) ?? this.fail(node, `“${this.said(node)}”不是这里读得懂的序列`);
    }

    listOf(node, scope) {
      return node.items.flatMap((item) => (item.type === "star" ? this.items(item.value, scope) : [this.value(item, scope)]));
    }

    builtin(node) {
      const { name } = node;
      if (name === "print") return new Named("aside", name);
      if (name === "super") return new Named("super", name);
      if (own.has(name)) return new Named("builtin", name);
      if (NetworkLayers.has(name)) this.fail(node, `没有导入 ${name}：写 nn.${name}，或先 from torch.nn import ${name}`);
      if (PYTHON.includes(name)) this.fail(node, `${name} 还读不懂`);
      if (name === "self") this.fail(node, "self 只在 class 里才有：把整个 class 贴上来");
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

    signed(node, value) {
      const sign = node.operator === "-" ? -1 : 1;
      if (value instanceof Real) return new Real(sign * value.value);
      if (typeof value === "number") return sign * value;
      return value instanceof Tensor ? value : this.unknown(node);
    }

    binary(node, scope) {
      const { operator } = node;
      const left = this.value(node.left, scope);
      if (operator === "and" || operator === "or") {
        return this.holds(node.left, left) === (operator === "and") ? this.value(node.right, scope) : left;
      }
      return this.operate(node, operator, left, this.value(node.right, scope), false);
    }

    operate(node, operator, left, right, inPlace) {
      if (operator === "is") return same(left, right);
      if (operator === "is not") return !same(left, right);
      if (left instanceof Tensor || right instanceof Tensor) return this.tensors(node, operator, left, right, inPlace);
      if (operator === "==") return same(left, right);
      if (operator === "!=") return !same(left, right);
      if (operator === "in" || operator === "not in") {
        const holds = right instanceof Map ? right.has(left) : Array.isArray(right) && right.some((one) => same(one, left));
        return holds === (operator === "in");
      }
      const lists = [left, right].every((value) => Array.isArray(value) || typeof value === "string");
      if (lists && operator === "+" && typeof left === typeof right) {
        if (left.length + right.length > NetworkLimits.rows) this.fail(node, tooLong);
        return left.concat(right);
      }
      if (Array.isArray(left) && operator === "*" && Number.isInteger(right)) {
        if (left.length * right > NetworkLimits.rows) this.fail(node, tooLong);
        return Array.from({ length: Math.max(right, 0) }, () => left).flat();
      }
      return this.arithmetic(node, operator, left, right);
    }

    arithmetic(node, operator, left, right) {
      const [a, b] = [plain(left), plain(right)];
      if (typeof a !== "number" || typeof b !== "number") this.unknown(node);
      if (operator in COMPARISON) return COMPARISON[operator](a, b);
      if (!(operator in ARITHMETIC)) this.fail(node, `运算 ${operator} 还读不懂`);
      if (["//", "%", "/"].includes(operator) && b === 0) this.fail(node, "除以 0");
      const result = ARITHMETIC[operator](a, b);
      const real = operator === "/" || left instanceof Real || right instanceof Real || (operator === "**" && b < 0);
      if (!real && !Number.isSafeInteger(result)) this.fail(node, "这个数太大了");
      return real ? new Real(result) : result;
    }

    attribute(node, scope) {
      const object = this.value(node.object, scope);
      const { name } = node;
      if (object instanceof Named && object.kind === "space") return this.member(object, name, node);
      if (object instanceof Named && object.kind === "aside") return new Named("aside", name);
      if (object instanceof Named && object.kind === "parent") return this.parentMethod(object, name, node);
      if (object instanceof Named && object.kind === "foreign") return this.foreign(`${object.name}.${name}`);
      if (object instanceof Named && object.kind === "class") return this.inherited(object, name) ?? this.unknown(node);
      if (object instanceof Container) return this.attributeOf(object, name, node);
      if (object instanceof Tensor) {
        if (name === "shape") return [...object.shape];
        if (name === "ndim") return object.shape.length;
        return new Named(UNCHANGED.includes(name) ? "aside" : "tensor", name, { object });
      }
      if (object instanceof Layer) return this.setting(object, name, node);
      if (Array.isArray(object) && ["append", "extend", "insert"].includes(name)) return new Named("list", name, { object });
      if (object instanceof Map) return new Named("map", name, { object });
      return this.unknown(node);
    }

    /** Give a name of another library; a few are functions that are known here. */
    foreign(name) {
      const known = KNOWN[name];
      return known ? new Named("builtin", known) : new Named("foreign", name);
    }

    /** Find what a module has by name: an attribute, a method of its class, one that all modules have. */
    attributeOf(object, name, node) {
      if (object.attributes.has(name)) return object.attributes.get(name);
      const method = object.klass && this.inherited(object.klass, name);
      if (method instanceof Named && method.kind === "function") return new Named("method", name, { object, method });
      if (method !== undefined && method !== null) return method;
      if (name === "training") return true;
      if (["append", "extend", "add_module", "register_module"].includes(name)) return new Named("grow", name, { object });
      if (name === "children" || name === "modules") return new Named(name, name, { object });
      if (ASIDE.includes(name)) return new Named("aside", name, { object });
      if (FOREIGN.includes(name)) return new Named("foreign", name);
      return this.fail(node, `“${this.said(node.object)}”没有“${name}”`);
    }

    /** Find a method behind `super()`. */
    parentMethod({ object, owner }, name, node) {
      const method = owner.bases.map((base) => this.inherited(base, name)).find(Boolean);
      return method?.kind === "function" ? new Named("method", name, { object, method }) : this.unknown(node);
    }

    /** Give a setting of a layer as torch has it: its numbers, one for each axis. */
    setting(layer, name, node) {
      if (name === "weight" || name === "bias") return layer.given?.bias === false && name === "bias" ? null : new Named("aside", name);
      if (ASIDE.includes(name)) return new Named("aside", name, { object: layer });
      const numbers = { kernel_size: "k", stride: "s", padding: "p", dilation: "d" }[name];
      const known = layer.given && name in layer.given && !layer.broken;
      if (!known) return this.fail(node, `“${name}”还读不懂`);
      const each = /^Conv/.test(layer.kind.name) && numbers && typeof layer.given[name] !== "string";
      return each ? [...layer.a[numbers]] : layer.given[name] ?? (name === "stride" ? layer.given.kernel_size : null);
    }

    member(space, name, node) {
      if (space.name === "torch") {
        if (name === "nn") return new Named("space", "nn");
        if (name === "device") return new Named("aside", name);
        if (NetworkFunctional.inTorch.has(name)) return new Named("functional", name);
        if (NetworkSteps.inTorchToo(name)) return new Named("tensor", name);
        return this.foreign(`torch.${name}`);
      }
      if (space.name === "F") {
        if (NetworkFunctional.layers.has(name)) return new Named("functional", name);
        if (name === "pad") return new Named("tensor", name);
        return this.fail(node, `F.${name} 还读不懂`);
      }
      if (name === "functional") return new Named("space", "F");
      if (name === "init") return new Named("aside", "nn.init");
      if (name === "Module") return new Named("module", "nn.Module");
      if (name === "Sequential" || name === "ModuleList") return new Named("container", name);
      if (NetworkLayers.has(name)) return new Named("layer", name);
      if (name === "Parameter") return this.fail(node, "自己定义的参数（nn.Parameter）还读不懂");
      return this.fail(node, `nn.${name} 不在这里读得懂的层之中`);
    }

    subscript(node, scope) {
      const object = this.value(node.object, scope);
      if (object instanceof Map) {
        const key = this.value(node.index, scope);
        if (!object.has(key)) this.fail(node, `字典里没有 ${NetworkArguments.shown(key)}`);
        return object.get(key);
      }
      const values = items(object) ?? this.unknown(node);
      const whole = (part, otherwise) => {
        if (part === null) return otherwise;
        const found = this.value(part, scope);
        return Number.isInteger(found) ? found : this.fail(node, "下标要整数");
      };
      if (node.index.type === "slice") {
        const { low, high, step } = node.index;
        if (step !== null) this.fail(node, "带步长的切片还读不懂");
        const found = values.slice(whole(low, 0), whole(high, values.length));
        if (!(object instanceof Container)) return found;
        return this.filled(object.type, found.map((module, i) => [String(i), module]), object.node);
      }
      const index = whole(node.index, 0);
      if (values.at(index) === undefined || index < -values.length) this.fail(node, `没有第 ${index} 个`);
      return values.at(index);
    }
  };
})();
