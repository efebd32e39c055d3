"use strict";

/* What layers are called with, and how PyTorch complains. Shapes are arrays of integers, None is
   null, tuples and lists are arrays, floats are Real. */

/** What PyTorch refuses, in its words; `about` is for the explanation. */
class Refusal extends Error {
  constructor(kind, message, about = {}) {
    super(message);
    this.kind = kind;
    this.about = about;
  }
}

class Real {
  constructor(value) {
    this.value = value;
  }
}

const NetworkArguments = (() => {
  const product = (numbers) => numbers.reduce((all, one) => all * one, 1);
  const list = (numbers) => `[${numbers.join(", ")}]`;
  const cross = (numbers) => `(${numbers.join(" x ")})`;
  const repeat = (value, times) => Array(times).fill(value);
  const runtime = (message, about) => new Refusal("RuntimeError", message, about);
  const invalid = (message, about) => new Refusal("ValueError", message, about);
  const unclear = (message) => new Unreadable(0, message);

  /** Say for the explanation how many axes were wanted, or how large an argument at least. */
  const aboutAxes = (least, most) => ({ topic: "dimensions", least, most });
  const aboutLeast = (name, least) => ({ topic: "least", name, least });

  /** Read "kernel_size stride=1 bias=True | keyword_only=None" into parameters with defaults. */
  function signature(text) {
    const words = { None: null, True: true, False: false };
    let keywordOnly = false;
    const parameters = [];
    for (const part of text.split(/\s+/).filter(Boolean)) {
      const [name, said] = part.split("=");
      if (part === "|") keywordOnly = true;
      else {
        const value = said in words ? words[said] : /^-?\d+$/.test(said) ? Number(said) : said;
        const real = /^-?\d+\.\d*$/.test(said ?? "") ? new Real(Number(said)) : value;
        parameters.push({ name, keywordOnly, required: said === undefined, initial: real });
      }
    }
    return parameters;
  }

  /** Put arguments to their parameters as Python does. */
  function bind(owner, parameters, positional, keywords) {
    const args = {};
    const places = parameters.filter((one) => !one.keywordOnly);
    const wrong = (said) => new Refusal("TypeError", `${owner}.__init__() ${said}`, { topic: "call" });
    for (const [name] of keywords) {
      const place = places.findIndex((one) => one.name === name);
      if (!parameters.some((one) => one.name === name)) {
        throw wrong(`got an unexpected keyword argument '${name}'`);
      }
      if (place >= 0 && place < positional.length) {
        throw wrong(`got multiple values for argument '${name}'`);
      }
    }
    if (positional.length > places.length) {
      const required = places.filter((one) => one.required).length + 1;
      const most = places.length + 1;
      const range = required === most ? `${most} positional argument${most === 1 ? "" : "s"}` :
        `from ${required} to ${most} positional arguments`;
      throw wrong(`takes ${range} but ${positional.length + 1} ${positional.length ? "were" : "was"} given`);
    }
    const given = new Map(keywords);
    const missing = [];
    parameters.forEach((parameter, index) => {
      const { name, required, initial } = parameter;
      if (!parameter.keywordOnly && index < positional.length) args[name] = positional[index];
      else if (given.has(name)) args[name] = given.get(name);
      else if (required) missing.push(`'${name}'`);
      else args[name] = initial;
    });
    if (missing.length > 0) {
      const last = missing.length > 2 ? `, and ${missing.pop()}` : missing.length > 1 ? ` and ${missing.pop()}` : "";
      const many = last ? "arguments" : "argument";
      const count = missing.length + (last ? 1 : 0);
      throw wrong(`missing ${count} required positional ${many}: ${missing.join(", ")}${last}`);
    }
    return args;
  }

  const shown = (value) =>
    value instanceof Real ? `小数 ${value.value}` : value === null ? "None" : JSON.stringify(value);

  function integer(args, name) {
    const value = args[name];
    if (Number.isSafeInteger(value)) return value;
    if (value instanceof Real) throw unclear(`${name} 要整数，这里是小数 ${value.value}；整除写作 //`);
    throw unclear(`${name} 要整数，这里是 ${shown(value)}`);
  }

  /** Read an integer for all axes, or one for each. */
  function each(args, name, axes) {
    const value = args[name];
    if (!Array.isArray(value)) return repeat(integer(args, name), axes);
    if (value.length === 1 && axes > 0) return repeat(integer({ [name]: value[0] }, name), axes);
    if (value.length !== axes) throw unclear(`${name} 要一个整数或 ${axes} 个整数，这里有 ${value.length} 个`);
    return value.map((one) => integer({ [name]: one }, name));
  }

  const number = (value) => (value instanceof Real ? value.value : value);

  function flag(args, name) {
    const value = args[name];
    if (typeof value === "boolean") return value;
    if (value === 0 || value === 1) return value === 1;
    throw unclear(`${name} 要 True 或 False，这里是 ${shown(value)}`);
  }

  function create(sizes) {
    const low = sizes.find((size) => size < 0);
    if (low === undefined) return product(sizes);
    const message = `Trying to create tensor with negative dimension ${low}: ${list(sizes)}`;
    throw runtime(message, { topic: "negative" });
  }

  /** Turn an axis as torch counts it into an index. */
  function axis(shape, dim) {
    const many = Math.max(shape.length, 1);
    if (dim >= -many && dim < many) return dim < 0 ? dim + many : dim;
    const range = `expected to be in range of [${-many}, ${many - 1}], but got ${dim}`;
    throw new Refusal("IndexError", `Dimension out of range (${range})`, { topic: "axis", dim, shape });
  }

  const inRange = (low, high, wanted) => low <= wanted && wanted <= high;

  const axesOf = (build) => [1, 2, 3].map((axes) => build(axes));

  /** Give a shape its batch axis for the time of a call. */
  function batched(shape, axes, call) {
    if (shape.length === axes + 2) return call(shape);
    return call([1, ...shape]).slice(1);
  }

  return {
    product, list, cross, repeat, runtime, invalid, unclear, aboutAxes, aboutLeast, signature, bind, shown, integer, each, number,
    flag, create, axis, inRange, axesOf, batched,
  };
})();
