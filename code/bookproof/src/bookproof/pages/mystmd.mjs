// A plugin of mystmd: it shows on a page the outputs that bookproof compared, and what became of
// each. `bookproof mystmd` writes it, and beside it bookproof.json, which says what there is to
// show. A verdict is shown only where cells, blocks and values are those that were checked.
import { readFileSync, statSync } from "node:fs";
import { dirname, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = resolve(HERE, "..", "..");
const AGAIN = "run `bookproof mystmd`, then build again";
const VALUES = ["expect", "unverified"];
const EXPLICIT = /^\s*([^<]*?)\s*<\s*([\s\S]*?)\s*>\s*$/;
const ROLE = /\{(?:expect|unverified)\}(`+)([\s\S]*?)\1/g;

let last = { time: 0, checked: undefined };

function read() {
  const file = resolve(HERE, "bookproof.json");
  try {
    const { mtimeMs: time } = statSync(file);
    if (time !== last.time) last = { time, checked: JSON.parse(readFileSync(file, "utf8")) };
    return last.checked;
  } catch {
    return undefined;
  }
}

// Values by the page that they were read on: mystmd takes the title of a page out of its tree.
const titles = new Map();

// What directives and roles leave in the tree until the transform knows what became of them.
const kept = (type, name, data, ...children) => ({ type, class: "bookproof", data: { bookproof: { name, ...data } }, children });

const directive = (name) => ({
  name,
  doc: "What the cell above must give, checked by bookproof.",
  arg: { type: String },
  body: { type: String },
  run: ({ arg, body, node }) => [
    kept("div", name, { argument: arg ?? "", body: body ?? "", options: node.options ?? {}, line: node.position?.start.line }),
  ],
});

const role = (name) => ({
  name,
  doc: "A value in the text, checked by bookproof.",
  body: { type: String, required: true },
  run: ({ body, node }, vfile) => {
    const [words, target] = split(body);
    const seen = titles.get(vfile.path) ?? new Set();
    titles.set(vfile.path, seen.add(Values.key(name, words, target)));
    return [kept("span", name, { body, line: node.position?.start.line }, text(words))];
  },
});

const ledger = {
  name: "verification-ledger",
  doc: "All verdicts of the book.",
  run: () => [kept("div", "ledger", {})],
};

const text = (value) => ({ type: "text", value });
const paragraph = (...children) => ({ type: "paragraph", children });
const badge = ({ state, text: words }) => ({ type: "div", class: `bookproof bookproof-${state}`, children: [paragraph(text(words))] });
const oneLine = (words) => words.replace(/\s*\n\s*/g, " ");
const trimmed = (words) => words.split("\n").map((line) => line.trimEnd()).join("\n").replace(/^\n+|\n+$/g, "");
const isCell = (node) => node.type === "block" && node.kind === "notebook-code";

// Find the node of a type in a cell: where it has a caption, mystmd makes a figure of it.
const inside = (node, type) =>
  node.type === type ? node : (node.children ?? []).map((child) => inside(child, type)).find(Boolean);

// Visit all nodes, in the order of the page, each with its parent and whether it is removed.
function walk(node, visit, parent, removed = false) {
  const gone = removed || (node.type === "block" && node.data?.tags?.includes?.("remove-cell"));
  visit(node, parent, gone);
  for (const child of [...(node.children ?? [])]) walk(child, visit, node, gone);
}

// Find what is on a page: its cells, each with the blocks below it, and its values.
function gather(tree) {
  const found = { cells: [], blocks: [], values: [], overviews: [], shown: [], pictures: [] };
  walk(tree, (node, parent, removed) => {
    const data = node.data?.bookproof;
    if (isCell(node)) found.cells.push({ node, parent, blocks: [] });
    else if (node.type === "image" && node.alt) found.pictures.push(node);
    else if (node.type === "inlineExpression") found.shown.push({ node, parent, removed });
    else if (node.type === "mystRole" && VALUES.includes(node.name)) {
      // mystmd looks for no roles in the captions of cells.
      found.values.push({ node, data: { name: node.name, body: node.value, line: node.position?.start.line }, removed });
    } else if (!data?.name) return;
    else if (node.type === "div" && data.name !== "ledger") {
      const block = { node, data };
      found.blocks.push(block);
      found.cells.at(-1)?.blocks.push(block);
    } else if (data.name === "ledger" || data.name === "verification") found.overviews.push({ node, data });
    else found.values.push({ node, data, removed });
  });
  return found;
}

// Tell whether a block's body is the one that was checked. Of its first lines mystmd may have made
// options; then the page's own text decides.
function sameBody(data, body, source) {
  if (Object.keys(data.options).length === 0) return trimmed(data.body) === trimmed(body);
  return source().includes(trimmed(body));
}

function sourceOf(file) {
  const content = readFileSync(file, "utf8").replaceAll("\r\n", "\n");
  if (!file.endsWith(".ipynb")) return content;
  return JSON.parse(content).cells.map((cell) => [cell.source].flat().join("")).join("\n");
}

function replace(node, made) {
  for (const name of Object.keys(node)) delete node[name];
  Object.assign(node, made);
}

function fail(vfile, message, line) {
  const told = vfile.message(`bookproof: ${message}`, line ? { line, column: 1 } : undefined);
  told.fatal = true;
}

function showBlocks(cell, checked, told, source) {
  const carried = cell.node.data?.bookproof;
  const within = Array.isArray(carried) ? checked.blocks.slice(0, checked.carried) : [];
  const below = checked.blocks.slice(within.length);
  const same = below.length === cell.blocks.length;
  cell.blocks.forEach(({ node, data }, index) => {
    const block = below[index];
    const matches = same && block.directive === data.name && block.argument === data.argument.trim();
    if (matches && sameBody(data, block.body, source)) replace(node, badge(block));
    else told(node, data);
  });
  if (cell.node.data) delete cell.node.data.bookproof;
  const notes = [...within, ...checked.notes].map(badge);
  // Themes show of what stands on top only the inside.
  const made = cell.parent.type === "root" && notes.length ? [{ type: "block", children: notes }] : notes;
  cell.parent.children.splice(cell.parent.children.indexOf(cell.node) + 1, 0, ...made);
}

function showOutputs(cell, outputs) {
  const place = inside(cell.node, "outputs");
  if (outputs === null || !place) return;
  place.children = outputs.map((output, index) => ({
    type: "output",
    jupyter_data: output,
    children: [],
    ...(place.identifier ? { identifier: `${place.identifier}-${index}` } : {}),
  }));
}

const tipped = ({ state, tip }, child) => ({
  type: "span",
  class: `bookproof-value bookproof-${state}`,
  children: [{ type: "abbreviation", title: tip, children: [child] }],
});

// Values by what their author wrote. Where the same stands twice, and one of them has failed, each
// is shown as failed: a page may have them in another order than its source.
class Values {
  constructor(values) {
    this.left = new Map();
    for (const value of values) {
      if (value.plain) continue;
      const key = Values.key(value.directive, value.text, value.target);
      const group = this.left.get(key) ?? [];
      this.left.set(key, [...group, value].sort((a, b) => (b.state === "failed") - (a.state === "failed")));
    }
  }
  static key = (...words) => JSON.stringify(words);
  next(...words) {
    const group = this.left.get(Values.key(...words)) ?? [];
    const worst = group.find(({ state }) => state === "failed");
    const taken = group.pop();
    return taken && (worst ?? taken);
  }
  get unseen() {
    return [...this.left.values()].flat();
  }
}

function split(body) {
  const found = EXPLICIT.exec(body);
  return found ? [oneLine(found[1]), oneLine(found[2])] : [oneLine(body), ""];
}

function showValues(found, values, told) {
  for (const { node, data, removed } of found.values) {
    const [words, target] = split(data.body);
    const value = values.next(data.name, words, target);
    if (value) replace(node, tipped(value, text(words)));
    else if (removed) replace(node, text(words));
    else told(node, data);
  }
  for (const { node, parent } of found.shown) {
    const value = values.next("eval", "", oneLine(node.value.trim()));
    if (!value) continue;
    if (value.result) node.result = value.result;
    const place = parent.children.indexOf(node);
    parent.children[place] = tipped(value, node);
  }
}

// The text of a picture is plain: mystmd leaves of a role its body there, or all of it.
function showPictures(found, values) {
  const plain = values.filter((value) => value.plain);
  for (const node of found.pictures) {
    node.alt = node.alt.replace(ROLE, (_, ticks, body) => split(body)[0]);
    for (const { text: words, target } of plain) node.alt = node.alt.replace(`${words} <${target}>`, () => words);
  }
}

const row = (cells, header) => ({
  type: "tableRow",
  children: cells.map((cell) => ({ type: "tableCell", ...(header ? { header } : {}), children: [cell] })),
});

function listed({ page, told, rows }, columns, file) {
  const url = relative(dirname(file), resolve(ROOT, page)).split(sep).join("/");
  const literal = (value) => (value ? { type: "inlineCode", value } : text("—"));
  return [
    paragraph({ type: "strong", children: [{ type: "link", url, children: [] }] }),
    ...told.map((words) => paragraph(text(words))),
    {
      type: "table",
      children: [
        row(columns.map(text), true),
        ...rows.map(([line, how, verdict, claim]) => row([text(line), literal(how), text(verdict), text(claim)])),
      ],
    },
  ];
}

function showOverviews(found, checked, vfile) {
  for (const { node, data } of found.overviews) {
    if (!checked) {
      replace(node, text("✗"));
      fail(vfile, `nothing is known of a check: ${AGAIN}`, data.line);
    } else if (data.name === "ledger") {
      const tables = checked.ledger.flatMap((chapter) => listed(chapter, checked.columns, vfile.path));
      replace(node, { type: "div", class: "bookproof-ledger", children: [paragraph(text(checked.summary)), ...tables] });
    } else if (data.body in checked.totals) replace(node, text(String(checked.totals[data.body])));
    else {
      replace(node, text(data.body));
      const known = Object.keys(checked.totals).join(", ");
      fail(vfile, `{verification} knows no '${data.body}'; known: ${known}`, data.line);
    }
  }
}

// What mystmd runs of a page; blank cells at the end of a notebook are none to it.
const sources = (cells) => JSON.stringify(cells.map((source) => source.trim()).filter(Boolean));

function show(tree, vfile) {
  const found = gather(tree);
  const checked = read();
  const page = checked?.pages[relative(ROOT, vfile.path).split(sep).join("/")];
  const told = (node, data) => {
    const words = checked?.failed ?? "✗";
    const plain = node.type === "span" ? split(data.body)[0] : "";
    replace(node, plain ? tipped({ state: "failed", tip: words }, text(plain)) : badge({ state: "failed", text: words }));
    if (same) fail(vfile, `{${data.name}} was not checked as it stands here: ${AGAIN}`, data.line);
  };
  const cells = found.cells.map(({ node }) => inside(node, "code")?.value ?? "");
  const same = page && sources(cells) === sources(page.cells.map(({ source }) => source));
  showOverviews(found, checked, vfile);
  if (!same) {
    const claims = [...found.blocks, ...found.values];
    for (const { node, data } of claims) told(node, data);
    if (page) fail(vfile, `the code cells of this page are not those that were checked: ${AGAIN}`);
    else if (claims.length) fail(vfile, `this page was not checked: ${AGAIN}`, claims[0].data.line);
    return;
  }
  const left = found.cells.filter((_, index) => cells[index].trim());
  const wanted = page.cells.filter(({ source }) => source.trim());
  const above = new Set(left.flatMap(({ blocks }) => blocks));
  for (const block of found.blocks) if (!above.has(block)) told(block.node, block.data);
  left.forEach((cell, index) => {
    showOutputs(cell, wanted[index].outputs);
    showBlocks(cell, wanted[index], told, () => sourceOf(vfile.path));
  });
  walk(tree, (node) => {
    if (node.type === "block" && node.data?.bookproof) delete node.data.bookproof;
  });
  const values = new Values(page.values);
  showValues(found, values, told);
  showPictures(found, page.values);
  for (const { directive: name, text: words, target } of values.unseen) {
    if (!titles.get(vfile.path)?.has(Values.key(name, words, target))) fail(vfile, `{${name}} \`${words}\` was checked, but the page does not show it`);
  }
  for (const message of page.errors) fail(vfile, message);
  const end = [...page.notes.map(badge), ...page.foot.map((words) => ({ type: "div", class: "bookproof-foot", children: [paragraph(text(words))] }))];
  if (end.length) tree.children.push({ type: "block", children: end });
}

export default {
  name: "bookproof",
  directives: [directive("expect"), directive("unverified"), ledger],
  roles: [role("expect"), role("unverified"), role("verification")],
  transforms: [
    {
      name: "bookproof",
      stage: "document",
      doc: "Shows the outputs that bookproof compared, and what became of each.",
      plugin: () => show,
    },
  ],
};
