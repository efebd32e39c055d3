"use strict";

/* Reads expressions: tokens in, trees out. Every node has its place in the text. */

class NetworkExpressions {
  constructor(text) {
    this.text = text;
    this.tokens = NetworkTokens.tokens(text);
    this.at = 0;
  }

  get next() {
    return this.tokens[this.at];
  }

  is(...values) {
    return ["mark", "name"].includes(this.next.kind) && values.includes(this.next.value);
  }

  take(value) {
    if (!this.is(value)) return false;
    this.at += 1;
    return true;
  }

  fail(message) {
    const { kind, value, line } = this.next;
    throw new Unreadable(line, kind === "strange" ? NetworkTokens.strange(value) : message);
  }

  expect(value) {
    if (this.take(value)) return;
    const { kind, value: said } = this.next;
    const found = kind === "mark" || said ? `“${said}”` : "这里";
    this.fail(`${found}前面少了“${value}”`);
  }

  name() {
    if (this.next.kind !== "name" || NetworkTokens.RESERVED.has(this.next.value)) this.fail("这里要一个名字");
    this.at += 1;
    return this.tokens[this.at - 1].value;
  }

  /** Finish a node that starts at a token. */
  node(type, first, rest) {
    const { end } = this.tokens[this.at - 1];
    return { type, start: first.start, end, line: first.line, ...rest };
  }

  /** Read an expression, or a tuple without brackets. */
  expressions() {
    const first = this.next;
    const value = this.starred();
    if (!this.is(",")) return value;
    const items = [value];
    while (this.take(",") && this.startsExpression()) items.push(this.starred());
    return this.node("tuple", first, { items });
  }

  startsExpression() {
    const { kind, value } = this.next;
    if (kind === "mark") return "([{-+*~".includes(value);
    return kind !== "newline" && kind !== "end" && !["for", "in", "if", "else"].includes(value);
  }

  starred() {
    const first = this.next;
    if (!this.take("*")) return this.expression();
    return this.node("star", first, { value: this.expression() });
  }

  expression() {
    const first = this.next;
    if (this.is("lambda", "yield", "await")) this.fail(`${first.value} 还读不懂`);
    const value = this.binary(0);
    if (!this.take("if")) return value;
    const test = this.binary(0);
    this.expect("else");
    return this.node("choice", first, { test, value, other: this.expression() });
  }

  binary(level) {
    const levels = [
      ["or"], ["and"], ["not"],
      ["==", "!=", "<=", ">=", "<", ">", "in", "is", "not"],
      ["|"], ["+", "-"], ["*", "/", "//", "%", "@"],
    ];
    if (level === levels.length) return this.unary();
    const first = this.next;
    if (levels[level][0] === "not") {
      if (!this.take("not")) return this.binary(level + 1);
      return this.node("not", first, { value: this.binary(level) });
    }
    let left = this.binary(level + 1);
    while (this.is(...levels[level])) {
      let operator = this.next.value;
      this.at += 1;
      if (operator === "is" && this.take("not")) operator = "is not";
      if (operator === "not") {
        this.expect("in");
        operator = "not in";
      }
      left = this.node("binary", first, { operator, left, right: this.binary(level + 1) });
    }
    return left;
  }

  unary() {
    const first = this.next;
    for (const operator of ["-", "+"]) {
      if (this.take(operator)) return this.node("unary", first, { operator, value: this.unary() });
    }
    const base = this.postfix();
    if (!this.take("**")) return base;
    return this.node("binary", first, { operator: "**", left: base, right: this.unary() });
  }

  postfix() {
    const first = this.next;
    let value = this.atom();
    for (;;) {
      if (this.take(".")) value = this.node("attribute", first, { object: value, name: this.name() });
      else if (this.take("(")) value = this.node("call", first, { called: value, ...this.callArguments() });
      else if (this.take("[")) {
        const index = this.subscript();
        this.expect("]");
        value = this.node("subscript", first, { object: value, index });
      } else return value;
    }
  }

  subscript() {
    const first = this.next;
    const part = () => (this.is(":", "]", ",") ? null : this.expression());
    const slice = () => {
      const low = part();
      if (!this.take(":")) return low;
      const high = part();
      const step = this.take(":") ? part() : null;
      return this.node("slice", first, { low, high, step });
    };
    const items = [slice()];
    while (this.take(",")) items.push(slice());
    return items.length === 1 ? items[0] : this.node("tuple", first, { items });
  }

  /** Read the arguments of a call behind its bracket. */
  callArguments() {
    const positional = [];
    const keywords = [];
    while (!this.take(")")) {
      const first = this.next;
      const following = this.tokens[this.at + 1];
      if (this.take("**")) positional.push(this.node("doublestar", first, { value: this.expression() }));
      else if (first.kind === "name" && following.kind === "mark" && following.value === "=") {
        this.at += 2;
        const value = this.expression();
        keywords.push(this.node("keyword", first, { name: first.value, value }));
      } else positional.push(this.comprehended(this.starred(), first));
      if (!this.is(")")) this.expect(",");
    }
    return { positional, keywords };
  }

  /** Read `for … in …` behind an element, if it is there. */
  comprehended(element, first) {
    if (!this.take("for")) return element;
    const target = this.targets();
    this.expect("in");
    const values = this.binary(0);
    const test = this.take("if") ? this.binary(0) : null;
    if (this.is("for")) this.fail("推导式里有两个 for，还读不懂");
    return this.node("comprehension", first, { element, target, values, test });
  }

  sequence(type, closing, first) {
    const items = [];
    let comma = false;
    while (!this.take(closing)) {
      const start = this.next;
      items.push(this.comprehended(this.starred(), start));
      comma = this.is(",");
      if (!this.is(closing)) this.expect(",");
    }
    if (items.length === 1 && items[0].type === "comprehension") return items[0];
    if (type === "tuple" && items.length === 1 && !comma) {
      return { ...items[0], start: first.start, end: this.tokens[this.at - 1].end };
    }
    return this.node(type, first, { items });
  }

  atom() {
    const first = this.next;
    const { kind, value } = first;
    if (kind === "name" && !NetworkTokens.RESERVED.has(value)) {
      this.at += 1;
      const constant = { True: true, False: false, None: null };
      if (Object.hasOwn(constant, value)) return this.node("constant", first, { value: constant[value] });
      return this.node("name", first, { name: value });
    }
    if (kind === "number") {
      this.at += 1;
      const plain = value.replace(/_/g, "");
      const real = /[.eE]/.test(plain);
      return this.node(real ? "float" : "constant", first, { value: Number(plain) });
    }
    if (kind === "string") {
      let said = "";
      while (this.next.kind === "string") {
        said += this.next.value.replace(/^[rbuRBU]*('''|"""|'|")([^]*)\1$/, "$2");
        this.at += 1;
      }
      return this.node("constant", first, { value: said });
    }
    if (kind === "template") {
      this.at += 1;
      return this.node("template", first, { parts: this.templateParts(value) });
    }
    if (this.take("(")) return this.sequence("tuple", ")", first);
    if (this.take("[")) return this.sequence("list", "]", first);
    if (this.take("{")) return this.dictionary(first);
    if (kind === "newline" || kind === "end") return this.fail("这一行没有写完");
    return this.fail(`“${value}”在这里读不懂`);
  }

  /** Take an f-string apart: texts and trees by turns; null where a part has a format. */
  templateParts(said) {
    const [, , inner] = /^[rRfF]+('''|"""|'|")([^]*)\1$/.exec(said);
    if (/\{\{|\}\}/.test(inner)) return null;
    const parts = inner.split(/\{([^{}]*)\}/);
    if (parts.some((part, i) => i % 2 === 1 && /[:!=]/.test(part))) return null;
    return parts.map((part, i) => (i % 2 === 0 ? part : new this.constructor(part).expression()));
  }

  dictionary(first) {
    const items = [];
    while (!this.take("}")) {
      const key = this.expression();
      this.expect(":");
      items.push([key, this.expression()]);
      if (!this.is("}")) this.expect(",");
    }
    return this.node("dictionary", first, { items });
  }
}
