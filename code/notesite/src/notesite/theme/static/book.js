/* What a page can do: copy code, enlarge figures, be used by keyboard alone. */
"use strict";

/** Give every code cell a button that copies its code. */
function addCopyButtons() {
  for (const code of document.querySelectorAll(".cell_input pre")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "复制";
    button.setAttribute("aria-label", "复制代码");
    button.addEventListener("click", async () => {
      let done = "已复制";
      try {
        await navigator.clipboard.writeText(code.textContent.trimEnd());
      } catch {
        getSelection().selectAllChildren(code);
        if (!document.execCommand("copy")) done = "已选中，请按复制键";
      }
      button.textContent = done;
      setTimeout(() => (button.textContent = "复制"), 2000);
    });
    code.parentElement.append(button);
  }
}

/** Make figures links to themselves that open in a dialog. */
function addZoom() {
  const dialog = document.createElement("dialog");
  dialog.className = "zoom";
  dialog.setAttribute("aria-label", "放大的图");
  dialog.innerHTML = '<form method="dialog"><button>关闭</button></form>';
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  document.body.append(dialog);
  for (const image of document.querySelectorAll(".cell_output img, article figure img")) {
    const link = document.createElement("a");
    link.href = image.src;
    link.className = ["zoom", ...image.classList].join(" "); // hidden where the image is
    image.replaceWith(link);
    link.append(image);
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      dialog.querySelector("img")?.remove();
      const large = new Image();
      large.src = image.src;
      large.alt = image.alt;
      large.className = image.className;
      dialog.append(large);
      dialog.showModal();
    });
  }
}

/** Let buttons open and close the drawers, which are the theme's checkboxes; so does Escape. */
function addDrawers() {
  for (const button of document.querySelectorAll("[data-drawer]")) {
    const box = document.getElementById(button.dataset.drawer);
    const tell = () => button.setAttribute("aria-expanded", box.checked);
    button.addEventListener("click", () => box.click());
    box.addEventListener("change", tell);
    tell();
  }
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const box of document.querySelectorAll(".sidebar-toggle:checked")) box.click();
  });
}

/** Let boxes that scroll sideways take the focus, so that the arrow keys scroll them. */
function focusScrollers() {
  for (const box of document.querySelectorAll("pre, .cell_output, .table-wrapper, .math-wrapper, div.math"))
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
}

/** Open what is folded around the place that an address leads to; on paper all of it, with its figures. */
function addUnfolding() {
  const unfold = () => {
    const place = document.querySelector(":target");
    const around = [];
    for (let one = place?.closest("details"); one; one = one.parentElement.closest("details"))
      if (!one.open) around.push(one);
    for (const one of around) one.open = true;
    if (around.length) place.scrollIntoView();
  };
  addEventListener("hashchange", unfold);
  unfold();
  let folded = [];
  addEventListener("beforeprint", () => {
    // Some browsers print what has been loaded, and no more.
    const late = document.querySelectorAll("article img[loading=lazy]:not(.only-dark)");
    late.forEach((image) => (image.loading = "eager"));
    folded = [...document.querySelectorAll("details:not([open])")];
    for (const one of folded) one.open = true;
  });
  addEventListener("afterprint", () => folded.forEach((one) => (one.open = false)));
}

/* What was read: kept in this browser alone, by the place of each page in the book. */
const ROOT = new URL("..", document.currentScript.src);
const READ = `read ${ROOT.pathname}`;

function pagesRead() {
  try {
    return JSON.parse(localStorage.getItem(READ)) ?? {};
  } catch {
    return {};
  }
}

function keepRead(pages) {
  try {
    localStorage.setItem(READ, JSON.stringify(pages));
  } catch {} // it is not allowed, or full
}

/** Remember how far a chapter was read, and whether to its end. */
function rememberReading() {
  const name = location.href.split(/[?#]/)[0].slice(ROOT.href.length);
  const end = document.querySelector("article > section > :last-child");
  if (!document.querySelector(".chapter-head") || !end) return;
  const keep = () => {
    const pages = pagesRead();
    const [h1, ...parts] = document.querySelectorAll("article :is(h1, h2, h3)");
    const part = parts.findLast((one) => one.getBoundingClientRect().top < innerHeight / 2);
    const done = pages[name]?.done || end.getBoundingClientRect().bottom < innerHeight + 50;
    const words = (one) => one?.firstChild.textContent ?? "";
    const at = part?.closest("section").id ?? "";
    pages[name] = { title: words(h1), part: words(part), at, done, time: Date.now() };
    keepRead(pages);
  };
  let soon = 0;
  addEventListener("scroll", () => {
    clearTimeout(soon);
    soon = setTimeout(keep, 300);
  });
  addEventListener("pagehide", keep);
  keep();
}

/** Mark the links to chapters that were read. */
function showReading() {
  const pages = pagesRead();
  for (const link of document.querySelectorAll(".chapter-list a, .chapter-head a, .sidebar-tree a")) {
    const name = link.href.split("#")[0].slice(ROOT.href.length);
    link.classList.toggle("read", !link.hash && Boolean(pages[name]?.done));
  }
}

document.body.classList.toggle("on-disk", location.protocol === "file:"); // for the mathematics
addCopyButtons();
addZoom();
addDrawers();
focusScrollers();
addEventListener("resize", focusScrollers);
addEventListener("toggle", focusScrollers, true);
addUnfolding();
rememberReading();
showReading();
addEventListener("pageshow", showReading);
addEventListener("storage", showReading); // the page before may tell late
