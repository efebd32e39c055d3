"use strict";

/* Reads statements, and what print(net) prints. */

const NetworkStatements = (() => {
  const COMPOUND = new Set(["while", "with", "try", "async", "match"]);

  return class Statements extends NetworkExpressions {
    module() {
      const body = [];
      while (this.next.kind !== "end") body.push(...this.readable());
      return body;
    }

    /** Read a statement; what cannot be read is "unread", and matters where it would be run. */
    readable() {
      const first = this.next;
      const { at } = this;
      try {
        return bounded(first.line, () => this.statement());
      } catch (error) {
        if (!(error instanceof Unreadable)) throw error;
        this.at = at;
        this.skip();
        return [this.node("unread", first, { error })];
      }
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
      while (this.next.kind !== "dedent") body.push(...this.readable());
      this.at += 1;
      return body;
    }

    statement() {
      const first = this.next;
      if (first.kind === "indent") this.fail("这一行多了缩进");
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
      if (this.is("import", "from", "global", "nonlocal", "assert")) {
        while (this.next.kind !== "newline" && !this.is(";")) this.at += 1;
        const type = ["import", "from"].includes(first.value) ? "import" : "ignored";
        return this.node(type, first, { said: this.text.slice(first.start, this.next.start) });
      }
      if (this.is("del")) this.fail("del 还读不懂");
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
        if (high - low > 999) this.fail("太长了：这里只算小的网络");
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
  };
})();
