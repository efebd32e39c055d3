"use strict";

/* The functions of Python that build networks need. Each gets its arguments and `unknown`, to call
   where they are none that can be read. */

const NetworkBuiltins = (() => {
  const { Container, Layer, Named, plain } = NetworkValues;

  /** List the items of what can be gone through, or null. */
  function items(value) {
    if (Array.isArray(value)) return value;
    if (value instanceof Map) return [...value.keys()];
    return value instanceof Container && value.type !== "custom" ? value.children : null;
  }

  const same = (left, right) => (Array.isArray(left) && Array.isArray(right)
    ? left.length === right.length && left.every((one, i) => same(one, right[i]))
    : plain(left) === plain(right));

  function number(value, unknown) {
    return typeof plain(value) === "number" ? plain(value) : unknown();
  }

  function integers(values, unknown) {
    return values.length > 0 && values.every(Number.isInteger) ? values : unknown();
  }

  const listed = ([value], unknown) => [...(items(value) ?? unknown())];

  function range(args, unknown) {
    const [first, second, step = 1] = integers(args, unknown);
    const [low, high] = args.length === 1 ? [0, first] : [first, second];
    const many = step === 0 ? 0 : Math.max(0, Math.ceil((high - low) / step));
    if (many > NetworkLimits.rows) unknown("太长了：这里只算小的网络");
    return Array.from({ length: many }, (_, i) => low + i * step);
  }

  function dict([value = []], unknown) {
    const pairs = value instanceof Map ? [...value] : value;
    const fits = Array.isArray(pairs) && pairs.every((pair) => Array.isArray(pair) && pair.length === 2);
    return fits ? new Map(pairs) : unknown();
  }

  function zip(args, unknown) {
    const lists = args.map((one) => items(one) ?? unknown());
    return (lists[0] ?? []).map((_, i) => lists.map((one) => one[i])).slice(0, Math.min(...lists.map((one) => one.length)));
  }

  function isinstance([value, wanted], unknown) {
    return [wanted].flat().some((one) => {
      if (!(one instanceof Named)) return unknown();
      if (one.kind === "layer") return value instanceof Layer && value.kind.name === one.name;
      if (one.kind === "container") return value instanceof Container && value.type === one.name;
      const classes = { int: Number.isInteger(value), list: Boolean(value?.isList), tuple: Array.isArray(value) && !value.isList };
      return classes[one.name] ?? unknown();
    });
  }

  const functions = {
    same: ([value]) => value,
    never: () => false,
    range,
    dict,
    zip,
    isinstance,
    len: ([value], unknown) => (items(value) ?? unknown()).length,
    int: ([value], unknown) => Math.trunc(number(value, unknown)),
    float: ([value], unknown) => new Real(number(value, unknown)),
    str: ([value], unknown) => (typeof value === "string" || Number.isInteger(value) ? String(value) : unknown()),
    list: ([value = []], unknown) => Object.assign(listed([value], unknown), { isList: true }),
    tuple: ([value = []], unknown) => listed([value], unknown),
    reversed: (args, unknown) => listed(args, unknown).reverse(),
    enumerate: ([value, start = 0], unknown) => listed([value], unknown).map((item, i) => [i + start, item]),
    max: (args, unknown) => Math.max(...integers(items(args[0]) ?? args, unknown)),
    min: (args, unknown) => Math.min(...integers(items(args[0]) ?? args, unknown)),
    prod: (args, unknown) => integers(listed(args, unknown), unknown).reduce((all, one) => all * one, 1),
    floor: ([value], unknown) => Math.floor(number(value, unknown)),
    ceil: ([value], unknown) => Math.ceil(number(value, unknown)),
    sqrt: ([value], unknown) => new Real(Math.sqrt(number(value, unknown))),
    sum: (args, unknown) => listed(args, unknown).reduce((sum, one) => sum + (Number.isInteger(one) ? one : unknown()), 0),
  };

  // Known by their own name; the others are of libraries.
  const own = Object.keys(functions).filter((name) => !["prod", "floor", "ceil", "sqrt", "same", "never"].includes(name));

  return { functions: new Map(Object.entries(functions)), own: new Set(own), items, same };
})();
