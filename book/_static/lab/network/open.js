"use strict";

/* Loads the pasted network when the reader comes to it: its section is in view, or the address asks
   for a network. Until then the page is as light as without it. */

(() => {
  const FILES = (
    "tokens expressions statements parse " +
    "arguments convolutions pools shaping norms activations resizing layers " +
    "changes values fields functional methods steps builtins calls evaluation reader network " +
    "why search remedies mistakes links form page"
  ).split(" ");
  const folder = document.currentScript.src.replace(/[^/]*$/, "");
  const place = document.getElementById("network");
  const section = place.closest("section");
  const asked = () => /^#(?:net|mistake)=/.test(location.hash);

  const arrival = (made) =>
    new Promise((resolve, reject) => {
      Object.assign(made, { onload: resolve, onerror: reject });
      document.head.append(made);
    });

  const style = () =>
    arrival(Object.assign(document.createElement("link"), { rel: "stylesheet", href: `${folder}network.css` }));
  const script = (name) =>
    arrival(Object.assign(document.createElement("script"), { src: `${folder}${name}.js`, async: false }));

  let opened = false;
  async function open() {
    if (opened) return;
    opened = true;
    try {
      await Promise.all([style(), ...FILES.map(script)]);
      NetworkPage(place);
    } catch {
      place.textContent = "没有取到这一部分的脚本：连上网络以后，重新打开本页。";
    }
    place.style.minHeight = "";
  }

  place.style.minHeight = "40rem"; // what follows stays out of view until it has come
  if (asked()) open();
  addEventListener("hashchange", () => asked() && open());
  new IntersectionObserver((entries) => entries.some((one) => one.isIntersecting) && open()).observe(section);
})();
