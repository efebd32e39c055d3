"use strict";

/* Which names a piece of code that cannot be read gives other values, or changes: they must not be
   used as if it did not stand there. */

const NetworkChanges = (() => {
  const METHODS = "append extend insert pop remove clear update add_module register_module";
  const PATTERNS = [
    /(?:^|;)([^=;:\n]+)=(?!=)/gm, // a, b.c, d[0] = …
    new RegExp(`(?<![\\w.\\]])(\\w+)(?:\\.\\w+|\\[\\])*\\.(?:${METHODS.replaceAll(" ", "|")})\\(`, "g"),
    /\b(?:def|class|del|setattr\()\s*(\w+)/g,
    /\bfor\s+((?:(?!\bfor\b).)+?)\s+in\b/g,
  ];

  /** Empty the brackets: the names of arguments are no names of the code. */
  function emptied(said) {
    const less = said.replace(/(?<!\bsetattr)\([^()]*\)|\[[^[\]]*\]/g, (part) => `${part[0]}${part.at(-1)}`);
    return less === said ? said : emptied(less);
  }

  return (said) =>
    PATTERNS.flatMap((pattern) => [...emptied(said).matchAll(pattern)])
      .flatMap(([, targets]) => targets.split(","))
      .flatMap((target) => /[\p{L}_][\p{L}\p{N}_]*/u.exec(target) ?? []);
})();
