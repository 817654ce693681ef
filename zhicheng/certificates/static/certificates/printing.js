// A print job's page: the file is shown in the frame, whose own button prints it.
(function () {
  "use strict";
  // The page then shows that the file went out, and what comes next; never under somebody's hands.
  function tell() {
    const now = document.getElementById("job-now");
    if (now.querySelector("dialog[open]")) return;
    for (const field of now.querySelectorAll(".zc-print-tray input[type=text]")) {
      if (field.value) return;
    }
    document.body.dispatchEvent(new CustomEvent("zc:printed"));
  }
  document.addEventListener("submit", function (event) {
    const form = event.target;
    if (!form.matches("[data-print-form]")) return;
    const frame = document.getElementById("print-frame");
    if (frame && form.target === frame.name) {
      frame.hidden = false;
      frame.scrollIntoView({ block: "end" });
      frame.addEventListener("load", tell, { once: true });
    }
    // A download tells nobody when it comes: looked for soon, and once more on a slow line.
    setTimeout(tell, 1200);
    setTimeout(tell, 5000);
  });
})();
