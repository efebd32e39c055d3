"use strict";

/* Finds in what was pasted the code, or what print(net) printed, and reads it. Nothing is run here:
   text in, trees out. Places stay those of the text: what is no part of it becomes blanks. */

const NetworkParse = (() => {
  const SESSION = /^[ \t]*(?:>>>|In \[\d*\]:)/m;
  const PROMPT = /^[ \t]*(?:>>> ?|In \[\d*\]: ?|\.\.\.:? ?)/;
  const PRINTED = /^[ \t]*\w+\([ \t]*\r?\n\s*\([\w.-]+\): /m;
  const CODE = /\bnn\.|\bimport\b|^\s*class\b/m;
  const blank = (text) => text.replace(/[^\n]/g, " ");

  /** Take the lines behind the prompts of a session, and apart from them what it answered. */
  function session(text) {
    const lines = text.split("\n");
    const code = lines.map((line) => (PROMPT.test(line) ? line.replace(PROMPT, blank) : blank(line)));
    const answers = lines.map((line) => (PROMPT.test(line) ? blank(line) : line.replace(/^Out\[\d+\]:/, blank)));
    return { code: code.join("\n"), answers: answers.join("\n") };
  }

  /** Read a text: {printed: node}, or {body: statements}. */
  function parse(text) {
    const { code, answers } = SESSION.test(text) ? session(text) : { code: text, answers: text };
    const at = answers.search(PRINTED);
    const before = code === text ? text.slice(0, Math.max(at, 0)) : code;
    if (at < 0 || CODE.test(before)) return { body: new NetworkStatements(code).module() };
    const parser = new NetworkStatements(blank(answers.slice(0, at)) + answers.slice(at));
    return { printed: parser.printed() };
  }

  return parse;
})();
