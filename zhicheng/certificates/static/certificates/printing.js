// A print job's page: the file is shown in the frame, whose own button prints it.
(function () {
  "use strict";
  document.addEventListener("submit", function (event) {
    const form = event.target;
    if (!form.matches("[data-print-form]")) return;
    const frame = document.getElementById("print-frame");
    if (frame && form.target === frame.name) {
      frame.hidden = false;
      frame.scrollIntoView({ block: "end" });
    }
    // The page then shows that the file went out, and what comes next.
    setTimeout(function () {
      document.body.dispatchEvent(new CustomEvent("zc:printed"));
    }, 1200);
  });
})();
