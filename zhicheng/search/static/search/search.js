// The search box: "/" goes to it, arrows walk through what was found, Escape closes it.
(() => {
  "use strict";
  const box = document.getElementById("search-box");
  if (!box) return;
  const list = document.getElementById("search-found");
  const links = () => [...list.querySelectorAll("a, button")];
  const show = (shown) => {
    list.hidden = !shown;
    box.setAttribute("aria-expanded", String(shown));
  };
  const close = () => show(false);
  const typing = (element) => element.closest("input, textarea, select, [contenteditable]");

  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing(event.target)) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
  // An answer that comes late doesn't open what was closed or left meanwhile.
  let wanted = false;
  list.addEventListener("htmx:afterSwap", () => {
    show(wanted && Boolean(box.value.trim()) && box.form.contains(document.activeElement));
  });
  box.addEventListener("input", () => { wanted = true; if (!box.value.trim()) close(); });
  box.addEventListener("focus", () => { if (wanted && box.value.trim() && list.childElementCount) show(true); });
  box.form.addEventListener("keydown", (event) => {
    // The arrows and Escape of an input method are its own.
    if (event.isComposing) return;
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      wanted = false;
      close();
      box.focus();
      return;
    }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const all = links();
    if (event.target === box && event.key === "ArrowDown" && list.hidden && box.value.trim()) {
      wanted = true;
      show(list.childElementCount > 0);
    }
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
