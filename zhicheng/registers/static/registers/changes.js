// "Keep all of the page" and "take all of the file": ticks the radio buttons of the form.
(function () {
  "use strict";

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-choose]");
    if (!button) return;
    const form = button.closest("form[data-choices]");
    form.querySelectorAll(`input[type="radio"][value="${button.dataset.choose}"]`).forEach((box) => {
      box.checked = true;
    });
  });
})();
