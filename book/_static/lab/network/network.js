"use strict";

/* Finds the network in a text, and follows an input through it: rows, the first fault, totals. */

const Network = (() => {
  const { Tensor, Layer, Container, Named, isModule, within } = NetworkValues;
  const { product } = NetworkArguments;
  const BUILDS = /\b(?:nn|F)\.|nn\.Module|\bself\b/;
  const ELSEWHERE = /\b(?:nn\.\w*Loss|nn\.init|nn\.utils)\b/;

  /** Find the network: the last module that a name gets, else an expression, a class or a function. */
  function find(reader, body) {
    const scope = reader.names;
    const skipped = [];
    let found = null;
    let loose = null;
    const main = ({ type, test }) => type === "if" && /__name__/.test(reader.said(test));
    for (const statement of body.flatMap((one) => (main(one) ? one.body : [one]))) {
      const { line } = statement;
      try {
        if (statement.type === "expression") {
          const module = bounded(line, () => reader.value(statement.value, scope));
          if (isModule(module)) loose = { module, name: "", line };
        } else reader.statement(statement, scope);
        const name = statement.type === "assign" && statement.targets[0].name;
        if (name && isModule(scope.get(name))) found = { module: scope.get(name), name, line };
      } catch (error) {
        if (!(error instanceof Unreadable)) throw error;
        skipped.push({ statement, error });
        for (const changed of NetworkChanges(reader.said(statement))) {
          scope.set(changed, new Named("unread", changed, { error }));
        }
      }
    }
    const now = found && scope.get(found.name);
    if (now instanceof Named && now.kind === "unread") throw now.error;
    found ??= loose;
    // What could not be read must not be what builds the network.
    for (const { statement, error } of skipped) {
      const said = reader.said(statement);
      if (!(found?.line < statement.line) && BUILDS.test(said) && !ELSEWHERE.test(said)) throw error;
    }
    const made = skipped.find(({ statement: { type, value } }) => type === "assign" && makes(reader, value));
    if (made && !(made.statement.line < found?.line)) throw made.error;
    found ??= lastDefinition(reader, body, skipped);
    return { ...found, skipped: skipped.map(({ statement }) => statement.line) };
  }

  /** Tell whether an expression makes a module of a class of the text. */
  function makes(reader, { type, called }) {
    const target = type === "call" && called.type === "name" ? reader.names.get(called.name) : null;
    return target?.kind === "class";
  }

  function lastDefinition(reader, body, skipped) {
    const scope = reader.names;
    const defined = body.filter(({ type }) => ["class", "def"].includes(type)).reverse();
    for (const { type, name, line } of defined) {
      const target = scope.get(name);
      if (!target || target.kind === "unread") continue;
      const method = type === "class" ? reader.inherited(target, "__init__") : target;
      const parameters = (method?.parameters ?? []).slice(type === "class" ? 1 : 0);
      const open = parameters.find((one) => !one.given && !one.star);
      if (open && type === "class") {
        throw new Unreadable(line, `${name} 要参数 ${open.name}：在下面加一行 net = ${name}(…)，写出各个数`);
      }
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

  function locate(reader, { printed, body }) {
    if (!printed) return find(reader, body);
    return { module: reader.printed(printed, reader.names), name: "", line: printed.line, skipped: [] };
  }

  /** Run an input through a module; what PyTorch refuses ends it, and is its last row. */
  function pass(reader, module, shape, node) {
    reader.rows = [];
    try {
      reader.forward(module, [new Tensor(shape, [])], [], node);
    } catch (error) {
      if (!(error instanceof NetworkStop)) throw error;
    }
    return reader.rows;
  }

  function faultOf(rows, broken) {
    if (broken) {
      return { refusal: broken.broken, layer: broken, node: broken.node, row: rows.findIndex((row) => row.layer === broken) };
    }
    const last = rows.at(-1);
    return last?.refusal ? { refusal: last.refusal, layer: last.layer ?? null, node: last.node, row: rows.length - 1 } : null;
  }

  function walk(text, shape) {
    if (text.length > NetworkLimits.text) throw new Unreadable(1, "太长了：这里只算小的网络");
    const reader = new NetworkReader(text);
    const parsed = NetworkParse(text);
    const found = locate(reader, parsed);
    name(found.module, "");
    const layers = [...new Set(within(found.module).filter((module) => module instanceof Layer))];
    const broken = reader.broken.find((layer) => layers.includes(layer)) ?? null;
    const rows = pass(reader, found.module, shape, parsed.printed ?? parsed.body.at(-1));
    const fault = faultOf(rows, broken);
    const sum = (all, key) => all.reduce((total, one) => total + one[key], 0);
    const finished = rows.filter((row) => row.output);
    return {
      rows, fault, broken, name: found.name, line: found.line, skipped: found.skipped,
      unordered: Boolean(reader.unordered), layers,
      unused: fault ? [] : layers.filter((layer) => layer.used === 0).map((layer) => layer.path),
      totals: {
        parameters: sum(layers.map((layer) => layer.a), "parameters"),
        multiplyAdds: sum(finished, "multiplyAdds"), bytes: sum(finished, "bytes"),
      },
    };
  }

  /** Follow a shape through the network of a text: rows, the first fault, totals. */
  const follow = (text, shape) => bounded(1, () => walk(text, shape));

  /** Read an input size: "1, 3, 32, 32", with or without brackets; {shape} or {message}. */
  function readShape(text) {
    const plain = text
      .normalize("NFKC")
      .replace(/^\s*(?:torch\.Size|size\s*=)/, "")
      .replace(/[()[\]]/g, " ")
      .replace(/(?<=\d)\s*[×xX*]\s*(?=\d)/g, ",");
    const parts = plain.split(/[\s,、]+/).filter(Boolean);
    if (parts.length === 0) return { message: "写出输入的大小，例如 1, 3, 32, 32" };
    const strange = parts.find((part) => !/^\d+$/.test(part));
    if (strange) return { message: `输入的大小只能是整数，这里有“${strange}”` };
    const shape = parts.map(Number);
    if (shape.some((size) => size < 1)) return { message: "输入的每一维至少是 1" };
    if (shape.length > 6) return { message: "输入最多 6 维" };
    if (!(product(shape) <= 2 ** 40)) return { message: "输入太大了" };
    return { shape };
  }

  return { follow, readShape };
})();
