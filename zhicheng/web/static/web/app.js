// Small helpers of every page: theme, dialogs, select-all, scanner. No inline scripts anywhere.
(function () {
  "use strict";

  document.addEventListener("click", function (event) {
    const theme = event.target.closest("[data-theme-switch]");
    if (theme) {
      const root = document.documentElement;
      const next = root.getAttribute("data-bs-theme") === "dark" ? "light" : "dark";
      root.setAttribute("data-bs-theme", next);
      localStorage.setItem("zc-theme", next);
      return;
    }
    const opener = event.target.closest("[data-dialog]");
    if (opener) {
      const dialog = document.getElementById(opener.dataset.dialog);
      if (dialog) {
        copySelection(dialog);
        dialog.showModal();
      }
      return;
    }
    const closer = event.target.closest("[data-dialog-close]");
    if (closer) closer.closest("dialog").close();
  });

  // A dialog's form carries the boxes that are ticked in the table it names.
  function copySelection(dialog) {
    dialog.querySelectorAll("input[data-copied]").forEach((input) => input.remove());
    const form = dialog.querySelector("form");
    const ticked = document.querySelectorAll("input[data-pick]:checked");
    ticked.forEach(function (box) {
      const input = document.createElement("input");
      input.type = "hidden";
      input.name = box.name;
      input.value = box.value;
      input.dataset.copied = "";
      form.append(input);
    });
    dialog.querySelectorAll("[data-picked-count]").forEach(function (place) {
      place.textContent = String(ticked.length);
    });
  }

  function countPicked() {
    const count = document.querySelectorAll("input[data-pick]:checked").length;
    document.querySelectorAll("[data-picked-now]").forEach(function (place) {
      place.textContent = String(count);
    });
    document.querySelectorAll("[data-needs-pick]").forEach(function (button) {
      button.disabled = count === 0;
    });
  }

  document.addEventListener("change", function (event) {
    const all = event.target.closest("input[data-pick-all]");
    if (all) {
      document.querySelectorAll("input[data-pick]:not(:disabled)").forEach(function (box) {
        box.checked = all.checked;
      });
    }
    if (all || event.target.matches("input[data-pick]")) countPicked();
    const submit = event.target.closest("[data-submit-on-change]");
    if (submit) submit.form.requestSubmit();
  });

  // A keyboard-wedge scanner types a text and Enter; the row that carries it is ticked.
  function beep(good) {
    const Context = window.AudioContext || window.webkitAudioContext;
    if (!Context) return;
    const context = beep.context || (beep.context = new Context());
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.frequency.value = good ? 1320 : 220;
    volume.gain.value = 0.06;
    tone.connect(volume).connect(context.destination);
    tone.start();
    tone.stop(context.currentTime + (good ? 0.08 : 0.3));
  }

  document.addEventListener("keydown", function (event) {
    const input = event.target.closest && event.target.closest("[data-scanner-input]");
    if (!input || event.key !== "Enter") return;
    event.preventDefault();
    const text = input.value.trim();
    input.value = "";
    if (!text) return;
    const said = input.closest("[data-scanner]").querySelector("output");
    const table = document.getElementById(input.closest("[data-scanner]").dataset.scanner);
    const plain = text.replace(/^0+(?=\d)/, "");
    const row = Array.from(table ? table.querySelectorAll("tr[data-scan]") : []).find((item) =>
      item.dataset.scan.split(" ").some((code) => code === text || code === plain)
    );
    const box = row && row.querySelector("input[data-pick]:not(:disabled)");
    const again = box && box.checked;
    said.className = "zc-scanner-said " + (box ? "zc-known" : "zc-unknown");
    said.textContent =
      (box ? (again ? said.dataset.again : said.dataset.known) : said.dataset.unknown) + " " + text;
    if (box) {
      box.checked = true;
      row.classList.add("zc-scanned");
      row.scrollIntoView({ block: "nearest" });
    }
    beep(Boolean(box));
    countPicked();
  });

  // An ID number must never stand in an address: the search box refuses it before it is sent.
  document.addEventListener("submit", function (event) {
    const search = event.target.querySelector && event.target.querySelector("input[data-no-id]");
    if (search && /\d{15}|\d{17}[\dXx]/.test(search.value.replace(/\s/g, ""))) {
      event.preventDefault();
      search.setCustomValidity(search.dataset.noId);
      search.reportValidity();
      search.setCustomValidity("");
    }
  });

  document.addEventListener("htmx:afterSwap", countPicked);
  document.addEventListener("DOMContentLoaded", countPicked);
  document.addEventListener("htmx:responseError", function () {
    const place = document.getElementById("alerts");
    if (place) {
      place.innerHTML = "";
      const alert = document.createElement("div");
      alert.className = "zc-refusal";
      alert.textContent = "系统没有完成这次操作，请刷新页面后重试。 The server did not complete this.";
      place.append(alert);
    }
  });
})();
