/* The browser's side of zh_search.py. Appended to Sphinx's language_data.js, which only the search
   page loads, after searchtools.js: `Search.query` is replaced, the rest of Sphinx's search stays. */
(() => {
  /* How much it is worth that a word stands in some place of a page. */
  const WORTH = { title: 4, subtitle: 2, explained: 4, description: 1, heading: 0.6, body: 2.5, code: 1.2 };
  const PHRASE = { title: 6, heading: 3, text: 2 };
  const REFERENCE = 0.35; // lists and overviews, unless their title is asked for
  const LIKE = 0.6; // a word like the one that was typed, where the glossary does not say the same
  const LONGEST = 8; // Chinese words have no more characters
  const QUOTED = 110; // characters of a summary, about

  const EMPTY =
    /请问|怎么样|为什么|怎么办|怎么|怎样|如何|什么|为何|哪里|哪个|哪些|哪种|多少|几个|以及|一下|的|了|吗|呢|吧|啊|是|我|你|它|这|那/u;
  const ENGLISH = new Set(
    "a an and are as at be by do does for from how i if in is it my not of on or than that the this to was what why with you".split(" "),
  );
  const LATIN = /[a-z0-9_]/;

  /* Full-width letters as ordinary ones, all small; every character keeps its place. */
  const fold = (text) =>
    text.replace(/[！-～]/g, (one) => String.fromCharCode(one.charCodeAt(0) - 0xfee0)).toLowerCase();

  /* Where a word stands in a folded text; Latin words only as whole words, or with a plural s. */
  const places = (text, word) => {
    const found = [];
    const inside = (at) => LATIN.test(text.charAt(at));
    for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
      const end = at + word.length;
      if (LATIN.test(word[0]) && inside(at - 1)) continue;
      if (LATIN.test(word[word.length - 1]) && inside(end) && (text[end] !== "s" || inside(end + 1))) continue;
      found.push(at);
    }
    return found;
  };
  const has = (text, word) => places(text, word).length > 0;
  const sum = (numbers) => numbers.reduce((total, one) => total + one, 0);

  /* Whether one slip makes one word the other: a letter more, less, changed, or two swapped. */
  const oneSlip = (a, b) => {
    if (Math.abs(a.length - b.length) > 1 || a === b) return false;
    let start = 0;
    while (start < Math.min(a.length, b.length) && a[start] === b[start]) start += 1;
    const [x, y] = [a.slice(start), b.slice(start)];
    return (
      x.slice(1) === y.slice(1) || x.slice(1) === y || x === y.slice(1) ||
      (x[0] === y[1] && x[1] === y[0] && x.slice(2) === y.slice(2))
    );
  };

  /* Prepare Sphinx's index, once. */
  let book = null;
  const open = (index) => {
    const pages = index.pages.map(([description, sections], number) => ({
      number,
      name: index.docnames[number],
      description,
      date: index.dates[number], // of a chapter; other pages are looked up
      lowDescription: fold(description),
      sections: sections.map(([heading, anchor, text, code], order) => ({
        heading, anchor, order, text, low: fold(text), lowHeading: fold(heading), lowCode: fold(code),
      })),
    })).filter((page) => page.sections.length);
    for (const page of pages) {
      page.title = page.sections[0].heading;
      page.lowTitle = page.sections[0].lowHeading;
      [page.main] = page.lowTitle.split(":");
      page.low = page.sections.map((one) => one.low).join("\n");
      page.lowCode = page.sections.map((one) => one.lowCode).join("\n");
      page.lowHeadings = page.sections.slice(1).map((one) => one.lowHeading).join("\n");
      page.all = [page.lowTitle, page.lowHeadings, page.lowDescription, page.low, page.lowCode].join("\n");
      page.isReference = page.date === null;
    }
    const groups = index.names.map(([page, ...words]) => ({ page, words: words.map(fold) }));
    const names = groups
      .flatMap((group) => group.words.map((word) => ({ word, group })))
      .sort((a, b) => b.word.length - a.word.length);
    const all = pages.map((page) => page.all).join("\n");
    const words = [...names.map((name) => name.word), all].join("\n").match(/[a-z0-9_]+/g) ?? [];
    const often = new Map();
    for (const word of words) often.set(word, (often.get(word) ?? 0) + 1);
    const titles = new Map(pages.map((page) => [page.main, page.number]));
    return { pages, names, all, often, titles };
  };

  /* The words of the book that a Latin word may stand for. */
  const meant = (word, corrected) => {
    const { often } = book;
    if (often.has(word)) return [word];
    if (word.endsWith("s") && often.has(word.slice(0, -1))) return [word.slice(0, -1)];
    const known = [...often.keys()].filter((one) => /[a-z]/.test(one));
    if (word.length < 4 || !/[a-z]/.test(word)) return [];
    const longer = known.filter((one) => one.includes(word));
    if (longer.length || /\d/.test(word)) return longer;
    const near = known.filter((one) => one.length > 3 && oneSlip(word, one));
    const best = near.sort((a, b) => often.get(b) - often.get(a)).slice(0, 1);
    if (best.length) corrected.push([word, best[0]]);
    return best;
  };

  /* Cut Chinese by longest match against the text of the book. */
  const cut = (run) => {
    const found = [];
    for (let start = 0; start < run.length; ) {
      let end = Math.min(run.length, start + LONGEST);
      while (end > start + 1 && !book.all.includes(run.slice(start, end))) end -= 1;
      if (end > start + 1) found.push(run.slice(start, end));
      start = end;
    }
    return found;
  };

  /* A name of the book that a piece of Chinese is but for one slip. */
  const slipped = (text) => {
    for (const { word } of book.names) {
      if (word.length < 3 || /[^\p{Script=Han}]/u.test(word)) continue;
      for (const length of word.length > 3 ? [word.length, word.length + 1, word.length - 1] : [3])
        for (let start = 0; start + length <= text.length; start += 1) {
          const piece = text.slice(start, start + length);
          if (/^\p{Script=Han}+$/u.test(piece) && oneSlip(piece, word) && !book.all.includes(piece))
            return [piece, word];
        }
    }
    return null;
  };

  /* Understand a query as units: words that mean the same, and how rare they are. */
  const understand = (query) => {
    const asked = fold(query.normalize("NFKC")).replace(/(\d)\s*[x*×]\s*(?=\d)/g, "$1×").trim();
    const corrected = [];
    const units = [];
    let rest = asked;
    const takeName = ({ word, group }) => {
      if (!units.some((unit) => unit.group === group))
        units.push({ group, words: [word, ...group.words.filter((one) => one !== word)], explained: group.page });
    };
    const takeNames = () => {
      for (const name of book.names) {
        const { word } = name;
        if ((word.length > 1 || word === rest) && has(rest, word)) {
          takeName(name);
          for (const at of places(rest, word).reverse())
            rest = `${rest.slice(0, at)}\n${rest.slice(at + word.length)}`;
        }
      }
    };
    takeNames();
    const slip = slipped(rest);
    if (slip) {
      corrected.push(slip);
      rest = rest.replace(...slip);
      takeNames();
    }
    for (const run of rest.split(EMPTY).join("\n").match(/\p{Script=Han}+/gu) ?? [])
      units.push(...(run.length > 1 ? cut(run) : run === asked ? [run] : []).map((word) => ({ words: [word] })));
    for (const shape of rest.match(/\([\d\s,]*\d,[\d\s,]*\)/g) ?? [])
      units.push({ words: [shape.replace(/\s/g, "").replace(/,(?=\d)/g, ", ")] });
    const latin = (rest.match(/[a-z0-9_×]+/g) ?? []).filter((word) => word.length > 1 || word === asked);
    const telling = latin.filter((word) => !ENGLISH.has(word));
    for (const word of new Set(telling.length || units.length ? telling : latin)) {
      const words = word.includes("×") ? [word] : meant(word, corrected);
      const name = words.length === 1 && book.names.find((one) => one.word === words[0]);
      if (name) takeName(name);
      else units.push({ words });
    }
    const total = book.pages.length;
    for (const unit of units) {
      unit.pages = book.pages.filter((page) => unit.words.some((word) => has(page.all, word))).length;
      unit.entitled = unit.words.some((word) => book.titles.has(word));
      unit.weight = Math.log(1 + total / (unit.entitled ? 3 : Math.max(3, unit.pages)));
      if (!/\p{L}/u.test(unit.words[0])) unit.weight /= 2; // numbers say less than words
      if (/^\p{Script=Han}{3,}$/u.test(unit.words[0]) && !unit.group)
        unit.pairs = [...unit.words[0]].slice(1).map((two, at) => unit.words[0][at] + two);
    }
    return { asked, corrected, units: units.filter((unit) => unit.pages) };
  };

  /* How much a page is about a unit, and how much of the unit it has. */
  const about = (page, unit) => {
    const { words } = unit;
    const most = (measure) => Math.max(...words.map(measure));
    const count = (text) => sum(words.map((word) => places(text, word).length));
    const inTitle = most((word) => {
      const same = word === words[0] || unit.explained >= 0 ? 1 : LIKE;
      if (has(page.main, word)) return same * WORTH.title * (0.5 + (0.5 * word.length) / page.main.length);
      return has(page.lowTitle, word) ? same * WORTH.subtitle : 0;
    });
    const inText = count(page.low);
    const inCode = count(page.lowCode);
    const worth = sum([
      inTitle,
      unit.explained === page.number || words.includes(page.main) ? WORTH.explained : 0,
      WORTH.description * (count(page.lowDescription) ? 1 : 0),
      WORTH.heading * Math.min(3, count(page.lowHeadings)),
      (WORTH.body * inText) / (inText + 6),
      (WORTH.code * inCode) / (inCode + 2),
    ]);
    if (worth || !unit.pairs) return { worth, share: worth ? 1 : 0, inTitle };
    const share = unit.pairs.filter((pair) => page.all.includes(pair)).length / unit.pairs.length / 2;
    return { worth: share, share, inTitle };
  };

  const rank = (query) => {
    const { asked, corrected, units } = understand(query);
    const total = sum(units.map((unit) => unit.weight));
    const heaviest = Math.max(...units.map((unit) => unit.weight));
    const phrase = units.length > 1 && asked.length > 3 ? asked : null;
    const results = [];
    for (const page of book.pages) {
      const parts = units.map((unit) => about(page, unit));
      const covered = sum(parts.map((part, at) => part.share * units[at].weight)) / total;
      if (!covered) continue;
      let score = sum(parts.map((part, at) => part.worth * units[at].weight));
      if (phrase && has(page.all, phrase))
        score += heaviest * (has(page.lowTitle, phrase) ? PHRASE.title : has(page.lowHeadings, phrase) ? PHRASE.heading : PHRASE.text);
      score *= Math.sqrt(covered);
      if (page.isReference && !parts.some((part) => part.inTitle)) score *= REFERENCE;
      results.push({ page, score, covered });
    }
    const best = Math.max(...results.map((result) => result.covered));
    const shown = results.filter((result) => result.covered > best / 5);
    return { corrected, units, results: shown.sort((a, b) => b.score - a.score) };
  };

  /* The section of a page that a query is about. */
  const section = (page, units) => {
    const worth = (one) =>
      sum(units.map((unit) => {
        const count = (text) => sum(unit.words.map((word) => places(text, word).length));
        const heading = count(one.lowHeading) ? 3 : 0;
        return unit.weight * (heading + Math.min(3, count(one.low)) / 2 + (count(one.lowCode) ? 0.3 : 0));
      }));
    return page.sections.reduce((best, one) => (worth(one) > worth(best) ? one : best));
  };

  /* Whole sentences of a section around the query's words; a long one is cut between phrases. */
  const quote = (page, from, units) => {
    const lines = [...(from.order ? [] : [page.description]), ...from.text.split("\n")];
    const sentences = lines.flatMap((line, at) =>
      (line.match(/[^。！？；]+[。！？；]*[”’）」]*/gu) ?? []).map((text) => ({ text, at })));
    const worth = ({ text }) =>
      sum(units.map((unit) => (unit.words.some((word) => has(fold(text), word)) ? unit.weight : 0)));
    const worths = sentences.map(worth);
    const first = worths.indexOf(Math.max(...worths));
    if (first < 0) return page.description;
    let { text } = sentences[first];
    const fits = (more) => more?.at === sentences[first].at && text.length + more.text.length <= QUOTED;
    for (let next = first + 1; fits(sentences[next]); next += 1) text += sentences[next].text;
    for (let last = first - 1; fits(sentences[last]); last -= 1) text = sentences[last].text + text;
    return text.length > 1.3 * QUOTED ? shorten(text, units) : text;
  };

  const shorten = (text, units) => {
    const low = fold(text);
    const hits = units.flatMap((unit) => unit.words.flatMap((word) => places(low, word)));
    const first = hits.length ? Math.min(...hits) : 0;
    const ends = [0, ...[...text.matchAll(/[，、：,·]\s?/gu)].map((mark) => mark.index + mark[0].length), text.length];
    const start = first < QUOTED / 2 ? 0 : Math.max(...ends.filter((end) => end <= first));
    const end = Math.max(...ends.filter((one) => one > first && one <= start + QUOTED), 0) || start + QUOTED;
    const tail = text.slice(start, end).replace(/[，、：,·\s]+$/u, "");
    return `${start ? "…" : ""}${tail}${end < text.length ? "…" : ""}`;
  };

  /* Put a text into an element, the query's words marked. */
  const fill = (element, text, units) => {
    const low = fold(text);
    const spans = units
      .flatMap((unit) => unit.words.flatMap((word) => places(low, word).map((at) => [at, at + word.length])))
      .sort((a, b) => a[0] - b[0] || b[1] - a[1]);
    let done = 0;
    for (const [start, end] of spans) {
      if (start < done) continue;
      element.append(text.slice(done, start), make("mark", text.slice(start, end)));
      done = end;
    }
    element.append(text.slice(done));
    return element;
  };

  const make = (tag, text = "", properties = {}) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.textContent = text;
    return element;
  };

  const show = ({ page }, units) => {
    const item = make("li", "", { className: "search-result" });
    const address = page.name + DOCUMENTATION_OPTIONS.LINK_SUFFIX;
    const best = section(page, units);
    item.append(fill(make("a", "", { className: "search-result-title", href: address }), page.title, units));
    const date = page.date ?? "参考";
    const place = make("p", date, { className: "search-result-place" });
    if (best.order) {
      place.append(date && " · ");
      place.append(fill(make("a", "", { href: `${address}#${best.anchor}` }), best.heading, units));
    }
    item.append(place, fill(make("p", "", { className: "search-result-text" }), quote(page, best, units), units));
    return item;
  };

  /* What Sphinx's script says. Its own catalogue comes with code that a page's policy may forbid. */
  Object.assign(Documentation.TRANSLATIONS, {
    Searching: "正在搜索",
    "Preparing search...": "正在准备……",
    "Search Results": "搜索结果",
    "Search finished, found ${resultCount} page(s) matching the search query.": "找到 ${resultCount} 页。",
    "Your search did not match any documents. Please make sure that all words are spelled correctly and that you've selected enough categories.":
      "没有找到。换一种说法，或者少写几个词试试。",
  });

  /* The ranked results of a query, the words it was understood as, and what was corrected. */
  Search.find = (query) => {
    book ??= open(Search._index);
    return rank(query);
  };

  Search.query = (query) => {
    const { corrected, units, results } = Search.find(query);
    const progress = document.getElementById("search-progress");
    if (progress) progress.textContent = "";
    _finishSearch(results.length);
    for (const [typed, word] of corrected)
      Search.status.append(make("span", `书中没有“${typed}”，找的是“${word}”。`, { className: "search-corrected" }));
    Search.output.append(...results.map((result) => show(result, units)));
  };
})();
