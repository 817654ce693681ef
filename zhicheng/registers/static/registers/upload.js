// Shows how far an upload is. Without this script the form works all the same.
(function () {
  "use strict";

  const box = (event) => {
    const form = event.target.closest ? event.target.closest("form[data-upload]") : null;
    return form && form.querySelector("[data-progress]");
  };

  document.addEventListener("htmx:beforeRequest", (event) => {
    const shown = box(event);
    if (!shown) return;
    const text = shown.querySelector("[data-progress-text]");
    shown.hidden = false;
    text.textContent = text.dataset.sending;
  });

  document.addEventListener("htmx:xhr:progress", (event) => {
    const shown = box(event);
    if (!shown || !event.detail.lengthComputable) return;
    const gauge = shown.querySelector("progress");
    const text = shown.querySelector("[data-progress-text]");
    if (event.detail.loaded < event.detail.total) {
      gauge.value = Math.round((event.detail.loaded / event.detail.total) * 100);
    } else {
      gauge.removeAttribute("value");
      text.textContent = text.dataset.checking;
    }
  });

  document.addEventListener("htmx:sendError", (event) => {
    const shown = box(event);
    if (shown) shown.querySelector("[data-progress-text]").textContent = shown.dataset.offline;
  });
})();
