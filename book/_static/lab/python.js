"use strict";

/* Reads the part of Python in which networks are written, and what print(net) prints. Nothing is
   run here: text in, trees out. Every node has its place in the text; what cannot be read is an
   Unreadable with its line. */

class Unreadable extends Error {
  constructor(line, message) {
    super(message);
    this.line = line;
  }
}

const NetworkPython = (() => {
  const TOKEN = new RegExp(
    [
      "(?<space>[ \\t\\f\\u00a0]+|\\\\\\r?\\n)",
      "(?<comment>#[^\\n]*)",
      "(?<newline>\\r?\\n)",
      "(?<string>[rbuRBU]{0,2}(?:'''[^]*?'''|\"\"\"[^]*?\"\"\"|'(?:\\\\.|[^'\\\\\\n])*'|\"(?:\\\\.|[^\"\\\\\\n])*\"))",
      "(?<template>[rR]?[fF][rR]?(?:'''[^]*?'''|\"\"\"[^]*?\"\"\"|'(?:\\\\.|[^'\\\\\\n])*'|\"(?:\\\\.|[^\"\\\\\\n])*\"))",
      "(?<number>(?:\\d[\\d_]*\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?)",
      "(?<name>[\\p{L}_][\\p{L}\\p{N}_]*)",
      "(?<mark>\\*\\*=|//=|\\*\\*|//|->|:=|==|!=|<=|>=|\\+=|-=|\\*=|/=|%=|[-+*/%@&|^~<>()\\[\\]{}.,:;=])",
    ].join("|"),
    "uy",
  );
  const CLOSING = { "(": ")", "[": "]", "{": "}" };
  const COMPOUND = new Set(["while", "with", "try", "async", "match"]);
  const RESERVED = new Set(
    ("and as assert break class continue def del elif else except finally for from global if " +
      "import in is lambda nonlocal not or pass raise return try while with yield").split(" "),
  );

  /** Cut a text into tokens; indentation becomes "indent" and "dedent", as in Python. */
  function tokens(text) {
    const found = [];
    const indents = [0];
    const open = [];
    let place = 0;
    let line = 1;
    let fresh = true; // at the start of a logical line
    const push = (kind, value, start, end) => found.push({ kind, value, start, end, line });
    while (place < text.length) {
      TOKEN.lastIndex = place;
      const match = TOKEN.exec(text);
      if (!match) throw new Unreadable(line, `读不懂“${[...text.slice(place)][0]}”`);
      const [said] = match;
      const [kind] = Object.entries(match.groups).find(([, value]) => value !== undefined);
      const end = place + said.length;
      if (kind === "newline") {
        if (!fresh && open.length === 0) push("newline", "", place, place);
        if (open.length === 0) fresh = true;
      } else if (kind !== "space" && kind !== "comment") {
        if (fresh && open.length === 0) {
          const lead = text.slice(text.lastIndexOf("\n", place - 1) + 1, place);
          const depth = lead.replace(/\t/g, "        ").length;
          if (depth > indents.at(-1)) {
            indents.push(depth);
            push("indent", "", place, place);
          }
          while (depth < indents.at(-1)) {
            indents.pop();
            push("dedent", "", place, place);
          }
          if (depth > indents.at(-1)) throw new Unreadable(line, "缩进对不上前面的任何一行");
          fresh = false;
        }
        if (said in CLOSING) open.push([said, line]);
        else if (")]}".includes(said) && kind === "mark") {
          const [opened] = open.pop() ?? [];
          if (CLOSING[opened] !== said) throw new Unreadable(line, `“${said}”没有与它成对的括号`);
        }
        push(kind, said, place, end);
      }
      line += said.split("\n").length - 1;
      place = end;
    }
    if (open.length > 0) throw new Unreadable(open.at(-1)[1], `“${open.at(-1)[0]}”没有合上`);
    if (!fresh) push("newline", "", place, place);
    while (indents.length > 1) {
      indents.pop();
      push("dedent", "", place, place);
    }
    push("end", "", place, place);
    return found;
  }

  class Parser {
    constructor(text) {
      this.text = text;
      this.tokens = tokens(text);
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
      throw new Unreadable(this.next.line, message);
    }

    expect(value) {
      if (this.take(value)) return;
      const { kind, value: said } = this.next;
      const found = kind === "mark" || said ? `“${said}”` : "这里";
      this.fail(`${found}前面少了“${value}”`);
    }

    name() {
      if (this.next.kind !== "name" || RESERVED.has(this.next.value)) this.fail("这里要一个名字");
      this.at += 1;
      return this.tokens[this.at - 1].value;
    }

    /** Finish a node that starts at a token. */
    node(type, first, rest) {
      const { end } = this.tokens[this.at - 1];
      return { type, start: first.start, end, line: first.line, ...rest };
    }

    // Statements

    /** Read all statements; one at the outermost level that cannot be read is "unread". */
    module() {
      const body = [];
      while (this.next.kind !== "end") {
        const first = this.next;
        const { at } = this;
        try {
          if (first.kind === "indent") this.fail("这一行多了缩进");
          body.push(...this.statement());
        } catch (error) {
          if (!(error instanceof Unreadable)) throw error;
          this.at = at;
          this.skip();
          body.push(this.node("unread", first, { error }));
        }
      }
      return body;
    }

    /** Skip a statement with its block, and what a decorator stands above. */
    skip() {
      while (this.is("@")) {
        while (this.next.kind !== "newline") this.at += 1;
        this.at += 1;
      }
      let depth = 0;
      for (;;) {
        const { kind } = this.next;
        if (kind === "end") return;
        this.at += 1;
        if (kind === "indent") depth += 1;
        if (kind === "dedent") depth -= 1;
        const over = kind === "newline" || kind === "dedent";
        if (over && depth <= 0 && this.next.kind !== "indent") return;
      }
    }

    block() {
      this.expect(":");
      if (this.next.kind !== "newline") return this.statement();
      this.at += 1;
      if (this.next.kind !== "indent") this.fail("冒号下面要缩进");
      this.at += 1;
      const body = [];
      while (this.next.kind !== "dedent") body.push(...this.statement());
      this.at += 1;
      return body;
    }

    statement() {
      const first = this.next;
      if (this.is("@")) this.fail("装饰器（@）还读不懂");
      if (first.kind === "name" && COMPOUND.has(first.value) && this.tokens[this.at + 1].value !== "=") {
        this.fail(`${first.value} 语句还读不懂`);
      }
      if (this.take("class")) return [this.classDefinition(first)];
      if (this.take("def")) return [this.definition(first)];
      if (this.take("for")) {
        const target = this.targets();
        this.expect("in");
        const values = this.expressions();
        return [this.node("for", first, { target, values, body: this.block() })];
      }
      if (this.take("if")) return [this.condition(first)];
      const found = [this.simple()];
      while (this.take(";")) if (this.next.kind !== "newline") found.push(this.simple());
      if (this.next.kind !== "newline") this.fail(`“${this.next.value}”在这里读不懂`);
      this.at += 1;
      return found;
    }

    condition(first) {
      const test = this.expression();
      const body = this.block();
      const second = this.next;
      let other = [];
      if (this.take("elif")) other = [this.condition(second)];
      else if (this.take("else")) other = this.block();
      return this.node("if", first, { test, body, other });
    }

    classDefinition(first) {
      const name = this.name();
      const bases = this.take("(") ? this.callArguments().positional : [];
      return this.node("class", first, { name, bases, body: this.block() });
    }

    definition(first) {
      const name = this.name();
      this.expect("(");
      const parameters = [];
      while (!this.take(")")) {
        const star = this.take("**") ? "**" : this.take("*") ? "*" : "";
        if (star === "*" && this.is(",")) parameters.push({ star: "only" });
        else {
          const parameter = { star, name: this.name() };
          if (this.take(":")) this.expression();
          if (this.take("=")) parameter.initial = this.expression();
          parameters.push(parameter);
        }
        if (!this.is(")")) this.expect(",");
      }
      if (this.take("->")) this.expression();
      return this.node("def", first, { name, parameters, body: this.block() });
    }

    simple() {
      const first = this.next;
      if (this.is("import", "from", "global", "nonlocal", "del", "assert")) {
        while (this.next.kind !== "newline" && !this.is(";")) this.at += 1;
        const type = ["import", "from"].includes(first.value) ? "import" : "ignored";
        return this.node(type, first, { said: this.text.slice(first.start, this.next.start) });
      }
      for (const word of ["pass", "break", "continue"]) {
        if (this.take(word)) return this.node(word, first);
      }
      if (this.take("raise")) {
        while (this.next.kind !== "newline") this.at += 1;
        return this.node("raise", first);
      }
      if (this.take("return")) {
        const value = this.next.kind === "newline" || this.is(";") ? null : this.expressions();
        return this.node("return", first, { value });
      }
      const value = this.expressions();
      if (this.take(":")) {
        this.expression();
        if (!this.take("=")) return this.node("ignored", first);
        return this.node("assign", first, { targets: [value], value: this.expressions() });
      }
      for (const operator of ["+=", "-=", "*=", "/=", "//=", "%=", "**="]) {
        if (this.take(operator)) {
          const other = this.expressions();
          return this.node("augmented", first, { target: value, operator: operator.slice(0, -1), value: other });
        }
      }
      const chain = [value];
      while (this.take("=")) chain.push(this.expressions());
      if (chain.length === 1) return this.node("expression", first, { value });
      return this.node("assign", first, { targets: chain.slice(0, -1), value: chain.at(-1) });
    }

    targets() {
      const first = this.next;
      const items = [this.postfix()];
      while (this.take(",")) items.push(this.postfix());
      return items.length === 1 ? items[0] : this.node("tuple", first, { items });
    }

    // Expressions

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
      if (kind === "name" && !RESERVED.has(value)) {
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
        return this.node("template", first);
      }
      if (this.take("(")) return this.sequence("tuple", ")", first);
      if (this.take("[")) return this.sequence("list", "]", first);
      if (this.take("{")) return this.dictionary(first);
      if (kind === "newline" || kind === "end") return this.fail("这一行没有写完");
      return this.fail(`“${value}”在这里读不懂`);
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

    // What print(net) prints

    /** Read `Net((conv): Conv2d(…) …)`: a node "printed" with children, or a call. */
    printed() {
      const first = this.next;
      const called = this.node("name", first, { name: this.name() });
      this.expect("(");
      const children = [];
      const named = () => {
        const words = this.tokens.slice(this.at, this.at + 6).map(({ value }) => value).join("");
        return /^\([\w-]+\):/.test(words);
      };
      while (named()) {
        this.at += 1;
        const name = this.next;
        while (!this.is(")")) this.at += 1;
        const said = this.text.slice(name.start, this.tokens[this.at - 1].end);
        this.expect(")");
        this.expect(":");
        const [low, high] = said.split("-").map(Number);
        const counted = this.next.kind === "number";
        if (counted) {
          this.at += 1;
          this.take("x");
        }
        const child = this.printed();
        if (!counted) children.push([said, child]);
        else for (let i = low; i <= high; i++) children.push([String(i), child]);
      }
      if (children.length > 0) {
        this.expect(")");
        return this.node("printed", first, { name: called.name, children });
      }
      return this.node("call", first, { called, printed: true, ...this.callArguments() });
    }
  }

  const PRINTED = /^\s*(?:>>>[^\n]*\n\s*)?\w+\(\s*\n\s*\([\w-]+\): /;

  /** Read a text: {printed: node}, or {body: statements}. */
  function parse(text) {
    if (PRINTED.test(text)) {
      const parser = new Parser(text.replace(/^\s*>>>[^\n]*/, (line) => " ".repeat(line.length)));
      const printed = parser.printed();
      if (parser.next.kind === "newline") parser.at += 1;
      if (parser.next.kind !== "end") parser.fail(`“${parser.next.value}”在这里读不懂`);
      return { printed };
    }
    return { body: new Parser(text).module() };
  }

  return { parse };
})();
