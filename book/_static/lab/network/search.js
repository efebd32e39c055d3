"use strict";

/* Looks for changes of the text or of the input with which a network gets past its fault. Every one
   is tried before it is offered. */

const NetworkSearch = (() => {
  const { product } = NetworkArguments;
  const USUAL = [28, 32, 64, 96, 112, 128, 160, 224, 227, 256, 299, 384, 512];
  const WIDEST = 2048;
  const MOST_NUMBERS = 2 ** 26; // of an input that is offered
  const list = (numbers) => `(${numbers.join(", ")})`;

  const change = (node, text) => ({ start: node.start, end: node.end, text });

  function apply(text, edits) {
    return [...edits]
      .sort((a, b) => b.start - a.start)
      .reduce((all, { start, end, text: put }) => all.slice(0, start) + put + all.slice(end), text);
  }

  class Search {
    constructor(text, shape, result) {
      Object.assign(this, { text, shape, result });
      const { row, layer, refusal } = result.fault;
      this.row = result.rows[row] ?? null;
      this.index = row;
      this.layer = layer ?? this.row?.layer ?? null;
      this.input = this.row?.input ?? [];
      this.about = refusal.about;
      this.name = this.layer?.kind.name ?? "";
      this.found = [];
    }

    /** Give the change that sets an argument of a layer, in place or as a new one. */
    set(layer, name, value) {
      const text = Array.isArray(value) ? list(value) : String(value);
      const node = layer?.nodes[name];
      if (node && node.type !== "star") return change(node, text);
      if (!layer || layer.kind.anything) return null;
      const { start, end } = layer.node;
      const before = this.text.slice(start, end - 1).replace(/\s+$/, "");
      const comma = /[(,]$/.test(before) ? "" : ", ";
      const at = start + before.length;
      return { start: at, end: at, text: `${comma}${name}=${text}` };
    }

    /** Keep a remedy if it works. */
    offer(said, { edits = [], shape = this.shape, inserted = 0 }) {
      if (edits.some((edit) => edit === null)) return false;
      const text = apply(this.text, edits);
      const known = this.found.some((one) => one.text === text && one.shape.join() === shape.join());
      const same = text === this.text && shape.join() === this.shape.join();
      if (known || same || shape.some((size) => !(size >= 1)) || product(shape) > MOST_NUMBERS) return false;
      let after;
      try {
        after = Network.follow(text, shape);
      } catch (error) {
        if (error instanceof Unreadable) return false;
        throw error;
      }
      if (!this.passes(after, edits, inserted)) return false;
      this.found.push({ said, text, shape, whole: !after.fault, edits });
      return true;
    }

    passes(after, edits, inserted) {
      if (!after.fault) return true;
      const before = this.result;
      if (before.broken) {
        const moved = edits.reduce((sum, edit) => sum + edit.text.length - (edit.end - edit.start), 0);
        return !after.broken || after.broken.node.start > before.broken.node.start + Math.max(moved, 0);
      }
      return !after.broken && after.fault.row > before.fault.row + inserted;
    }

    argument(name, value, layer = this.layer) {
      const edit = this.set(layer, name, value);
      const where = layer === this.layer ? "" : `第 ${layer.node.line} 行 ${layer.kind.name} 的`;
      const text = Array.isArray(value) ? list(value) : value;
      return this.offer(`把${where} ${name} 改成 ${text}`, { edits: [edit] });
    }

    tryInput(shape) {
      return this.offer(`输入改成 ${shape.join(", ")}`, { shape });
    }

    /** Find the layer before that gave this many channels or features. */
    before(kinds) {
      for (let i = (this.index < 0 ? this.result.rows.length : this.index) - 1; i >= 0; i--) {
        const { layer } = this.result.rows[i];
        if (layer && kinds.test(layer.kind.name)) return layer;
      }
      return null;
    }

    square(side) {
      return [...this.shape.slice(0, 2), ...this.shape.slice(2).map(() => side)];
    }

    get images() {
      return this.shape.length >= 3;
    }

    /** Look for the smallest larger images that get through. */
    larger() {
      if (!this.images) return;
      const now = Math.max(...this.shape.slice(2));
      const fits = (side) => {
        try {
          return this.passes(Network.follow(this.text, this.square(side)), [], 0);
        } catch (error) {
          if (error instanceof Unreadable) return false;
          throw error;
        }
      };
      let [low, high] = [now, now * 2];
      while (high <= WIDEST && !fits(high)) [low, high] = [high, high * 2];
      if (high > WIDEST) return;
      while (high - low > 1) {
        const middle = Math.floor((low + high) / 2);
        if (fits(middle)) high = middle;
        else low = middle;
      }
      this.tryInput(this.square(high));
    }

    /** Look for images of a size with which the whole fits. */
    otherSize() {
      if (!this.images) return;
      const sides = [...USUAL, ...Array.from({ length: 72 }, (_, i) => i + 1)];
      sides.some((side) => this.tryInput(this.square(side)));
    }

    /** Look for an input with the axes that were forgotten or are in another order. */
    otherAxes() {
      const { shape } = this;
      const [first, ...rest] = shape;
      this.tryInput([1, ...shape]);
      this.tryInput([first, 1, ...rest]);
      this.tryInput([1, 1, ...shape]);
      if (shape.length > 2) this.tryInput([first, shape.at(-1), ...shape.slice(1, -1)]);
      if (shape.length === 3) this.tryInput([1, shape.at(-1), ...shape.slice(0, -1)]);
    }

    /** Use the same layer for another number of axes. */
    otherDimension() {
      const called = this.layer?.node.called;
      if (!called || !/\dd$/.test(this.name)) return;
      for (const axes of [1, 2, 3]) {
        const name = `${this.name.slice(0, -2)}${axes}d`;
        const at = called.end - 2;
        const edit = { start: at, end: called.end, text: `${axes}d` };
        if (/\dd$/.test(this.text.slice(called.start, called.end))) this.offer(`把 ${this.name} 换成 ${name}`, { edits: [edit] });
      }
    }

    /** Flatten before a linear layer. */
    flatten() {
      const { layer, input } = this;
      if (input.length < 3 || !layer || layer.functional) return;
      const node = layer.node;
      const inSequence = /^[\w.]*\w\.\d+$|^\d+$/.test(layer.path) && !this.result.rows[this.index].node.printed;
      const many = product(input.slice(1));
      const insert = { start: node.start, end: node.start, text: "nn.Flatten(), " };
      if (inSequence) {
        if (this.offer("在它前面加 nn.Flatten()", { edits: [insert], inserted: 1 })) return;
        const { start, end, text } = this.set(layer, "in_features", many);
        const both = { start: node.start, end: node.end, text: `nn.Flatten(), ${apply(this.text.slice(node.start, node.end), [{ start: start - node.start, end: end - node.start, text }])}` };
        this.offer(`在它前面加 nn.Flatten()，并把 in_features 改成 ${many}`, { edits: [both], inserted: 1 });
        return;
      }
      const call = this.callOf(layer.path);
      if (!call) return;
      const wrap = change(call, `torch.flatten(${this.text.slice(call.start, call.end)}, 1)`);
      if (this.offer("先展平：torch.flatten(…, 1)", { edits: [wrap], inserted: 1 })) return;
      this.offer(`先展平，并把 in_features 改成 ${many}`, { edits: [wrap, this.set(layer, "in_features", many)], inserted: 1 });
    }

    /** Find the argument of the call `self.name(argument)` in the text. */
    callOf(path) {
      const at = this.text.search(new RegExp(`\\bself\\.${path.replace(/\./g, "\\.")}\\(`));
      if (at < 0) return null;
      const start = this.text.indexOf("(", at) + 1;
      let depth = 1;
      let end = start;
      for (; end < this.text.length && depth > 0; end++) depth += { "(": 1, ")": -1 }[this.text[end]] ?? 0;
      return { start, end: end - 1 };
    }
  }

  return Object.assign(Search, { change });
})();
