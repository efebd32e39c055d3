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

document.body.classList.toggle("on-disk", location.protocol === "file:"); // for the mathematics
addCopyButtons();
addZoom();
addDrawers();
focusScrollers();
addEventListener("resize", focusScrollers);
addEventListener("toggle", focusScrollers, true);
