"use strict";

/* Calls: layers, containers, classes and functions of the text, methods of tensors, lists and modules. */

const NetworkCalls = (() => {
  const { Layer, Container, Named, Scope, isModule } = NetworkValues;
  const { functions, items } = NetworkBuiltins;

  /** What is called by name, its kind is how: each gets the name and what it is called with. */
  const CALLS = {
    layer: (reader, { name }, call) => reader.layer(NetworkLayers.get(name), call),
    container: (reader, { name }, call) => reader.container(name, call),
    class: (reader, target, { positional, keywords, node }) => reader.instance(target, positional, keywords, node),
    function: (reader, target, { positional, keywords, node }) => reader.invoke(target, positional, keywords, node),
    method: (reader, { object, method }, { positional, keywords, node }) =>
      reader.invoke(method, [object, ...positional], keywords, node),
    functional: (reader, { name }, call) => reader.functional(name, call),
    tensor: (reader, target, call) => reader.method(target, call),
    builtin: (reader, { name }, { positional, node }) =>
      functions.get(name)(positional, (said) => (said ? reader.fail(node, said) : reader.unknown(node))),
    list: (reader, { name, object }, { positional, node }) => reader.growList(name, object, positional, node),
    map: (reader, { name, object }, { node }) => {
      if (!["keys", "values", "items"].includes(name)) reader.unknown(node);
      return [...object[name === "items" ? "entries" : name]()];
    },
    grow: (reader, target, { positional, node }) => reader.grow(target, positional, node),
    children: (reader, { object }) => object.children,
    modules: (reader, { object }) => NetworkValues.within(object),
  };

  return class Calls extends NetworkSteps {
    call(node, scope) {
      const { called } = node;
      if (called.type === "attribute" && called.name === "__init__") return this.initBase(node, scope);
      if (node.printed) return this.printed(node, scope);
      const target = this.value(called, scope);
      // These change no shape, whatever their arguments are: initial values, devices, printing.
      if (target instanceof Named && target.kind === "aside") return target.object ?? null;
      if (target instanceof Named && target.kind === "foreign") this.fail(node, `“${this.said(called)}”还读不懂`);
      if (target instanceof Named && target.kind === "super") return this.parent(node, scope);
      const call = { node, ...this.given(node, scope) };
      if (isModule(target)) return this.forward(target, call.positional, call.keywords, node);
      if (!(target instanceof Named)) this.fail(node, `“${this.said(called)}”不能调用`);
      return target.kind in CALLS ? CALLS[target.kind](this, target, call) : this.unknown(node);
    }

    given(node, scope) {
      const [positional, nodes] = [[], []];
      const put = (value, argument) => {
        positional.push(value);
        nodes.push(argument);
      };
      const keywords = [];
      for (const argument of node.positional) {
        if (argument.type === "doublestar") {
          const value = this.value(argument.value, scope);
          keywords.push(...(value instanceof Map ? value : this.unknown(argument)));
        } else if (argument.type === "star") for (const item of this.items(argument.value, scope)) put(item, argument);
        else put(this.value(argument, scope), argument);
      }
      keywords.push(...node.keywords.map((one) => [one.name, this.value(one.value, scope)]));
      return { positional, keywords, nodes };
    }

    /** Call `super().__init__(…)`: nothing happens, unless a class of the text is above. */
    initBase(node, scope) {
      const { object } = node.called;
      const self = scope.get("self");
      const isSuper = object.type === "call" && object.called.name === "super";
      if (!isSuper && !/^(?:torch\.)?(?:nn\.)?Module$/.test(this.said(object))) this.unknown(node);
      if (!(self instanceof Container)) this.fail(node, "这里没有 self");
      const above = scope.get("__class__")?.bases.map((base) => this.inherited(base, "__init__")).find(Boolean);
      if (!above) return null;
      const { positional, keywords } = this.given(node, scope);
      return this.invoke(above, [self, ...positional], keywords, node);
    }

    parent(node, scope) {
      const [object, owner] = [scope.get("self"), scope.get("__class__")];
      return object && owner ? new Named("parent", "super", { object, owner }) : this.unknown(node);
    }

    growList(name, object, positional, node) {
      const more = name === "append" ? positional : name === "extend" ? items(positional[0]) : null;
      if (!more) this.unknown(node);
      this.count(node, more.length);
      object.push(...more);
      return null;
    }

    /** Add modules to a container. */
    grow({ object, name }, positional, node) {
      const many = object.modules.length;
      const [first, second] = positional;
      const added = { append: [[String(many), first]], add_module: [[first, second]], register_module: [[first, second]] };
      const pairs = added[name] ?? (items(first) ?? this.unknown(node)).map((module, i) => [String(many + i), module]);
      if (object.type === "custom" && !/module$/.test(name)) this.unknown(node);
      for (const [key, module] of pairs) {
        if (typeof key !== "string" || !isModule(module)) this.unknown(node);
        object.attributes.set(key, module);
      }
      return object;
    }

    /** Call a function of the text. */
    invoke(target, positional, keywords, node) {
      const scope = new Scope(target.scope);
      const given = new Map(keywords);
      const rest = [...positional];
      const take = (name) => {
        const value = given.get(name);
        given.delete(name);
        return value;
      };
      for (const { name, star, given: usual, value } of target.parameters) {
        if (star === "*") scope.set(name, rest.splice(0));
        else if (star === "**") {
          scope.set(name, new Map(given));
          given.clear();
        } else if (star !== "only") {
          if (rest.length > 0) scope.set(name, rest.shift());
          else if (given.has(name)) scope.set(name, take(name));
          else if (usual) scope.set(name, value);
          else this.fail(node, `调用 ${target.name} 少了参数 ${name}`);
        }
      }
      if (rest.length > 0) this.fail(node, `调用 ${target.name} 多了 ${rest.length} 个参数`);
      if (given.size > 0) this.fail(node, `${target.name} 没有参数 ${[...given.keys()][0]}`);
      const [self] = positional;
      const owner = self instanceof Container && self.klass ? this.ownerOf(self.klass, target) : null;
      if (owner) scope.set("__class__", owner);
      this.depth += 1;
      if (this.depth > NetworkLimits.depth) this.fail(node, "调用太深了");
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
    layer(kind, { node, positional, keywords, nodes }) {
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
      try {
        made.given = NetworkArguments.bind(kind.owner, kind.parameters, positional, keywords);
        made.a = this.at(node, () => kind.build(made.given));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        Object.assign(made, { broken: error, a: { parameters: 0 } });
        this.broken.push(made);
      }
      return made;
    }

    container(type, { node, positional, keywords }) {
      if (keywords.length > 0) this.fail(node, `nn.${type} 不收有名字的参数`);
      const [first] = positional;
      if (type === "Sequential" && positional.length === 1 && first instanceof Map) {
        return this.filled(type, [...first], node);
      }
      const modules = type === "Sequential" ? positional : items(first ?? []);
      if (!modules) this.fail(node, "nn.ModuleList 要一个列表");
      return this.filled(type, modules.map((module, i) => [String(i), module]), node);
    }

    filled(type, pairs, node) {
      const made = new Container(type, node);
      for (const [name, module] of pairs) {
        if (!isModule(module)) this.fail(node, this.stranger(module, name));
        made.attributes.set(name, module);
      }
      return made;
    }

    stranger(value, name) {
      if (Array.isArray(value)) return `第 ${name} 项是列表，不是层；前面加 * 把它展开`;
      if (value instanceof Named && value.kind === "layer") return `第 ${name} 项 nn.${value.name} 少了括号`;
      return `第 ${name} 项不是层`;
    }

    /** Turn what print(net) printed into modules. */
    printed(node, scope) {
      if (node.type !== "call") {
        if (!["Sequential", "ModuleList"].includes(node.name)) this.unordered = true;
        return this.filled("Sequential", node.children.map(([name, child]) => [name, this.printed(child, scope)]), node);
      }
      const { name } = node.called;
      if (["Sequential", "ModuleList"].includes(name)) return this.filled(name, [], node);
      const kind = NetworkLayers.get(name);
      if (!kind) this.fail(node, `${name} 不在这里读得懂的层之中`);
      const word = (argument) => (argument.type === "name" ? argument.name : this.value(argument, scope));
      const keywords = node.keywords
        .filter((one) => !(name.startsWith("Upsampling") && one.name === "mode")) // printed, but no parameter
        .map((one) => [one.name, word(one.value)]);
      return this.layer(kind, { node, positional: node.positional.map(word), keywords, nodes: node.positional });
    }
  };
})();
