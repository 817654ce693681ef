// Before the first paint: the theme that was chosen here, else the system's.
(function () {
  const chosen = localStorage.getItem("zc-theme");
  const dark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.setAttribute("data-bs-theme", dark ? "dark" : "light");
})();
