"use strict";

/* Cuts the text of a network into tokens: the part of Python in which networks are written. */

/** What cannot be read, with its line. */
class Unreadable extends Error {
  constructor(line, message) {
    super(message);
    this.line = line;
  }
}

/** Call what walks a text; one that is nested so deeply that the browser ends the walk cannot be read. */
function bounded(line, call) {
  try {
    return call();
  } catch (error) {
    if (!/call stack|recursion/.test(error.message)) throw error;
    throw new Unreadable(line, "嵌套得太深了，这里读不了");
  }
}

const NetworkTokens = (() => {
  const TOKEN = new RegExp(
    [
      "(?<space>[ \\t\\f\\u00a0\\u200b\\ufeff]+|\\\\\\r?\\n)",
      "(?<comment>#[^\\n]*)",
      "(?<newline>\\r?\\n)",
      "(?<string>[rbuRBU]{0,2}(?:'''[^]*?'''|\"\"\"[^]*?\"\"\"|'(?:\\\\.|[^'\\\\\\n])*'|\"(?:\\\\.|[^\"\\\\\\n])*\"))",
      "(?<template>[rR]?[fF][rR]?(?:'''[^]*?'''|\"\"\"[^]*?\"\"\"|'(?:\\\\.|[^'\\\\\\n])*'|\"(?:\\\\.|[^\"\\\\\\n])*\"))",
      "(?<number>(?:\\d[\\d_]*\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?)",
      "(?<name>[\\p{L}_][\\p{L}\\p{N}_]*)",
      "(?<mark>\\*\\*=|//=|\\*\\*|//|->|:=|==|!=|<=|>=|\\+=|-=|\\*=|/=|%=|[-+*/%@&|^~<>()\\[\\]{}.,:;=])",
      "(?<strange>[^])",
    ].join("|"),
    "uy",
  );
  const [BRACKETS, INDENTS] = [200, 100]; // as many as Python allows
  const CLOSING = { "(": ")", "[": "]", "{": "}" };
  const RESERVED = new Set(
    ("and as assert break class continue def del elif else except finally for from global if " +
      "import in is lambda nonlocal not or pass raise return try while with yield").split(" "),
  );

  const depthAt = (text, place) =>
    text.slice(text.lastIndexOf("\n", place - 1) + 1, place).replace(/\t/g, " ".repeat(8)).length;

  /** Cut a text into tokens; indentation becomes "indent" and "dedent", as in Python. A text that is
      indented as a whole is read as if it were not. */
  function tokens(text) {
    const found = [];
    const indents = [];
    const open = [];
    let place = 0;
    let line = 1;
    let fresh = true; // at the start of a logical line
    const push = (kind, value, start, end) => found.push({ kind, value, start, end, line });
    while (place < text.length) {
      TOKEN.lastIndex = place;
      const match = TOKEN.exec(text);
      const [said] = match;
      const [kind] = Object.entries(match.groups).find(([, value]) => value !== undefined);
      const end = place + said.length;
      if (kind === "newline") {
        if (!fresh && open.length === 0) push("newline", "", place, place);
        if (open.length === 0) fresh = true;
      } else if (kind !== "space" && kind !== "comment") {
        if (fresh && open.length === 0) {
          const depth = depthAt(text, place);
          if (indents.length === 0) indents.push(depth);
          if (indents.length === 1) indents[0] = Math.min(indents[0], depth);
          if (depth > indents.at(-1)) {
            indents.push(depth);
            if (indents.length > INDENTS) throw new Unreadable(line, `缩进嵌套了 ${INDENTS} 层以上，这里读不了`);
            push("indent", "", place, place);
          }
          while (depth < indents.at(-1)) {
            indents.pop();
            push("dedent", "", place, place);
          }
          if (depth > indents.at(-1)) throw new Unreadable(line, "缩进对不上前面的任何一行");
          fresh = false;
        }
        if (said in CLOSING) {
          open.push([said, line]);
          if (open.length > BRACKETS) throw new Unreadable(line, `括号嵌套了 ${BRACKETS} 层以上，这里读不了`);
        }
        if (")]}".includes(said) && kind === "mark") {
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

  const QUOTES = { "“": '"', "”": '"', "‘": "'", "’": "'", "、": ",", "。": ".", "—": "-", "×": "*", "　": " " };

  /** Give what Python has for a full-width character, or the character itself. */
  function narrow(said) {
    const plain = QUOTES[said] ?? said.normalize("NFKC");
    return /^[ -~]$/.test(plain) ? plain : said;
  }

  /** Say what is wrong with a character that Python does not know. */
  function strange(said) {
    const plain = narrow(said);
    if (plain === said) return `读不懂“${said}”`;
    return `Python 不认 ${said} 这个符号，要写 ${plain}`;
  }

  /** Put the marks of Python for full-width ones, but not in comments and texts. */
  function halved(text) {
    return text.replace(new RegExp(TOKEN.source, "ug"), (...match) => {
      const { strange: said } = match.at(-1);
      return said ? narrow(said) : match[0];
    });
  }

  return { tokens, strange, halved, RESERVED };
})();
