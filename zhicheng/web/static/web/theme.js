// Before the first paint: the theme that was chosen here, else the system's, also when it changes.
(function () {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  function chosen() {
    try { return localStorage.getItem("zc-theme"); } catch { return null; }
  }
  function apply() {
    const dark = chosen() ? chosen() === "dark" : system.matches;
    root.setAttribute("data-bs-theme", dark ? "dark" : "light");
  }
  // Back to what the system has means following it again.
  function choose(theme) {
    try {
      if ((theme === "dark") === system.matches) localStorage.removeItem("zc-theme");
      else localStorage.setItem("zc-theme", theme);
    } catch { /* not kept, but shown */ }
    root.setAttribute("data-bs-theme", theme);
  }
  system.addEventListener("change", apply);
  addEventListener("storage", apply);
  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-theme-switch]")) choose(root.getAttribute("data-bs-theme") === "dark" ? "light" : "dark");
  });
  apply();
})();
