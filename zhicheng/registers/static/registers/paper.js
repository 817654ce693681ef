// A scanner types the next page's code into the same box: it is emptied and chosen after each.
(function () {
  "use strict";

  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest ? event.target.closest("form[data-paper]") : null;
    if (!form) return;
    const box = form.querySelector("input[name='text']");
    box.value = "";
    box.focus();
  });
})();
