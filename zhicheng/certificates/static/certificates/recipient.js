// Who takes the certificate: an agent's fields are shown when an agent takes it.
(function () {
  "use strict";

  function show(box) {
    const choice = box.querySelector("select[name=relation]");
    const agent = choice && choice.value === "agent";
    box.querySelectorAll("[data-for-agent]").forEach((part) => (part.hidden = !agent));
    box.querySelectorAll("[data-for-holder]").forEach((part) => (part.hidden = agent));
  }
  function showAll() {
    document.querySelectorAll("[data-recipient]").forEach(show);
  }
  document.addEventListener("change", function (event) {
    const box = event.target.closest("[data-recipient]");
    if (box) show(box);
  });
  document.addEventListener("DOMContentLoaded", showAll);
  document.addEventListener("htmx:afterSettle", showAll);

  document.addEventListener("click", function (event) {
    const copier = event.target.closest("[data-copy]");
    if (!copier) return;
    const text = document.getElementById(copier.dataset.copy);
    text.select();
    const done = () => (copier.textContent = copier.dataset.copied);
    if (navigator.clipboard) navigator.clipboard.writeText(text.value).then(done, () => {});
    else if (document.execCommand("copy")) done();
  });
})();
