"use strict";

/* Follows a network through its text: walks the trees of statements.js with shapes in place of
   tensors. No Python is run: it knows the statements here, the values of evaluation.js, the calls of
   calls.js and the steps of steps.js, and nothing else. */

const NetworkReader = (() => {
  const { Container, Named, Scope, within } = NetworkValues;
  const SPACES = { torch: "torch", "torch.nn": "nn", "torch.nn.functional": "F" };
  const space = (name) => (name in SPACES ? new Named("space", SPACES[name]) : new Named("foreign", name));

  /** What each statement does; it gives {value} where a function ends, {jump} where a loop does. */
  const STATEMENTS = {
    import: (reader, node, scope) => reader.import(node, scope),
    class: (reader, node, scope) => scope.set(node.name, reader.defineClass(node, scope)),
    def: (reader, node, scope) => scope.set(node.name, reader.define(node, scope)),
    assign: (reader, node, scope) => reader.assign(node, scope),
    augmented: (reader, node, scope) => reader.put(node.target, reader.augment(node, scope), scope),
    expression(reader, node, scope) {
      reader.value(node.value, scope);
    },
    return: (reader, node, scope) => ({ value: node.value === null ? null : reader.value(node.value, scope) }),
    for: (reader, node, scope) => reader.loop(node, scope),
    if: (reader, node, scope) => reader.run(reader.truth(node.test, scope) ? node.body : node.other, scope),
    pass: () => null,
    ignored: () => null,
    break: () => ({ jump: "break" }),
    continue: () => ({ jump: "continue" }),
    raise: (reader, node) => reader.fail(node, "执行到了 raise：这样的设置它自己就不接受"),
    unread(reader, node) {
      throw node.error;
    },
  };

  return class Reader extends NetworkEvaluation {
    constructor(text) {
      super(text);
      this.broken = [];
      const spaces = ["torch", "nn", "F"].map((name) => [name, new Named("space", name)]);
      const others = { np: "numpy", math: "math" }; // their imports are seldom pasted
      this.names = new Map([...spaces, ...Object.entries(others).map(([name, said]) => [name, new Named("foreign", said)])]);
    }

    run(body, scope) {
      for (const statement of body) {
        const done = this.statement(statement, scope);
        if (done) return done;
      }
      return null;
    }

    statement(node, scope) {
      this.count(node);
      return bounded(node.line, () => STATEMENTS[node.type](this, node, scope)) ?? null;
    }

    assign(node, scope) {
      const value = this.value(node.value, scope);
      for (const target of node.targets) this.put(target, value, scope);
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
      const parts = (from ? from[2] : said.replace(/^import /, "")).split(",").map((part) => part.trim());
      for (const part of parts.filter(Boolean)) {
        const [name, alias] = part.split(/ as /);
        if (!from) scope.set(alias ?? name.split(".")[0], space(alias ? name : name.split(".")[0]));
        else if (name === "*") this.importAll(from[1], scope);
        else scope.set(alias ?? name, this.imported(from[1], name, node));
      }
    }

    imported(from, name, node) {
      if (`${from}.${name}` in SPACES) return space(`${from}.${name}`);
      if (from in SPACES) return this.member(space(from), name, node);
      return this.foreign(`${from}.${name}`);
    }

    importAll(from, scope) {
      const names = { "torch.nn": [...NetworkLayers.keys(), "Module", "ModuleList", "Sequential"] };
      for (const name of names[from] ?? []) scope.set(name, this.member(space(from), name));
    }

    define(node, scope) {
      const parameters = node.parameters.map((one) => ({
        ...one, given: Boolean(one.initial), value: one.initial && this.value(one.initial, scope),
      }));
      return new Named("function", node.name, { node, parameters, scope });
    }

    defineClass(node, scope) {
      const bases = node.bases.map((base) => this.value(base, scope));
      const fits = bases.every((base) => base instanceof Named && ["class", "module"].includes(base.kind));
      if (!fits || bases.length === 0) this.fail(node, `class ${node.name} 不是 nn.Module 的子类`);
      const klass = new Named("class", node.name, { node, bases, members: new Map() });
      const inner = new Scope(scope);
      for (const part of node.body) this.defineMember(klass, part, inner);
      return klass;
    }

    /** Define a method or a constant; what cannot be read matters where it is used. */
    defineMember({ members }, part, inner) {
      if (part.type === "unread") {
        for (const name of NetworkChanges(this.said(part))) members.set(name, new Named("unread", name, { error: part.error }));
      } else if (part.type === "def") members.set(part.name, this.define(part, inner.parent));
      else if (part.type === "assign" && part.targets.every((target) => target.type === "name")) {
        this.assign(part, inner);
        for (const target of part.targets) members.set(target.name, inner.get(target.name));
      } else if (!["expression", "pass", "ignored"].includes(part.type)) {
        this.fail(part, "class 里的这一行还读不懂");
      }
    }

    /** Find a member of a class or of those it is derived from. */
    inherited(klass, name) {
      if (klass.kind !== "class") return undefined;
      const found = klass.members.get(name);
      if (found instanceof Named && found.kind === "unread") throw found.error;
      if (klass.members.has(name)) return found;
      return klass.bases.map((base) => this.inherited(base, name)).find(Boolean);
    }

    put(target, value, scope) {
      if (target.type === "name") scope.set(target.name, value);
      else if (target.type === "attribute") {
        const object = this.value(target.object, scope);
        if (!(object instanceof Container)) this.fail(target, `不能给“${this.said(target.object)}”设属性`);
        if (value instanceof Container && within(value).includes(object)) this.fail(target, "模块不能含有它自己");
        object.attributes.set(target.name, value);
      } else if (target.type === "tuple" || target.type === "list") {
        if (!Array.isArray(value) || value.length !== target.items.length) this.fail(target, "左右的个数不一样");
        target.items.forEach((item, index) => this.put(item, value[index], scope));
      } else this.fail(target, `给“${this.said(target)}”赋值，这里还读不懂`);
    }

    augment(node, scope) {
      const left = this.value(node.target, scope);
      const right = this.value(node.value, scope);
      if (!Array.isArray(left) || !Array.isArray(right) || node.operator !== "+") {
        return this.operate(node, node.operator, left, right, true);
      }
      if (left.length + right.length > NetworkLimits.rows) this.fail(node, "太长了：这里只算小的网络");
      if (!left.isList) return left.concat(right);
      left.push(...right);
      return left;
    }
  };
})();
