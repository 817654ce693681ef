// Small helps on the public pages; each page works without them.
"use strict";
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
// A code shows in groups while it is typed at its end.
for (const box of document.querySelectorAll("input[data-groups]")) {
  const size = Number(box.dataset.groups);
  box.addEventListener("input", event => {
    const end = box.value.length;
    if (event.isComposing || box.selectionStart !== end) return;
    const signs = box.value.toUpperCase().replace(/[\s\-–—]/g, "");
    const groups = signs.match(new RegExp(`.{1,${size}}`, "gu")) || [];
    box.value = groups.join(" ");
  });
}
