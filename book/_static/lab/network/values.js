"use strict";

/* What names stand for while a network is followed: shapes in place of tensors, layers, containers,
   and names of torch and of the text. Numbers, texts, None and lists are those of JavaScript. */

const NetworkValues = (() => {
  class Tensor {
    /** `field` holds size and jump along each axis; "all" is everything, null is not known. `plain`
        tells whether the numbers lie in the order of the axes. */
    constructor(shape, field, plain = true) {
      Object.assign(this, { shape, field, plain });
    }
  }

  class Layer {
    /** `nodes` are the places of its arguments, `a` its settings, `broken` why it cannot be built. */
    constructor(kind, node, rest = {}) {
      Object.assign(this, { kind, node, nodes: {}, a: null, broken: null, path: "", used: 0, ...rest });
    }
  }

  class Container {
    constructor(type, node, klass = null) {
      Object.assign(this, { type, node, klass, attributes: new Map(), path: "" });
    }

    get modules() {
      return [...this.attributes].filter(([, value]) => isModule(value));
    }

    get children() {
      return this.modules.map(([, module]) => module);
    }
  }

  /** A name of torch, of Python or of the text; `kind` says what calling it does. */
  class Named {
    constructor(kind, name, rest = {}) {
      Object.assign(this, { kind, name, ...rest });
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

  const isModule = (value) => value instanceof Layer || value instanceof Container;
  const plain = (value) => (value instanceof Real ? value.value : value);

  /** List all modules in a module, itself included. */
  const within = (module) => [module, ...(module instanceof Container ? module.children.flatMap(within) : [])];

  return { Tensor, Layer, Container, Named, Scope, isModule, plain, within };
})();
