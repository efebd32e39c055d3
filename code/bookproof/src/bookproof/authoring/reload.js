// Added by `bookproof serve` to every page: reload it when a build has written it or has ended, and
// say on top of it what is wrong, as soon as that is known.
(() => {
  const { page, version } = document.currentScript.dataset;
  const query = new URLSearchParams({ language: document.documentElement.lang, page });
  const FOLDED = "bookproof-folded"; // the failure whose details the author has closed
  const STYLE = `
    :host { all: initial; display: block; position: sticky; top: 0; z-index: 2147483647;
            flex: none; color: #fff; background: #9b1c1c; border-bottom: 3px solid #ffb4a9;
            font: 16px/1.5 system-ui, sans-serif; }
    details { box-sizing: border-box; max-height: 40vh; overflow: auto; padding: 0.5rem 1rem; }
    summary { font-weight: 700; cursor: pointer; }
    summary:focus-visible { outline: 2px solid #fff; outline-offset: 2px; }
    pre { margin: 0.4rem 0 0; font: 0.875rem/1.5 ui-monospace, monospace;
          white-space: pre-wrap; overflow-wrap: anywhere; }`;
  const { title } = document;
  let banner = null;
  let source = null;

  function element(name, text) {
    const made = document.createElement(name);
    made.textContent = text;
    return made;
  }

  function show(failure) {
    const known = failure ? [failure.title, ...failure.lines].join("\n") : "";
    if (banner?.dataset.failure === known) return;
    banner?.remove();
    banner = null;
    document.title = title;
    document.documentElement.style.scrollPaddingTop = "";
    if (!failure) return;
    const details = document.createElement("details");
    details.append(element("summary", `✗ ${failure.title}`), element("pre", failure.lines.join("\n")));
    details.open = sessionStorage.getItem(FOLDED) !== known;
    details.addEventListener("toggle", () => {
      sessionStorage.setItem(FOLDED, details.open ? "" : known);
    });
    banner = document.createElement("div");
    banner.id = "bookproof-banner";
    banner.dataset.failure = known;
    banner.setAttribute("role", "alert");
    banner.attachShadow({ mode: "open" }).append(element("style", STYLE), details); // no page's CSS
    document.body.prepend(banner);
    // What a link leads to shall not end up behind the banner.
    const shown = banner;
    new ResizeObserver(() => {
      if (shown !== banner) return;
      document.documentElement.style.scrollPaddingTop = `${banner.offsetHeight + 8}px`;
    }).observe(banner);
    document.title = `✗ ${title}`;
  }

  // A browser has but six connections to a server: tabs that nobody sees shall not take them all.
  function connect() {
    source?.close();
    if (document.hidden) return;
    source = new EventSource(`/__bookproof/events?${query}`);
    source.onmessage = ({ data }) => {
      const now = JSON.parse(data);
      if (now.version !== version) location.reload(); // keeps the place on the page
      else show(now.failure);
    };
  }

  document.addEventListener("visibilitychange", connect);
  connect();
})();
