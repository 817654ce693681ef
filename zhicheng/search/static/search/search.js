// The search box: "/" goes to it, arrows walk through what was found, Escape closes it.
(() => {
  "use strict";
  const box = document.getElementById("search-box");
  if (!box) return;
  const list = document.getElementById("search-found");
  const links = () => [...list.querySelectorAll("a, button")];
  const close = () => { list.hidden = true; };
  const typing = (element) => element.closest("input, textarea, select, [contenteditable]");

  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing(event.target)) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
  list.addEventListener("htmx:afterSwap", () => { list.hidden = !box.value.trim(); });
  box.addEventListener("input", () => { if (!box.value.trim()) close(); });
  box.addEventListener("focus", () => { if (box.value.trim() && list.childElementCount) list.hidden = false; });
  box.form.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
      box.focus();
      return;
    }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const all = links();
    if (list.hidden || !all.length) return;
    event.preventDefault();
    const next = all.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    if (next < 0) box.focus(); else all[Math.min(next, all.length - 1)].focus();
  });
  document.addEventListener("click", (event) => { if (!box.form.contains(event.target)) close(); });
  box.form.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !box.form.contains(event.relatedTarget)) close();
  });
})();
