/* Appended to Sphinx's language_data.js, which the browser loads after searchtools.js. */

/* Cut each run of Chinese characters by longest match against the words of the index. */
function splitQuery(query) {
  const index = Search._index;
  const known = (word) =>
    index !== null && (Object.hasOwn(index.terms, word) || Object.hasOwn(index.titleterms, word));
  const longest = 12;
  const cut = (run) => {
    const words = [];
    for (let start = 0; start < run.length; ) {
      let end = Math.min(run.length, start + longest);
      while (end > start + 1 && !known(run.slice(start, end))) end -= 1;
      if (end > start + 1) words.push(run.slice(start, end));
      start = end;
    }
    return words.length ? words : [run];
  };
  const runs = query.match(/\p{Script=Han}+|[\p{L}\p{N}_]+?(?=\p{Script=Han}|[^\p{L}\p{N}_]|$)/gu) ?? [];
  return runs.flatMap((run) => (/\p{Script=Han}/u.test(run) ? cut(run) : [run]));
}

/* The more of the query stands in a page's title, and the earlier, the higher the page. */
Scorer.score = ([, title, anchor, , score]) => {
  if (anchor !== "") return score;
  const query = (new URLSearchParams(window.location.search).get("q") ?? "").trim().toLowerCase();
  const [low, total] = [title.toLowerCase(), query.length];
  for (let length = total; length >= 2; length -= 1)
    for (let start = 0; start + length <= total; start += 1) {
      const position = low.indexOf(query.slice(start, start + length));
      if (position >= 0) return score + (30 * length) / total + 1 / (1 + position);
    }
  return score;
};

/* Summaries quote the article, not the buttons and lists around it. */
Search.htmlToText = (source, anchor) => {
  const article = new DOMParser().parseFromString(source, "text/html").querySelector("article");
  article.querySelectorAll(".headerlink, script, style").forEach((element) => element.remove());
  return ((anchor && article.querySelector(anchor)) || article).textContent;
};

/* Summaries are fetched from the pages, which browsers refuse for files. */
if (window.location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
